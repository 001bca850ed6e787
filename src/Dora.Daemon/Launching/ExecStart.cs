// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Text;
using Dora.Platform;
using Dora.Platform.Files;
using Dora.Platform.Processes;
using Dora.Protocol.Messages;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;

namespace Dora.Daemon.Launching;

internal enum ExecOutcomeKind
{
    /// <summary>The shim has become the program.</summary>
    Executed,

    /// <summary>A step failed and was explained.</summary>
    Failed,

    /// <summary>The shim ended without a word.</summary>
    Vanished,
}

internal readonly record struct ExecOutcome(ExecOutcomeKind Kind, int Errno = 0, string Message = "");

/// <summary>The launcher's side of starting an <see cref="ExecShim"/>: descriptors for it, and word of how it went.</summary>
/// <remarks>
/// The shim's descriptors: 0 = /dev/null, 1 and 2 = the node's output, 3 = pipe with the secret, 4 = the node's <see cref="Lifeline"/>, whose
/// other end this process has (the node keeps these five), 5 = pipe with the <see cref="LaunchSpec"/>, 6 = pipe back to here: one byte
/// <see cref="ReadyToExecute"/>, or on failure <see cref="FailureFollows"/>, errno (i32 little-endian) and text. All from 5 on vanish with
/// execve, so that the end of pipe 6 after <see cref="ReadyToExecute"/> is the news that the program runs.
/// </remarks>
internal sealed class ExecStart : IDisposable
{
    public const int SecretFd = 3;
    public const int LifelineFd = 4;
    public const int SpecFd = 5;
    public const int ReportFd = 6;
    public const byte ReadyToExecute = 1;
    public const byte FailureFollows = 2;
    private const int ReportBytesMax = 16 << 10;

    private readonly SafeFileHandle _spec;
    private readonly SafeFileHandle _report;
    private readonly SafeFileHandle _lifeline;

    private ExecStart(int pid, SafeFileHandle spec, SafeFileHandle report, SafeFileHandle lifeline)
    {
        Pid = pid;
        _spec = spec;
        _report = report;
        _lifeline = lifeline;
    }

    /// <summary>The shim's pid: also the node's, and its process group.</summary>
    public int Pid { get; }

    /// <summary>Spawns the shim. The calling thread must live as long as the node may.</summary>
    public static ExecStart Spawn(LaunchSpec spec, int ownArgumentCount)
    {
        var secret = FileDescriptors.CreatePipe();
        var specPipe = FileDescriptors.CreatePipe();
        var report = FileDescriptors.CreatePipe();
        var lifeline = FileDescriptors.CreatePipe();
        try
        {
            if (!spec.Secret.IsEmpty)
                FileDescriptors.WriteAll(secret.WriteEnd, spec.Secret.Span); // 32 bytes: fits any pipe
            var pid = ProcessSpawner.Spawn(new SpawnRequest
            {
                Path = "/proc/self/exe", // still this very program if its file was replaced meanwhile
                Arguments = [.. OwnCommandLine(ownArgumentCount), ExecShim.Command, $"{Environment.ProcessId}"],
                NewProcessGroup = true,
                Descriptors =
                [
                    (1, new SafeFileHandle(1, ownsHandle: false)),
                    (2, new SafeFileHandle(2, ownsHandle: false)),
                    (SecretFd, secret.ReadEnd),
                    (LifelineFd, lifeline.ReadEnd),
                    (SpecFd, specPipe.ReadEnd),
                    (ReportFd, report.WriteEnd),
                ],
            });
            return new ExecStart(pid, specPipe.WriteEnd, report.ReadEnd, lifeline.WriteEnd);
        }
        catch
        {
            specPipe.WriteEnd.Dispose();
            report.ReadEnd.Dispose();
            lifeline.WriteEnd.Dispose();
            throw;
        }
        finally
        {
            secret.ReadEnd.Dispose();
            secret.WriteEnd.Dispose();
            specPipe.ReadEnd.Dispose();
            report.WriteEnd.Dispose();
            lifeline.ReadEnd.Dispose();
        }
    }

    /// <summary>Tells the shim what to become.</summary>
    public void SendSpec(LaunchSpec spec)
    {
        try
        {
            FileDescriptors.WriteAll(_spec, spec.ToByteArray());
        }
        catch (PlatformException e) when (e.Errno == Errno.EPIPE)
        {
            // It is dead already; WaitForOutcome says so.
        }
        _spec.Dispose();
    }

    /// <summary>Waits until the shim has become the program, has failed, or is dead.</summary>
    public ExecOutcome WaitForOutcome()
    {
        var bytes = new byte[ReportBytesMax];
        var length = 0;
        while (length < bytes.Length && FileDescriptors.Read(_report, bytes.AsSpan(length)) is > 0 and var count)
            length += count;

        ReadOnlySpan<byte> report = bytes.AsSpan(0, length);
        var executing = !report.IsEmpty && report[0] == ReadyToExecute;
        if (executing)
            report = report[1..];
        if (report.Length >= 5 && report[0] == FailureFollows)
            return new ExecOutcome(ExecOutcomeKind.Failed, BinaryPrimitives.ReadInt32LittleEndian(report[1..]), Encoding.UTF8.GetString(report[5..]));
        return new ExecOutcome(executing ? ExecOutcomeKind.Executed : ExecOutcomeKind.Vanished);
    }

    /// <summary>Ends what still lives of the node's group.</summary>
    public void Dispose()
    {
        _spec.Dispose();
        _report.Dispose();
        _lifeline.Dispose();
    }

    // How this process was started, without its own arguments: also right under "dotnet dora.dll launch".
    private static string[] OwnCommandLine(int ownArgumentCount)
    {
        var words = File.ReadAllText("/proc/self/cmdline").TrimEnd('\0').Split('\0');
        return words[..^ownArgumentCount];
    }
}
