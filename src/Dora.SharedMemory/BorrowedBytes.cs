// SPDX-License-Identifier: Apache-2.0

using System.Buffers;

namespace Dora.SharedMemory;

/// <summary>A reusable <see cref="MemoryManager{T}"/> over bytes at an address: what makes a received sample a <see cref="ReadOnlyMemory{T}"/>
/// without an allocation.</summary>
/// <remarks>Empty while it lends nothing, so memory kept from an earlier use meets a bounds check, not a wild pointer. Pinning is a no-op:
/// the bytes never move.</remarks>
internal sealed unsafe class BorrowedBytes : MemoryManager<byte>
{
    private byte* _address;
    private int _length;

    internal ReadOnlySpan<byte> Span => new(_address, _length);

    internal ReadOnlyMemory<byte> AsMemory => CreateMemory(_length);

    /// <summary>SAFETY: whoever sets an address keeps it mapped until <see cref="Clear"/>.</summary>
    internal void Set(byte* address, int length)
    {
        _address = address;
        _length = length;
    }

    internal void Clear()
    {
        _length = 0;
        _address = null;
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(_address, _length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_length);
        return new MemoryHandle(_address + elementIndex, default, this);
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Clear();
}
