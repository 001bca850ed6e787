// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Text;
using Dora.Platform;
using Dora.Platform.Files;
using Dora.Platform.Processes;

namespace Dora.Daemon.Shell;

/// <summary>The daemon that a runtime directory belongs to: named for ever by pid, start time and boot.</summary>
/// <param name="Pid">Its process.</param>
/// <param name="StartTimeTicks">When it started, in clock ticks since boot: tells it from a later process with the same pid.</param>
/// <param name="BootId">Which boot of the machine.</param>
/// <param name="Command">How it was started, for people.</param>
public sealed record RunOwner(int Pid, ulong StartTimeTicks, string BootId, string Command)
{
    private const int BytesMax = 4096;

    /// <summary>This process.</summary>
    public static RunOwner Current()
    {
        var command = File.ReadAllText("/proc/self/cmdline").TrimEnd('\0').Replace('\0', ' ');
        return new RunOwner(
            Environment.ProcessId,
            ProcessStat.TryRead(Environment.ProcessId)?.StartTimeTicks ?? 0,
            ProcessStat.ReadBootId(),
            command.Length > 1000 ? command[..1000] : command);
    }

    /// <summary>Whether exactly that process still runs.</summary>
    public bool IsAlive() =>
        BootId == ProcessStat.ReadBootId()
        && ProcessStat.TryRead(Pid) is { HasEnded: false } stat
        && stat.StartTimeTicks == StartTimeTicks;

    internal void WriteTo(LockFile file) => RandomAccess.Write(
        file.Handle,
        Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"{Pid}\n{StartTimeTicks}\n{BootId}\n{Command.ReplaceLineEndings(" ")}\n")),
        fileOffset: 0);

    /// <summary>Null when the text is not complete.</summary>
    internal static RunOwner? Parse(string text) =>
        text.Split('\n') is [var pid, var start, { Length: > 0 } boot, var command, ""]
        && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var pidNumber)
        && ulong.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var startNumber)
            ? new RunOwner(pidNumber, startNumber, boot, command)
            : null;

    internal static RunOwner? TryReadFrom(string path)
    {
        try
        {
            var bytes = new byte[BytesMax];
            return Parse(Encoding.UTF8.GetString(bytes, 0, Math.Max(0, LockFile.Read(path, bytes))));
        }
        catch (PlatformException)
        {
            return null;
        }
    }
}
