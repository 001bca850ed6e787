// SPDX-License-Identifier: Apache-2.0

using Dora.Cli.Output;
using Dora.Platform;
using Dora.Platform.Memory;
using Dora.Platform.Sockets;
using Dora.Platform.Synchronization;

namespace Dora.Cli.Checks;

/// <summary>What dora asks of Linux.</summary>
internal static class KernelChecks
{
    /// <summary>F_SEAL_FUTURE_WRITE came with 5.1, pidfd_open with 5.3, close_range with 5.9.</summary>
    private static readonly Version OldestKernel = new(5, 9);

    private static readonly long ProbeBytes = Environment.SystemPageSize;

    public static IEnumerable<Check> All()
    {
        yield return Check.Of("kernel", Kernel);
        yield return Check.Of("shared memory", SharedMemory);
        yield return Check.Of("sealing", Sealing);
        yield return Check.Of("descriptor passing", DescriptorPassing);
        yield return Check.Of("futex", FutexWait);
        yield return Check.Of("runtime folder", RuntimeFolder);
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
        // Creating reserves all pages by fallocate: that is what fails where memory is short.
        using var memory = MemFd.Create("dora-doctor", ProbeBytes);
        using var mapping = MemoryMapping.Map(memory, ProbeBytes, writable: true);
        return new Check("shared memory", CheckState.Ok, $"memfd, reserved by fallocate; {Words.Bytes(AvailableMemory.Bytes)} available");
    }

    private static Check Sealing()
    {
        const string Fix = "segments of payload need F_SEAL_FUTURE_WRITE (Linux 5.1): update the kernel, or leave the sandbox (gVisor) that lacks it";
        using var memory = MemFd.Create("dora-doctor", ProbeBytes);
        MemFd.AddSeals(memory, MemFdSeals.FutureWrite | MemFdSeals.Seal);
        using (MemoryMapping.Map(memory, ProbeBytes, writable: false))
        {
            try
            {
                MemoryMapping.Map(memory, ProbeBytes, writable: true).Dispose();
                return new Check("sealing", CheckState.Failed, "a sealed memfd could still be mapped for writing", Fix);
            }
            catch (PlatformException)
            {
                return new Check("sealing", CheckState.Ok, "what subscribers get is read-only to them");
            }
        }
    }

    private static Check DescriptorPassing()
    {
        using var memory = MemFd.Create("dora-doctor", ProbeBytes);
        var (first, second) = UnixSocket.CreatePair();
        using FrameChannel from = new(first);
        using FrameChannel to = new(second);
        from.Send([1], memory);
        if (!to.Read(out _) || to.TakeDescriptors(1) is not [var received])
            return new Check("descriptor passing", CheckState.Failed, "no descriptor arrived over a UNIX socket", "leave the sandbox that forbids SCM_RIGHTS");
        using (received)
            return MemFd.GetLength(received) == ProbeBytes
                ? new Check("descriptor passing", CheckState.Ok, "SCM_RIGHTS over UNIX sockets")
                : new Check("descriptor passing", CheckState.Failed, "another descriptor arrived than was sent", "leave the sandbox that does this");
    }

    private static Check FutexWait() => Futex.Works()
        ? new Check("futex", CheckState.Ok, "waits on shared memory sleep")
        : new Check("futex", CheckState.Failed, "a wait on shared memory returns at once", "allow futex(2) in the sandbox's seccomp profile");

    private static Check RuntimeFolder()
    {
        var folder = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        if (string.IsNullOrEmpty(folder))
            return new Check("runtime folder", CheckState.Note, "XDG_RUNTIME_DIR is not set; sockets go to /tmp", "log in by a session manager, or set it to a folder that only you can enter");
        return Directory.Exists(folder)
            ? new Check("runtime folder", CheckState.Ok, folder)
            : new Check("runtime folder", CheckState.Note, $"XDG_RUNTIME_DIR names {folder}, which does not exist; sockets go to /tmp", "create it with mode 0700, or unset the variable");
    }
}
