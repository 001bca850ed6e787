// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dora.Platform.Files;

/// <summary>Who owns a file and what it is: statx, never following a symbolic link at the end of the path.</summary>
/// <param name="UserId">Owner.</param>
/// <param name="Mode">Type and permission bits.</param>
/// <param name="Inode">Number within its file system.</param>
public readonly record struct FileStatus(uint UserId, int Mode, ulong Inode)
{
    private const int AtFdCwd = -100;
    private const int AtSymlinkNoFollow = 0x100;
    private const int AtEmptyPath = 0x1000;
    private const uint StatxBasicStats = 0x7ff;
    private const int TypeMask = 0xF000;
    private const int TypeFolder = 0x4000;

    /// <summary>Whether it is a folder itself, not a link to one.</summary>
    public bool IsFolder => (Mode & TypeMask) == TypeFolder;

    /// <summary>Whether group or others have any right to it.</summary>
    public bool IsOpenToOthers => (Mode & 0x3F) != 0;

    /// <summary>Looks at a path. Null: nothing is there.</summary>
    /// <exception cref="PlatformException">EACCES: a folder on the way may not be entered.</exception>
    public static FileStatus? TryRead(string path)
    {
        Span<byte> buffer = stackalloc byte[256];
        if (FileStatusCalls.statx(AtFdCwd, path, AtSymlinkNoFollow, StatxBasicStats, buffer) == 0)
            return Decode(buffer);
        var errno = Marshal.GetLastPInvokeError();
        return errno is Errno.ENOENT or Errno.ENOTDIR ? null : throw new PlatformException($"stat '{path}'", errno);
    }

    /// <summary>Looks at an open file.</summary>
    public static FileStatus Read(SafeFileHandle handle)
    {
        Span<byte> buffer = stackalloc byte[256];
        var added = false;
        handle.DangerousAddRef(ref added);
        try
        {
            return FileStatusCalls.statx((int)handle.DangerousGetHandle(), "", AtEmptyPath, StatxBasicStats, buffer) == 0
                ? Decode(buffer)
                : throw PlatformException.FromLastError("fstat");
        }
        finally
        {
            handle.DangerousRelease();
        }
    }

    // struct statx: stx_uid at 20, stx_mode (u16) at 28, stx_ino at 32; the same on every architecture.
    private static FileStatus Decode(ReadOnlySpan<byte> statx) => new(
        MemoryMarshal.Read<uint>(statx[20..]), MemoryMarshal.Read<ushort>(statx[28..]), MemoryMarshal.Read<ulong>(statx[32..]));
}

internal static partial class FileStatusCalls
{
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int statx(int folder, string path, int flags, uint mask, Span<byte> buffer);
}
