// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.Platform.Processes;

/// <summary>How a child ended, and what it used.</summary>
/// <param name="ExitCode">What it returned; 0 when a signal ended it.</param>
/// <param name="Signal">The signal that ended it; 0: none.</param>
/// <param name="CoreDumped">Whether a core file was written.</param>
/// <param name="MaxRssBytes">Largest resident size of it or of a child that it waited for.</param>
/// <param name="CpuTimeNs">User and system time of it and of the children that it waited for.</param>
public readonly record struct ChildExit(int ExitCode, int Signal, bool CoreDumped, ulong MaxRssBytes, ulong CpuTimeNs);

/// <summary>Waiting for children: waitid and wait4.</summary>
public static unsafe partial class ChildProcesses
{
    private const int PAll = 0;
    private const int WNoHang = 1;
    private const int WExited = 4;
    private const int WNoWait = 0x0100_0000;

    [StructLayout(LayoutKind.Sequential)]
    private struct RUsage
    {
        public long UserSeconds, UserMicroseconds, SystemSeconds, SystemMicroseconds, MaxRssKilobytes;
        public fixed long Rest[13];
    }

    /// <summary>Waits until any child has ended and returns its pid without reaping it: the pid stays its own. Null: no child is left.</summary>
    public static int? WaitForAny()
    {
        var info = stackalloc int[32]; // siginfo_t: 128 bytes; si_pid at 12, or at 16 where pointers are 64 bits wide
        while (waitid(PAll, 0, info, WExited | WNoWait) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.ECHILD)
                return null;
            if (errno != Errno.EINTR)
                throw new PlatformException("waitid", errno);
        }
        return info[sizeof(nint) == 8 ? 4 : 3];
    }

    /// <summary>Waits for a child's end and reaps it.</summary>
    /// <exception cref="PlatformException">ECHILD: not our child, or already reaped.</exception>
    public static ChildExit Reap(int pid)
    {
        RUsage usage;
        int status;
        while (wait4(pid, &status, 0, &usage) < 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.EINTR)
                throw new PlatformException("wait4", errno);
        }
        return Decode(status, usage);
    }

    /// <summary>Reaps a child if it has ended. Null: it runs.</summary>
    /// <exception cref="PlatformException">ECHILD: not our child, or already reaped.</exception>
    public static ChildExit? TryReap(int pid)
    {
        RUsage usage;
        int status;
        while (true)
        {
            var result = wait4(pid, &status, WNoHang, &usage);
            if (result == 0)
                return null;
            if (result > 0)
                return Decode(status, usage);
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.EINTR)
                throw new PlatformException("wait4", errno);
        }
    }

    private static ChildExit Decode(int status, in RUsage usage)
    {
        var signal = status & 0x7F;
        return new ChildExit(
            ExitCode: signal == 0 ? (status >> 8) & 0xFF : 0,
            Signal: signal,
            CoreDumped: signal != 0 && (status & 0x80) != 0,
            MaxRssBytes: (ulong)usage.MaxRssKilobytes * 1024,
            CpuTimeNs: (ulong)(((usage.UserSeconds + usage.SystemSeconds) * 1_000_000_000)
                + ((usage.UserMicroseconds + usage.SystemMicroseconds) * 1_000)));
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitid(int idType, uint id, int* info, int options);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int wait4(int pid, int* status, int options, RUsage* usage);
}
