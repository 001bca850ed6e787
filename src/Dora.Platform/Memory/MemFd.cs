// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dora.Platform.Memory;

/// <summary>Anonymous shared memory without a name in any file system: it lives as long as a descriptor or a mapping of it.</summary>
public static class MemFd
{
    /// <summary>Left over for everybody's ordinary memory.</summary>
    private const long ReserveBytes = 16 << 20;

    /// <summary>The most that <see cref="Create"/> would reserve at this moment, bytes; not greater than 0: nothing. Reads a few files.</summary>
    public static long BytesLeft => AvailableMemory.Bytes - ReserveBytes;

    /// <summary>Creates memory of a fixed length, all of it reserved: running out is an error here and never a SIGBUS later.</summary>
    /// <param name="name">Shown in <c>/proc/PID/fd</c> and maps; for people only.</param>
    /// <param name="lengthBytes">Greater than 0; rounded up to pages by the kernel.</param>
    /// <returns>A close-on-exec descriptor, owned by the caller, sealed against growing and shrinking but open to further seals.</returns>
    /// <exception cref="PlatformException">ENOSPC or ENOMEM: not enough memory. EMFILE, ENFILE: no descriptor left.</exception>
    public static SafeFileHandle Create(string name, long lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lengthBytes);
        var operation = $"reserve {lengthBytes} bytes of shared memory for '{name}'";
        // Asking the kernel for more than there is would not fail but kill, so look first.
        if (lengthBytes > BytesLeft)
            throw new PlatformException(operation, Errno.ENOMEM);
        var fd = Open(name);
        try
        {
            // fallocate on an empty file also sets its length, so no ftruncate is needed.
            while (MemoryCalls.fallocate(fd, 0, 0, lengthBytes) != 0)
            {
                if (Marshal.GetLastPInvokeError() != Errno.EINTR)
                    throw PlatformException.FromLastError(operation);
            }

            AddSeals(fd, MemFdSeals.Grow | MemFdSeals.Shrink);
            return fd;
        }
        catch
        {
            fd.Dispose();
            throw;
        }
    }

    /// <summary>Adds seals. They can't be taken off again.</summary>
    /// <exception cref="PlatformException">EPERM: sealed against seals, or not a sealable memfd.</exception>
    public static void AddSeals(SafeHandle fd, MemFdSeals seals)
    {
        if (MemoryCalls.fcntl(fd, MemoryCalls.F_ADD_SEALS, (int)seals) != 0)
            throw PlatformException.FromLastError($"seal a memfd with {seals}");
    }

    /// <summary>The seals a descriptor carries.</summary>
    /// <exception cref="PlatformException">EINVAL: not a memfd.</exception>
    public static MemFdSeals GetSeals(SafeHandle fd)
    {
        var seals = MemoryCalls.fcntl(fd, MemoryCalls.F_GET_SEALS, 0);
        return seals < 0 ? throw PlatformException.FromLastError("read the seals of a memfd") : (MemFdSeals)seals;
    }

    /// <summary>Length in bytes of the memory behind a descriptor.</summary>
    /// <exception cref="PlatformException">Not a descriptor with a length.</exception>
    public static long GetLength(SafeHandle fd)
    {
        var length = MemoryCalls.lseek(fd, 0, MemoryCalls.SEEK_END);
        return length < 0 ? throw PlatformException.FromLastError("read the length of a memfd") : length;
    }

    private static SafeFileHandle Open(string name)
    {
        // NOEXEC_SEAL exists since Linux 6.3; an older kernel refuses the flag, and then memory is merely not sealed against exec.
        var fd = MemoryCalls.memfd_create(name, MemoryCalls.MFD_CLOEXEC | MemoryCalls.MFD_ALLOW_SEALING | MemoryCalls.MFD_NOEXEC_SEAL);
        if (fd < 0 && Marshal.GetLastPInvokeError() == Errno.EINVAL)
            fd = MemoryCalls.memfd_create(name, MemoryCalls.MFD_CLOEXEC | MemoryCalls.MFD_ALLOW_SEALING);
        if (fd < 0)
            throw PlatformException.FromLastError($"memfd_create '{name}'");
        return new SafeFileHandle(fd, ownsHandle: true);
    }
}
