// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.Platform.Memory;

/// <summary>A shared mapping of a whole memfd. Independent of the descriptor it was made from.</summary>
/// <remarks>
/// Ownership: disposing unmaps, but not before the last <see cref="SafeHandle.DangerousAddRef"/> is released; whoever
/// blocks on an address in here (a futex wait) takes such a reference, everybody else serialises with the owner's lock.
/// </remarks>
public sealed class MemoryMapping : SafeHandle
{
    private MemoryMapping(nint address, long lengthBytes)
        : base(invalidHandleValue: -1, ownsHandle: true)
    {
        SetHandle(address);
        LengthBytes = lengthBytes;
    }

    /// <summary>Length of the mapping.</summary>
    public long LengthBytes { get; }

    /// <summary>First byte of the mapping; page-aligned. Dangling after the mapping is disposed.</summary>
    public nint Address => handle;

    /// <inheritdoc/>
    public override bool IsInvalid => handle == -1;

    /// <summary>Maps memory for reading, or for reading and writing.</summary>
    /// <param name="fd">The memfd; may be closed afterwards.</param>
    /// <param name="lengthBytes">Bytes to map from the start; must not exceed the memfd's length, or touching the rest is a SIGBUS.</param>
    /// <param name="writable">Whether stores are allowed.</param>
    /// <param name="populate">Whether to fault all pages in now rather than on first use.</param>
    /// <exception cref="PlatformException">EPERM: writable asked for, but sealed against it. ENOMEM: too many mappings.</exception>
    public static MemoryMapping Map(SafeHandle fd, long lengthBytes, bool writable, bool populate = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lengthBytes);
        var protection = MemoryCalls.PROT_READ | (writable ? MemoryCalls.PROT_WRITE : 0);
        var flags = MemoryCalls.MAP_SHARED | (populate ? MemoryCalls.MAP_POPULATE : 0);
        var address = MemoryCalls.mmap(0, (nuint)lengthBytes, protection, flags, fd, 0);
        return address == -1
            ? throw PlatformException.FromLastError($"map {lengthBytes} bytes {(writable ? "read-write" : "read-only")}")
            : new MemoryMapping(address, lengthBytes);
    }

    /// <summary>Tries to make the whole mapping writable or read-only.</summary>
    /// <exception cref="PlatformException">EACCES: the memory is sealed or was opened read-only.</exception>
    public void Protect(bool writable)
    {
        var protection = MemoryCalls.PROT_READ | (writable ? MemoryCalls.PROT_WRITE : 0);
        if (MemoryCalls.mprotect(handle, (nuint)LengthBytes, protection) != 0)
            throw PlatformException.FromLastError(writable ? "make a mapping writable" : "make a mapping read-only");
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => MemoryCalls.munmap(handle, (nuint)LengthBytes) == 0;
}
