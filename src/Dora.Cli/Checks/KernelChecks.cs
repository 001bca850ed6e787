// SPDX-License-Identifier: Apache-2.0

using Dora.Platform.Memory;
using Dora.Platform.Processes;

namespace Dora.Cli.Checks;

/// <summary>What dora asks of Linux.</summary>
internal static class KernelChecks
{
    /// <summary>F_SEAL_FUTURE_WRITE came with 5.1, pidfd_open with 5.3, close_range with 5.9.</summary>
    private static readonly Version OldestKernel = new(5, 9);

    /// <summary>A node takes about 10 descriptors of the daemon, and segments and edges some more.</summary>
    private const ulong EnoughFiles = 4096;

    public static IEnumerable<Check> All()
    {
        yield return Check.Of("kernel", Kernel);
        yield return Check.Of("shared memory", SharedMemory);
        yield return Check.Of("runtime folder", RuntimeFolder);
        yield return Check.Of("open files", OpenFiles);
        yield return Check.Of("locked memory", LockedMemory);
        yield return Check.Of("real-time priority", RealTime);
        yield return Check.Of("processors", Processors);
    }

    private static Check Kernel()
    {
        var release = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        var digits = new string([.. release.TakeWhile(c => char.IsAsciiDigit(c) || c == '.')]).Trim('.');
        var isNew = Version.TryParse(digits, out var version) && version >= OldestKernel;
        return new Check("kernel", isNew ? CheckState.Ok : CheckState.Failed, release, isNew ? null : $"dora needs Linux {OldestKernel} or later");
    }

    private static Check SharedMemory()
    {
        using var memory = MemFd.Create("dora-doctor", Environment.SystemPageSize);
        using (MemoryMapping.Map(memory, Environment.SystemPageSize, writable: true))
            MemFd.AddSeals(memory, MemFdSeals.FutureWrite | MemFdSeals.Seal);
        return new Check("shared memory", CheckState.Ok, "memfd with seals, read-only for subscribers");
    }

    private static Check RuntimeFolder()
    {
        var folder = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        if (string.IsNullOrEmpty(folder))
            return new Check("runtime folder", CheckState.Note, "XDG_RUNTIME_DIR is not set; sockets go to /tmp", "log in by a session manager, or set it to a folder that only you can enter");
        return Directory.Exists(folder)
            ? new Check("runtime folder", CheckState.Ok, folder)
            : new Check("runtime folder", CheckState.Note, $"XDG_RUNTIME_DIR names {folder}, which does not exist; sockets go to /tmp", "create it with mode 0700, or unset the variable");
    }

    private static Check OpenFiles()
    {
        var (soft, hard) = ResourceLimits.Get("nofile");
        return soft >= EnoughFiles
            ? new Check("open files", CheckState.Ok, $"{Limit(soft)} (hard limit {Limit(hard)})")
            : new Check("open files", CheckState.Note, $"{Limit(soft)} (hard limit {Limit(hard)})", $"for dataflows of more than about {soft / 20} nodes: ulimit -n {Math.Min(hard, 65536)}");
    }

    private static Check LockedMemory()
    {
        var soft = ResourceLimits.Get("memlock").Soft;
        return new Check("locked memory", CheckState.Ok, soft == ulong.MaxValue ? "unlimited" : Output.Words.Bytes(soft));
    }

    private static Check RealTime()
    {
        var priority = ResourceLimits.Get("rtprio").Soft;
        return priority > 0 || ProcessControl.UserId == 0
            ? new Check("real-time priority", CheckState.Ok, ProcessControl.UserId == 0 ? "allowed (root)" : $"up to {priority}")
            : new Check("real-time priority", CheckState.Note, "not allowed", "only for nodes that ask for it: a line '@realtime - rtprio 98' in /etc/security/limits.d");
    }

    private static Check Processors() => new("processors", CheckState.Ok, $"{Environment.ProcessorCount}");

    private static string Limit(ulong value) => value == ulong.MaxValue ? "unlimited" : value.ToString();
}
