// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.Platform;
using Dora.Platform.Memory;
using Microsoft.Win32.SafeHandles;

namespace Dora.SharedMemory;

/// <summary>The steps that all three kinds of memory share: create with a header, map with a checked header.</summary>
internal static unsafe class SharedRegion
{
    /// <summary>Creates memory that begins with <paramref name="header"/> and is zero after it.</summary>
    /// <exception cref="SharedMemoryExhaustedException">Not enough memory or descriptors.</exception>
    internal static SafeFileHandle Create<THeader>(string name, long bytes, in THeader header)
        where THeader : unmanaged
    {
        SafeFileHandle? fd = null;
        try
        {
            fd = MemFd.Create(name, bytes);
            using var mapping = MemoryMapping.Map(fd, sizeof(THeader), writable: true);
            *(THeader*)mapping.Address = header;
            return fd;
        }
        catch (PlatformException e)
        {
            fd?.Dispose();
            if (e.Errno is Errno.ENOSPC or Errno.ENOMEM or Errno.EMFILE or Errno.ENFILE)
                throw new SharedMemoryExhaustedException(name, bytes, e);
            throw;
        }
    }

    /// <summary>Reads the header of memory that came from elsewhere, without trusting its length.</summary>
    /// <exception cref="SharedMemoryFormatException">Too short, or able to shrink under us.</exception>
    internal static THeader ReadHeader<THeader>(SafeHandle fd, string what, out long lengthBytes)
        where THeader : unmanaged
    {
        lengthBytes = MemFd.GetLength(fd);
        if (lengthBytes < sizeof(THeader))
            throw new SharedMemoryFormatException($"{what} of {lengthBytes} bytes");
        // Without this seal a peer could truncate the file later, and touching the mapping would be a SIGBUS.
        if ((MemFd.GetSeals(fd) & MemFdSeals.Shrink) == 0)
            throw new SharedMemoryFormatException($"{what} that is not sealed against shrinking");
        using var mapping = MemoryMapping.Map(fd, sizeof(THeader), writable: false);
        return *(THeader*)mapping.Address;
    }

    internal static void ThrowOnFault(string? fault)
    {
        if (fault is not null)
            throw new SharedMemoryFormatException(fault);
    }
}
