// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.Platform.Memory;

/// <summary>The system calls around memfd and mmap, with their native names (64-bit Linux: <c>off_t</c> is 64 bits).</summary>
internal static partial class MemoryCalls
{
    internal const uint MFD_CLOEXEC = 0x1;
    internal const uint MFD_ALLOW_SEALING = 0x2;
    internal const uint MFD_NOEXEC_SEAL = 0x8;

    internal const int F_ADD_SEALS = 1033;
    internal const int F_GET_SEALS = 1034;

    internal const int PROT_READ = 0x1;
    internal const int PROT_WRITE = 0x2;
    internal const int MAP_SHARED = 0x1;
    internal const int MAP_POPULATE = 0x8000;

    internal const int SEEK_END = 2;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fallocate(SafeHandle fd, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fcntl(SafeHandle fd, int command, int argument);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial long lseek(SafeHandle fd, long offset, int whence);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint mmap(nint address, nuint length, int protection, int flags, SafeHandle fd, long offset);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int mprotect(nint address, nuint length, int protection);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int munmap(nint address, nuint length);
}
