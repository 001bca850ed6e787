// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.Platform.Memory;

namespace Dora.SharedMemory;

/// <summary>A publisher's mapping of one segment of its payload slots.</summary>
/// <remarks>Threading: the spans of different slots may be used by different threads; disposing excludes all of them.</remarks>
public sealed unsafe class WritableSegment : IDisposable
{
    /// <summary>Up to this size all pages are mapped at set-up (0.1 ms for each MiB), so that no message pays for page faults.</summary>
    internal const long PopulateBytesMax = 64 << 20;

    private readonly MemoryMapping _mapping;
    private readonly byte* _firstSlot;

    private WritableSegment(uint id, in SegmentHeader header, MemoryMapping mapping)
    {
        Id = id;
        SlotBytes = (long)header.SlotBytes;
        SlotCount = (int)header.SlotCount;
        _mapping = mapping;
        _firstSlot = (byte*)mapping.Address + SegmentLayout.FirstSlot;
    }

    /// <summary>The segment's id, unique in its dataflow.</summary>
    public uint Id { get; }

    /// <summary>Size of a slot, headers included.</summary>
    public long SlotBytes { get; }

    /// <summary>Number of slots.</summary>
    public int SlotCount { get; }

    /// <summary>Bytes of shared memory that the segment takes.</summary>
    public long TotalBytes => _mapping.LengthBytes;

    /// <summary>Maps a segment for writing. Must happen before its creator seals it for readers.</summary>
    /// <param name="id">The id that goes into the cells.</param>
    /// <param name="fd">The memfd; may be closed afterwards.</param>
    /// <exception cref="SharedMemoryFormatException">Not a sound segment.</exception>
    /// <exception cref="Platform.PlatformException">Sealed already (EPERM), or no room for another mapping (ENOMEM).</exception>
    public static WritableSegment Map(uint id, SafeHandle fd)
    {
        var header = SharedRegion.ReadHeader<SegmentHeader>(fd, "segment", out var length);
        SharedRegion.ThrowOnFault(header.FindFault(length));
        var total = (long)header.TotalBytes;
        return new WritableSegment(id, header, MemoryMapping.Map(fd, total, writable: true, populate: total <= PopulateBytesMax));
    }

    /// <inheritdoc/>
    public void Dispose() => _mapping.Dispose();

    /// <summary>A range of a slot. The caller owns the slot and keeps this object undisposed while it uses the span.</summary>
    internal Span<byte> Bytes(int slot, long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)SlotCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)offset, (ulong)SlotBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)length, (ulong)(SlotBytes - offset));
        // SAFETY: slot, offset and length were just checked against sizes that were checked against the mapping.
        return new Span<byte>(_firstSlot + (slot * SlotBytes) + offset, length);
    }

    /// <summary>Writes the slot's header; it becomes visible to readers with the tail of each edge's ring.</summary>
    internal void WriteHeader(int slot, in SlotHeader header)
    {
        // Not as a whole: the rest of its 128 bytes is zero since the memory was made, and a cache line of its own.
        ref var target = ref MemoryMarshal.AsRef<SlotHeader>(Bytes(slot, 0, SegmentLayout.SlotHeaderBytes));
        target.Generation = header.Generation;
        target.PayloadOffset = header.PayloadOffset;
        target.PayloadLength = header.PayloadLength;
        target.MetadataLength = header.MetadataLength;
    }
}
