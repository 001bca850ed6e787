// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.Platform.Memory;
using Dora.Platform.Synchronization;

namespace Dora.SharedMemory;

/// <summary>The subscriber's end of one edge.</summary>
/// <remarks>
/// <para>Trust: as in <see cref="EdgeSender{TMemory}"/>, mirrored: the publisher can write any value at any time into the edge. A cell is copied, then
/// checked, and only the copy is used. Of the segment only the slot's generation is believed, and that is not what safety rests on.</para>
/// <para>Order: head, then tail by acquire, then the cell, then a compare-and-swap of the head, which as a full fence can't move before
/// the reading of the cell. If it succeeds nobody took the position in between, so nobody wrote the cell in between.</para>
/// <para>Threading: one thread takes. Any thread returns and sleeps on nothing but the short lock around the return ring.</para>
/// </remarks>
internal sealed unsafe class EdgeReceiver<TMemory> : IDisposable
    where TMemory : struct, IRingMemory
{
    private const uint KnownFlags = 1;
    private const int TriesMax = 1000;
    private const int LooksEvery = 8;

    private readonly MemoryMapping _mapping;
    private readonly byte* _edge;
    private readonly ulong* _returns;
    private readonly uint _deliveryMask;
    private readonly uint _returnMask;
    private readonly uint _wakeBelow; // a sender that waits for space is woken with this many messages queued, or fewer
    private readonly Lock _returnLock = new(); // a leaf: nothing else is taken under it

    private ReadableSegment[] _segments = []; // replaced as a whole, by any thread, under _returnLock
    private ReadableSegment? _lastSegment; // taking thread: most messages come from the segment of the one before
    private ulong _head; // taking thread: no head below this is right
    private ulong _tail; // taking thread: no tail below this is right
    private ulong _lastSequence; // taking thread
    private ulong _received; // taking thread
    private readonly ulong[] _stamps = new ulong[LooksEvery]; // taking thread: of messages taken since the last look at the clock
    private int _stampCount; // taking thread
    private ulong _lookedNs; // taking thread: what the clock said then
    private ulong _returnTail; // under _returnLock
    private bool _isDisposed; // under _returnLock

    /// <summary>Over memory that is mapped and checked already; owns it.</summary>
    internal EdgeReceiver(in EdgeHeader header, MemoryMapping mapping)
    {
        _mapping = mapping;
        _edge = (byte*)mapping.Address;
        _returns = (ulong*)(_edge + header.ReturnRing);
        _deliveryMask = header.DeliveryCapacity - 1;
        _wakeBelow = header.QueueSize >= EdgeLayout.LongQueue ? header.QueueSize / 2 : uint.MaxValue;
        _returnMask = header.ReturnCapacity - 1;
    }

    /// <summary>What the publisher did wrong, or null. Taking thread.</summary>
    internal string? Fault { get; private set; }

    /// <summary>Whether a take would find something. Any thread, as a hint; after a full fence, as a promise.</summary>
    internal bool HasData
    {
        get
        {
            var head = TMemory.ReadAcquire((ulong*)(_edge + EdgeLayout.Head));
            return (head >= _head && head < Volatile.Read(ref _tail)) || head != TMemory.ReadAcquire((ulong*)(_edge + EdgeLayout.Tail));
        }
    }

    /// <summary>For tests: the segments that cells may refer to.</summary>
    internal IReadOnlyList<ReadableSegment> Segments => Volatile.Read(ref _segments);

    /// <exception cref="SharedMemoryFormatException">Not a sound edge.</exception>
    internal static EdgeReceiver<TMemory> Map(SafeHandle fd)
    {
        var header = SharedRegion.ReadHeader<EdgeHeader>(fd, "edge", out var length);
        SharedRegion.ThrowOnFault(header.FindFault(length));
        return new EdgeReceiver<TMemory>(header, MemoryMapping.Map(fd, (long)header.TotalBytes, writable: true, populate: true));
    }

    /// <summary>Takes the oldest message.</summary>
    /// <param name="sample">An empty object, filled on success.</param>
    /// <param name="missingSegment">The segment that is not here yet, on <see cref="TakeResult.MissingSegment"/>.</param>
    internal TakeResult TryTake(ReceivedSample sample, out uint missingSegment)
    {
        missingSegment = 0;
        var isFirst = false;
        for (var tries = 0; tries < TriesMax && Fault is null; tries++)
        {
            // SAFETY: Head and Tail lie in the mapping; the mask keeps the cell in the delivery ring.
            var head = TMemory.ReadAcquire((ulong*)(_edge + EdgeLayout.Head));
            if (head >= _tail || head < _head)
            {
                // Only when what was known to be there is used up: the tail's line is the publisher's, and reading it takes it away.
                var tail = TMemory.ReadAcquire((ulong*)(_edge + EdgeLayout.Tail)); // acquire: the cells below it are written
                if (!AreConsistent(head, tail, out var retry))
                {
                    if (retry)
                        continue;
                    return TakeResult.Fault;
                }

                if (head == tail)
                    return TakeResult.Empty;
                isFirst = true;
            }

            ref readonly var cell = ref *sample.Cell;
            TMemory.ReadCell((EdgeCell*)(_edge + EdgeLayout.DeliveryRing + ((head & _deliveryMask) * EdgeLayout.CellBytes)), sample.Cell);

            ReadableSegment? segment = null;
            if (cell.Slot != EdgeLayout.InlineSlot && !TryHold(cell.Segment, out segment))
            {
                if (TMemory.ReadAcquire((ulong*)(_edge + EdgeLayout.Head)) != head)
                    continue; // taken back meanwhile: what we read may be half of one cell and half of another
                missingSegment = cell.Segment;
                return TakeResult.MissingSegment;
            }

            if (TMemory.CompareExchange((ulong*)(_edge + EdgeLayout.Head), head + 1, head) != head)
            {
                segment?.Release(); // the publisher took it back
                continue;
            }

            _head = head + 1;
            WakeSender(head + 1); // the compare-and-swap was the fence
            return Accept(segment, sample, isFirst);
        }

        return Fault is null ? TakeResult.Empty : TakeResult.Fault; // outrun 1000 times in a row: look again after the other inputs
    }

    /// <summary>Gives a sample's slot back to the publisher and empties the sample. Any thread, once for each sample.</summary>
    internal void Return(ReceivedSample sample)
    {
        var segment = sample.Segment;
        var slot = sample.Slot;
        sample.Clear();
        if (segment is null)
            return;
        lock (_returnLock)
        {
            if (!_isDisposed)
            {
                // SAFETY: the mask keeps the entry in the return ring. There is room, since the publisher lets no more slots out than fit;
                // if it lies about that, it overwrites its own returns.
                TMemory.WriteRelease(&_returns[_returnTail & _returnMask], ((ulong)segment.Id << 32) | slot);
                TMemory.WriteRelease((ulong*)(_edge + EdgeLayout.ReturnTail), ++_returnTail); // release: publishes the entry
                TMemory.Fence(); // against the flag, see SpaceWait
                WakeSender(TMemory.ReadAcquire((ulong*)(_edge + EdgeLayout.Head)));
            }
        }

        segment.Release();
    }

    /// <summary>Wakes a sender that waits for space, once there is enough of it to be worth a wake-up. After a full fence.</summary>
    /// <remarks>
    /// A wake-up costs us 2 µs and the sender 2 to 20 µs, time for a hundred messages: one for each message that is taken would leave both
    /// waiting for each other. So a sender in front of a long queue sleeps until half of it is empty; there is work for us meanwhile.
    /// Should we stop to take before that, the sender finds out by itself, since it never sleeps for long (WaitForSpace).
    /// </remarks>
    private void WakeSender(ulong head)
    {
        if (TMemory.ReadAcquire((uint*)(_edge + EdgeLayout.SenderWaiting)) == 0)
            return;
        if (TMemory.ReadAcquire((ulong*)(_edge + EdgeLayout.Tail)) - head <= _wakeBelow)
            SpaceWait<TMemory>.Wake((uint*)(_edge + EdgeLayout.SenderWaiting));
    }

    /// <summary>Adds a segment that cells may refer to from now on. Ignored if it is here already. Any thread.</summary>
    /// <exception cref="SharedMemoryFormatException">Not a sound segment.</exception>
    internal void AddSegment(uint id, SafeHandle fd)
    {
        if (Volatile.Read(ref _isDisposed) || Array.Exists(Volatile.Read(ref _segments), s => s.Id == id))
            return;
        var segment = ReadableSegment.Map(id, fd); // outside the lock: faulting the pages in takes milliseconds
        lock (_returnLock)
        {
            if (!_isDisposed && !Array.Exists(_segments, s => s.Id == id))
            {
                Volatile.Write(ref _segments, [.. _segments, segment]);
                return;
            }
        }

        segment.Remove();
    }

    /// <summary>Removes a segment; it stays mapped while samples in it are held. Any thread.</summary>
    internal void RemoveSegment(uint id)
    {
        lock (_returnLock)
        {
            var segment = Array.Find(_segments, s => s.Id == id);
            if (segment is null)
                return;
            Volatile.Write(ref _segments, Array.FindAll(_segments, s => s.Id != id));
            segment.Remove();
        }
    }

    internal EdgeCounters ReadCounters()
    {
        lock (_returnLock)
            return _isDisposed ? default : EdgeMemory.ReadCounters(_edge);
    }

    /// <summary>Unmaps the edge, and each segment once no sample in it is held. Not while a thread takes.</summary>
    public void Dispose()
    {
        lock (_returnLock)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            foreach (var segment in _segments)
                segment.Remove();
            _segments = [];
            _mapping.Dispose();
        }
    }

    private bool AreConsistent(ulong head, ulong tail, out bool retry)
    {
        retry = false;
        if (tail - head > (ulong)_deliveryMask + 1)
        {
            // The publisher may have dropped and published between our two reads. Then the head has moved on.
            retry = TMemory.ReadAcquire((ulong*)(_edge + EdgeLayout.Head)) != head;
            if (!retry)
                Fault = $"queue of {tail - head} messages (head {head}, tail {tail}), it holds {_deliveryMask + 1}";
            return false;
        }

        if (head < _head || tail < _tail)
        {
            Fault = $"queue went back: head {_head} to {head}, tail {_tail} to {tail}";
            return false;
        }

        (_head, _tail) = (head, tail);
        return true;
    }

    private bool TryHold(uint id, out ReadableSegment? segment)
    {
        segment = _lastSegment;
        if (segment is not null && segment.Id == id && segment.TryAddReference())
            return true;
        foreach (var candidate in Volatile.Read(ref _segments))
        {
            if (candidate.Id == id && candidate.TryAddReference())
            {
                segment = _lastSegment = candidate;
                return true;
            }
        }

        segment = null;
        return false;
    }

    private TakeResult Accept(ReadableSegment? segment, ReceivedSample sample, bool isFirst)
    {
        ref readonly var cell = ref *sample.Cell;
        var fault = cell.Sequence <= _lastSequence ? $"message {cell.Sequence} after message {_lastSequence}"
            : (cell.Flags & ~KnownFlags) != 0 ? $"unknown flags 0x{cell.Flags:x}"
            : segment is null ? FindInlineFault(cell)
            : FindSlotFault(cell, segment);
        if (fault is not null)
        {
            Fault = fault;
            segment?.Release();
            return TakeResult.Fault;
        }

        if (segment is null)
            sample.SetInline();
        else
            sample.SetSlot(segment);
        _lastSequence = cell.Sequence;
        sample.TakenNs = Count(cell.TimestampNs, isFirst);
        return TakeResult.Taken;
    }

    private static string? FindInlineFault(in EdgeCell cell) =>
        cell.MetadataLength > EdgeLayout.InlineBytes || cell.PayloadLength > EdgeLayout.InlineBytes - cell.MetadataLength
            ? $"inline message of {cell.MetadataLength} + {cell.PayloadLength} bytes"
            : null;

    private static string? FindSlotFault(in EdgeCell cell, ReadableSegment segment)
    {
        if (cell.Slot >= segment.SlotCount)
            return $"slot {cell.Slot} of segment {segment.Id}, which has {segment.SlotCount}";
        if (cell.PayloadOffset > segment.SlotBytes || cell.PayloadLength > segment.SlotBytes - cell.PayloadOffset)
            return $"payload of {cell.PayloadLength} bytes at {cell.PayloadOffset} in a slot of {segment.SlotBytes}";
        if (cell.PayloadOffset < SegmentLayout.SlotHeaderBytes
            || cell.PayloadOffset % SegmentLayout.PayloadAlignment != 0
            || cell.MetadataLength > cell.PayloadOffset - SegmentLayout.SlotHeaderBytes)
            return $"metadata of {cell.MetadataLength} bytes before a payload at {cell.PayloadOffset}";
        // SAFETY: the slot was checked, the reference is held.
        var generation = TMemory.ReadPlain(&((SlotHeader*)segment.SlotAddress(cell.Slot))->Generation);
        return generation != cell.Generation ? $"slot {cell.Slot} is of generation {generation}, the message says {cell.Generation}" : null;
    }

    /// <summary>Counts a message that was taken now, and says when that is, as far as it is known.</summary>
    /// <remarks>
    /// The clock costs 23 to 60 ns, a third of a small message. Messages that are known to wait behind each other are taken evenly enough, so
    /// the clock is read for the first and the last of them and for each eighth; when those between were taken is interpolated.
    /// </remarks>
    private ulong Count(ulong timestampNs, bool isFirst)
    {
        // SAFETY: in the mapping. Only this thread writes it, with plain stores: each is whole, and nobody draws conclusions from their order.
        *(ulong*)(_edge + EdgeLayout.Received) = ++_received;
        if (isFirst)
            CountAges(stepNs: 0); // the last known ones were taken back by the publisher
        _stamps[_stampCount++] = timestampNs;
        if (!isFirst && _head != _tail && _stampCount < LooksEvery)
            return _lookedNs;
        var nowNs = (ulong)Math.Max(0, Clocks.UnixNs); // a clock may stand before 1970, or be set back
        var stepNs = isFirst || nowNs < _lookedNs ? 0 : (nowNs - _lookedNs) / (uint)_stampCount;
        _lookedNs = nowNs;
        CountAges(stepNs);
        return nowNs;
    }

    /// <summary>Counts the ages of messages of which the last was taken when the clock was read and the others before, in steps.</summary>
    private void CountAges(ulong stepNs)
    {
        var takenNs = _lookedNs;
        while (_stampCount > 0)
        {
            var stampNs = _stamps[--_stampCount];
            // SAFETY: the bucket index is below AgeBucketCount for every age.
            ((ulong*)(_edge + EdgeLayout.AgeBuckets))[AgeHistogram.BucketOf(takenNs > stampNs ? takenNs - stampNs : 0)]++;
            takenNs -= stepNs;
        }
    }
}
