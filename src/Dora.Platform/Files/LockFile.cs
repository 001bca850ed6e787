// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dora.Platform.Files;

/// <summary>A file that is locked as long as this object lives: the kernel gives the lock up when the process dies, however it dies.</summary>
public sealed partial class LockFile : IDisposable
{
    private const int ORdwr = 2;
    private const int OCreat = 0x40;
    private const int OCloexec = 0x80000;
    private const int LockEx = 2;
    private const int LockNb = 4;

    // O_NOFOLLOW is one of the few flags that differ between architectures.
    private static readonly int ONoFollow = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    private LockFile(SafeFileHandle handle) => Handle = handle;

    /// <summary>The open file; borrowed. Read and write it with <see cref="RandomAccess"/>.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Opens a file, makes it (mode 0600) if asked to, and locks it without waiting. A symbolic link is not followed.</summary>
    /// <param name="path">Which.</param>
    /// <param name="create">Whether to make it.</param>
    /// <param name="isMissing">Set when it does not exist.</param>
    /// <returns>Null: missing, or locked by a process that lives.</returns>
    public static LockFile? TryTake(string path, bool create, out bool isMissing)
    {
        isMissing = false;
        var fd = open(path, ORdwr | OCloexec | ONoFollow | (create ? OCreat : 0), 0x180);
        if (fd < 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            isMissing = errno is Errno.ENOENT or Errno.ENOTDIR;
            return isMissing && !create ? null : throw new PlatformException($"open '{path}'", errno);
        }
        var handle = FileDescriptors.Own(fd);
        while (flock(handle, LockEx | LockNb) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.EINTR)
                continue;
            handle.Dispose();
            return errno == Errno.EAGAIN ? null : throw new PlatformException($"lock '{path}'", errno);
        }
        return new LockFile(handle);
    }

    /// <summary>Reads the beginning of such a file, locked or not. (.NET's own way to open would want a shared lock.)</summary>
    /// <returns>Bytes read.</returns>
    /// <exception cref="PlatformException">ENOENT, EACCES, ELOOP: not there, or not to be read.</exception>
    public static int Read(string path, Span<byte> buffer)
    {
        var fd = open(path, OCloexec | ONoFollow, 0);
        if (fd < 0)
            throw PlatformException.FromLastError($"open '{path}'");
        using var handle = FileDescriptors.Own(fd);
        return FileDescriptors.Read(handle, buffer);
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle handle, int operation);
}
