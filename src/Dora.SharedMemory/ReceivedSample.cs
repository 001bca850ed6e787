// SPDX-License-Identifier: Apache-2.0

namespace Dora.SharedMemory;

/// <summary>A message taken from an edge: a place in a segment that we hold, or a copy of what was inline. Reused.</summary>
/// <remarks>Threading: used by one thread at a time; whoever hands it to another thread orders that.</remarks>
#pragma warning disable CA1001 // BorrowedBytes is disposable by inheritance only; it owns nothing
internal sealed unsafe class ReceivedSample
#pragma warning restore CA1001
{
    private const int Alignment = 64;

    // Pinned, so that spans over it may be made from an address like those over a segment. Payload at the first aligned byte.
    private readonly byte[] _inline =
        GC.AllocateUninitializedArray<byte>((2 * EdgeLayout.InlineBytes) + (2 * Alignment), pinned: true);

    private readonly BorrowedBytes _payload = new();
    private readonly BorrowedBytes _metadata = new();

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

    /// <summary>Takes over a checked inline message: copies it out of the cell.</summary>
    internal void SetInline(in EdgeCell cell)
    {
        ReadOnlySpan<byte> source = cell.Inline;
        var (metadataLength, payloadLength) = ((int)cell.MetadataLength, (int)cell.PayloadLength);
        // SAFETY: pinned, so the address stays; the array has room for both at aligned places (80 → 128 bytes each, 64 to align the first).
        fixed (byte* start = _inline)
        {
            var payload = (byte*)(((nint)start + Alignment - 1) & -Alignment);
            var metadata = payload + EdgeLayout.InlineBytes;
            source[..metadataLength].CopyTo(new Span<byte>(metadata, metadataLength));
            source.Slice(metadataLength, payloadLength).CopyTo(new Span<byte>(payload, payloadLength));
            _payload.Set(payload, payloadLength);
            _metadata.Set(metadata, metadataLength);
        }

        SetHeader(cell);
    }

    /// <summary>Takes over a checked message in a slot, together with the caller's reference to its segment.</summary>
    internal void SetSlot(in EdgeCell cell, ReadableSegment segment)
    {
        var slot = segment.SlotAddress(cell.Slot);
        _payload.Set(slot + cell.PayloadOffset, (int)cell.PayloadLength);
        _metadata.Set(slot + SegmentLayout.SlotHeaderBytes, (int)cell.MetadataLength);
        Segment = segment;
        Slot = cell.Slot;
        SetHeader(cell);
    }

    /// <summary>Forgets the message; the caller has seen to the slot.</summary>
    internal void Clear()
    {
        _payload.Clear();
        _metadata.Clear();
        Segment = null;
    }

    private void SetHeader(in EdgeCell cell)
    {
        Sequence = cell.Sequence;
        TimestampNs = cell.TimestampNs;
        Flags = cell.Flags;
    }
}
