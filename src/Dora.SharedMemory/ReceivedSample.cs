// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dora.SharedMemory;

/// <summary>A message taken from an edge: a place in a segment that we hold, or a copy of what was inline. Reused.</summary>
/// <remarks>Threading: used by one thread at a time; whoever hands it to another thread orders that.</remarks>
#pragma warning disable CA1001 // BorrowedBytes is disposable by inheritance only; it owns nothing
internal sealed unsafe class ReceivedSample
#pragma warning restore CA1001
{
    private const int Alignment = 64;
    private const int InlineOffset = EdgeLayout.CellBytes - EdgeLayout.InlineBytes;

    // Pinned, so that there are addresses in it, like those in a segment. First the cell, so placed that its inline bytes are aligned: there a message
    // without metadata stays; then room for the payload of one with metadata.
    private readonly byte[] _memory = GC.AllocateUninitializedArray<byte>((3 * Alignment) + EdgeLayout.CellBytes + EdgeLayout.InlineBytes, pinned: true);
    private readonly byte* _inline;
    private readonly BorrowedBytes _payload = new();
    private readonly BorrowedBytes _metadata = new();

    internal ReceivedSample()
    {
        // SAFETY: pinned, so the address stays. The inline bytes begin at most 111 bytes in, the second place for a payload 128 behind them.
        var start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_memory));
        _inline = (byte*)((start + InlineOffset + Alignment - 1) & -Alignment);
    }

    /// <summary>Our own copy of the cell: what the one who takes fills in, and checks.</summary>
    internal EdgeCell* Cell => (EdgeCell*)(_inline - InlineOffset);

    internal ulong Sequence { get; private set; }

    internal ulong TimestampNs { get; private set; }

    /// <summary>When it was taken, Unix nanoseconds.</summary>
    internal ulong TakenNs { get; set; }

    internal uint Flags { get; private set; }

    internal ReadOnlySpan<byte> Payload => _payload.Span;

    internal ReadOnlySpan<byte> Metadata => _metadata.Span;

    internal ReadOnlyMemory<byte> PayloadMemory => _payload.AsMemory;

    internal ReadOnlyMemory<byte> MetadataMemory => _metadata.AsMemory;

    /// <summary>The segment we hold a reference to, or null for inline messages.</summary>
    internal ReadableSegment? Segment { get; private set; }

    internal uint Slot { get; private set; }

    /// <summary>Takes over the checked inline message in <see cref="Cell"/>.</summary>
    internal void SetInline()
    {
        var (metadataLength, payloadLength) = ((int)Cell->MetadataLength, (int)Cell->PayloadLength);
        var payload = _inline;
        if (metadataLength > 0)
        {
            // SAFETY: both lengths together are at most 80, and there is room for 80 bytes there.
            payload += 2 * Alignment;
            new Span<byte>(_inline + metadataLength, payloadLength).CopyTo(new Span<byte>(payload, payloadLength));
        }

        _payload.Set(payload, payloadLength);
        _metadata.Set(_inline, metadataLength);
        SetHeader();
    }

    /// <summary>Takes over the checked message of <see cref="Cell"/> in a slot, together with the caller's reference to its segment.</summary>
    internal void SetSlot(ReadableSegment segment)
    {
        ref readonly var cell = ref *Cell;
        var slot = segment.SlotAddress(cell.Slot);
        _payload.Set(slot + cell.PayloadOffset, (int)cell.PayloadLength);
        _metadata.Set(slot + SegmentLayout.SlotHeaderBytes, (int)cell.MetadataLength);
        Segment = segment;
        Slot = cell.Slot;
        SetHeader();
    }

    /// <summary>Forgets the message; the caller has seen to the slot.</summary>
    internal void Clear()
    {
        _payload.Clear();
        _metadata.Clear();
        Segment = null;
    }

    private void SetHeader()
    {
        Sequence = Cell->Sequence;
        TimestampNs = Cell->TimestampNs;
        Flags = Cell->Flags;
    }
}
