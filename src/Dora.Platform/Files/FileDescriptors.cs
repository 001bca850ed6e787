// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dora.Platform.Files;

/// <summary>Calls on file descriptors as such: pipes, duplicates, flags. Every descriptor made here is close-on-exec.</summary>
public static partial class FileDescriptors
{
    private const int FDupFdCloexec = 1030;
    private const int FGetFl = 3;
    private const int FSetFl = 4;
    private const int OCloexec = 0x80000;
    private const int ONonblock = 0x800;
    private const uint CloseRangeCloexec = 4;

    /// <summary>A new pipe; both ends block.</summary>
    /// <exception cref="PlatformException">EMFILE or ENFILE: no descriptor left.</exception>
    public static (SafeFileHandle ReadEnd, SafeFileHandle WriteEnd) CreatePipe()
    {
        Span<int> ends = stackalloc int[2];
        if (pipe2(ends, OCloexec) != 0)
            throw PlatformException.FromLastError("pipe");
        return (Own(ends[0]), Own(ends[1]));
    }

    /// <summary>A second descriptor for the same open file, numbered <paramref name="atLeast"/> or higher.</summary>
    public static SafeFileHandle Duplicate(SafeFileHandle handle, int atLeast = 3)
    {
        var copy = fcntl(handle, FDupFdCloexec, atLeast);
        return copy >= 0 ? Own(copy) : throw PlatformException.FromLastError("fcntl(F_DUPFD_CLOEXEC)");
    }

    /// <summary>Makes reads and writes return at once (EAGAIN) instead of waiting; shared by all duplicates.</summary>
    public static void SetNonBlocking(SafeFileHandle handle, bool nonBlocking)
    {
        var flags = fcntl(handle, FGetFl, 0);
        if (flags < 0 || fcntl(handle, FSetFl, nonBlocking ? flags | ONonblock : flags & ~ONonblock) < 0)
            throw PlatformException.FromLastError("fcntl(F_SETFL)");
    }

    /// <summary>Reads what is there, at most the buffer. 0 at the end; -1 when a non-blocking descriptor has nothing now.</summary>
    public static int Read(SafeFileHandle handle, Span<byte> buffer)
    {
        while (true)
        {
            var count = read(handle, buffer, (nuint)buffer.Length);
            if (count >= 0)
                return (int)count;
            var errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.EAGAIN)
                return -1;
            if (errno != Errno.EINTR)
                throw new PlatformException("read", errno);
        }
    }

    /// <summary>Writes all bytes, waiting as long as it takes on a blocking descriptor.</summary>
    /// <exception cref="PlatformException">EPIPE when nobody can read any more, and any other failure.</exception>
    public static void WriteAll(SafeFileHandle handle, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var count = write(handle, bytes, (nuint)bytes.Length);
            if (count >= 0)
            {
                bytes = bytes[(int)count..];
                continue;
            }
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.EINTR)
                throw new PlatformException("write", errno);
        }
    }

    /// <summary>Lets every descriptor from <paramref name="first"/> on vanish at the next execve.</summary>
    public static void CloseOnExecFrom(int first)
    {
        if (close_range((uint)first, uint.MaxValue, CloseRangeCloexec) != 0)
            throw PlatformException.FromLastError("close_range");
    }

    /// <summary>Wraps a descriptor that this process was started with, or that a call has just returned.</summary>
    /// <remarks>Ownership: the handle closes it.</remarks>
    public static SafeFileHandle Own(int fileDescriptor) => new(fileDescriptor, ownsHandle: true);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pipe2(Span<int> ends, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(SafeFileHandle fd, int command, nint argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(SafeFileHandle fd, Span<byte> buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(SafeFileHandle fd, ReadOnlySpan<byte> buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close_range(uint first, uint last, uint flags);
}
