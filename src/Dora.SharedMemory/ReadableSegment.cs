// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.Platform.Memory;

namespace Dora.SharedMemory;

/// <summary>A subscriber's read-only mapping of one segment, unmapped when it was removed and no sample in it is held any more.</summary>
/// <remarks>
/// Threading: counted references. One belongs to whoever made it (<see cref="Remove"/> drops it), one to each held sample. A count
/// that has reached 0 never rises again, so an address is never used after the unmapping.
/// </remarks>
internal sealed unsafe class ReadableSegment
{
    private readonly MemoryMapping _mapping;
    private readonly byte* _firstSlot;
    private int _references = 1; // any thread, interlocked
    private int _isRemoved; // any thread, interlocked

    private ReadableSegment(uint id, in SegmentHeader header, MemoryMapping mapping)
    {
        Id = id;
        SlotBytes = header.SlotBytes;
        SlotCount = header.SlotCount;
        _mapping = mapping;
        _firstSlot = (byte*)mapping.Address + SegmentLayout.FirstSlot;
    }

    internal uint Id { get; }

    internal ulong SlotBytes { get; }

    internal uint SlotCount { get; }

    /// <summary>For tests: the mapping itself.</summary>
    internal MemoryMapping Mapping => _mapping;

    /// <exception cref="SharedMemoryFormatException">Not a sound segment.</exception>
    /// <exception cref="Platform.PlatformException">No room for another mapping (ENOMEM).</exception>
    internal static ReadableSegment Map(uint id, SafeHandle fd)
    {
        var header = SharedRegion.ReadHeader<SegmentHeader>(fd, "segment", out var length);
        SharedRegion.ThrowOnFault(header.FindFault(length));
        var total = (long)header.TotalBytes;
        var populate = total <= WritableSegment.PopulateBytesMax;
        return new ReadableSegment(id, header, MemoryMapping.Map(fd, total, writable: false, populate));
    }

    /// <summary>Takes a reference unless the segment is gone. 2 × 5 ns a message, with its release; any thread.</summary>
    internal bool TryAddReference()
    {
        var seen = Volatile.Read(ref _references);
        while (seen > 0)
        {
            var now = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (now == seen)
                return true;
            seen = now;
        }

        return false;
    }

    internal void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
            _mapping.Dispose();
    }

    /// <summary>Drops the maker's reference, once.</summary>
    internal void Remove()
    {
        if (Interlocked.Exchange(ref _isRemoved, 1) == 0)
            Release();
    }

    /// <summary>First byte of a slot. The caller holds a reference and has checked <paramref name="slot"/>.</summary>
    internal byte* SlotAddress(uint slot) => _firstSlot + (slot * SlotBytes);
}
