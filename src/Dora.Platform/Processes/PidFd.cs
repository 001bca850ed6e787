// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.Platform.Files;
using Microsoft.Win32.SafeHandles;

namespace Dora.Platform.Processes;

/// <summary>Descriptors that stand for a process: readable when it has ended, immune to reuse of its pid.</summary>
public static partial class PidFd
{
    private const nint SysPidfdSendSignal = 424; // the same number on every architecture
    private const nint SysPidfdOpen = 434;

    /// <summary>Opens one. Null: there is no such process.</summary>
    public static SafeFileHandle? TryOpen(int pid)
    {
        var fd = syscall(SysPidfdOpen, pid, 0, 0, 0);
        if (fd >= 0)
            return FileDescriptors.Own((int)fd);
        var errno = Marshal.GetLastPInvokeError();
        return errno == Errno.ESRCH ? null : throw new PlatformException("pidfd_open", errno);
    }

    /// <summary>Sends a signal. False when the process has ended.</summary>
    public static bool Send(SafeFileHandle pidFd, int signal)
    {
        var added = false;
        pidFd.DangerousAddRef(ref added);
        try
        {
            if (syscall(SysPidfdSendSignal, pidFd.DangerousGetHandle(), signal, 0, 0) == 0)
                return true;
            var errno = Marshal.GetLastPInvokeError();
            return errno == Errno.ESRCH ? false : throw new PlatformException("pidfd_send_signal", errno);
        }
        finally
        {
            pidFd.DangerousRelease();
        }
    }

    /// <summary>Sends a signal to a process that was seen in /proc, and to no other one that got its pid meanwhile.</summary>
    /// <returns>False when that process has ended, or is not ours to signal.</returns>
    public static bool SendTo(in ProcessStat seen, int signal)
    {
        using var pidFd = TryOpen(seen.Pid);
        if (pidFd is null || ProcessStat.TryRead(seen.Pid)?.StartTimeTicks != seen.StartTimeTicks)
            return false;
        try
        {
            return Send(pidFd, signal);
        }
        catch (PlatformException e) when (e.Errno == Errno.EPERM)
        {
            return false;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint a1, nint a2, nint a3, nint a4);
}
