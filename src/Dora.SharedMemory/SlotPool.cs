// SPDX-License-Identifier: Apache-2.0

namespace Dora.SharedMemory;

/// <summary>All segments of one publisher, and which edges there are to hold slots.</summary>
/// <remarks>Threading: under the publisher's lock. Growing and retiring (which talk to the daemon) are the publisher's business.</remarks>
internal sealed class SlotPool
{
    /// <summary>A message may sit in a slot this many times larger than it needs, rather than make the pool grow.</summary>
    private const int FitFactor = 4;

    private readonly Dictionary<uint, PoolSegment> _byId = [];
    private PoolSegment[] _segments = []; // by slot size, then by age; replaced as a whole: walked for every message
    private PoolSegment? _lastReleased; // most slots come back to the segment of the one before
    private readonly List<bool> _edgeIndices = []; // which indices are in use

    internal IReadOnlyList<PoolSegment> Segments => _segments;

    /// <summary>Lends a slot of at least this many bytes, headers included.</summary>
    /// <param name="bytes">Bytes wanted.</param>
    /// <param name="anySize">Whether a much too large slot will do.</param>
    /// <param name="segment">Where the slot is.</param>
    /// <param name="slot">Which it is.</param>
    /// <param name="generation">Identifies this loan of it.</param>
    internal bool TryLend(long bytes, bool anySize, out PoolSegment segment, out int slot, out uint generation)
    {
        // A handful of segments: a scan beats anything cleverer.
        foreach (var candidate in _segments)
        {
            if (candidate.Memory.SlotBytes < bytes)
                continue;
            if (!anySize && candidate.Memory.SlotBytes > Math.Max(bytes, 2 * SegmentLayout.PageBytes) * FitFactor)
                break;
            if (!candidate.Book.TryLend(out slot, out generation))
                continue;
            candidate.WasUsed = true;
            segment = candidate;
            return true;
        }

        segment = null!;
        slot = 0;
        generation = 0;
        return false;
    }

    /// <summary>Whether any slot, free or not, could hold this many bytes.</summary>
    internal bool HasSlotOf(long bytes) => _segments.Length > 0 && _segments[^1].Memory.SlotBytes >= bytes;

    /// <summary>Whether a free slot holds this many bytes.</summary>
    internal bool CanLend(long bytes) => Array.Exists(_segments, s => s.Memory.SlotBytes >= bytes && s.Book.FreeCount > 0);

    /// <summary>Slots, free or not, that hold this many bytes.</summary>
    internal int CountSlotsFor(long bytes)
    {
        var count = 0;
        foreach (var segment in _segments)
        {
            if (segment.Memory.SlotBytes >= bytes)
                count += segment.Memory.SlotCount;
        }

        return count;
    }

    /// <summary>Slots of exactly this size.</summary>
    internal int CountSlotsOf(long slotBytes)
    {
        var count = 0;
        foreach (var segment in _segments)
        {
            if (segment.Memory.SlotBytes == slotBytes)
                count += segment.Memory.SlotCount;
        }

        return count;
    }

    /// <summary>Notes that an edge gave a slot back. Ids come from the peer.</summary>
    /// <returns>False if the edge holds no such slot.</returns>
    internal bool TryRelease(uint segmentId, uint slot, int edge)
    {
        var segment = _lastReleased;
        if (segment?.Memory.Id != segmentId && !_byId.TryGetValue(segmentId, out segment))
            return false;
        _lastReleased = segment;
        return slot < (uint)segment!.Memory.SlotCount && segment.Book.Release((int)slot, edge);
    }

    internal void Add(PoolSegment segment)
    {
        segment.Book.EnsureEdges(_edgeIndices.Count);
        _byId.Add(segment.Memory.Id, segment);
        var place = Array.FindIndex(_segments, s => s.Memory.SlotBytes > segment.Memory.SlotBytes);
        place = place < 0 ? _segments.Length : place;
        _segments = [.. _segments[..place], segment, .. _segments[place..]];
    }

    internal void Remove(PoolSegment segment)
    {
        _byId.Remove(segment.Memory.Id);
        _segments = Array.FindAll(_segments, s => s != segment);
        _lastReleased = null;
    }

    /// <summary>Reserves the lowest edge index that is not in use.</summary>
    internal int AddEdge()
    {
        var index = _edgeIndices.IndexOf(false);
        if (index < 0)
        {
            index = _edgeIndices.Count;
            _edgeIndices.Add(false);
            foreach (var segment in _segments)
                segment.Book.EnsureEdges(_edgeIndices.Count);
        }

        _edgeIndices[index] = true;
        return index;
    }

    /// <summary>Takes back everything that an edge holds, and its index.</summary>
    internal void RemoveEdge(int index)
    {
        foreach (var segment in _segments)
            segment.Book.Strike(index);
        _edgeIndices[index] = false;
    }
}
