// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.Platform.Memory;

namespace Dora.SharedMemory;

/// <summary>The publisher's end of one edge: its rings, its private mirror of what is in them, its counters.</summary>
/// <remarks>
/// <para>Trust: the subscriber can write any value at any time into this memory. So nothing here is read twice, every value read is
/// checked against private state before use, and the first contradiction sets <see cref="Fault"/>, after which the edge does nothing.</para>
/// <para>Order: a cell is written before the tail that covers it (release store); a position's cell is overwritten only after the head was
/// seen beyond it (acquire load, or our own compare-and-swap), so a subscriber's copy of a cell is whole whenever its
/// compare-and-swap of the head succeeds.</para>
/// <para>Threading: under the publisher's lock.</para>
/// </remarks>
internal sealed unsafe class EdgeSender<TMemory> : IDisposable
    where TMemory : struct, IRingMemory
{
    private readonly MemoryMapping _mapping;
    private readonly MappedDoorbell<TMemory> _doorbell;
    private readonly byte* _edge;
    private readonly ulong* _returns;
    private readonly uint _deliveryMask;
    private readonly uint _returnMask;
    private readonly uint _queueSize;
    private readonly uint _slotsOutMax; // for ordinary messages; the rest of the return ring is for correlated ones
    private readonly bool _mayDrop;
    private readonly Queued[] _mirror; // what each cell refers to; the shared cells are never read back

    private ulong _tail; // next position to write
    private ulong _head; // last head known to be right
    private ulong _returnHead; // next entry of the return ring to read
    private uint _slotsOut; // slots queued, held, or returned but not yet read: at most the return ring's capacity
    private ulong _sent;
    private ulong _sentBytes;
    private ulong _droppedOldest;
    private ulong _droppedFull;
    private ulong _droppedPool;

    /// <summary>Over memory that is mapped and checked already; owns both.</summary>
    internal EdgeSender(uint id, in EdgeHeader header, MemoryMapping mapping, MappedDoorbell<TMemory> doorbell, bool mayDrop)
    {
        Id = id;
        _mapping = mapping;
        _doorbell = doorbell;
        _edge = (byte*)mapping.Address;
        _returns = (ulong*)(_edge + header.ReturnRing);
        _deliveryMask = header.DeliveryCapacity - 1;
        _returnMask = header.ReturnCapacity - 1;
        _queueSize = header.QueueSize;
        _slotsOutMax = header.ReturnCapacity / 4 * 3;
        _mayDrop = mayDrop;
        _mirror = new Queued[header.DeliveryCapacity];
    }

    internal uint Id { get; }

    /// <summary>The edge's index in the pool's books.</summary>
    internal required int Index { get; init; }

    /// <summary>What the subscriber did wrong, or null.</summary>
    internal string? Fault { get; private set; }

    private uint QueuedCount => (uint)(_tail - _head);

    /// <summary>Maps an edge that nobody has sent on yet.</summary>
    /// <param name="id">The edge's id.</param>
    /// <param name="index">Its index in the pool's books.</param>
    /// <param name="edgeFd">Its memory; may be closed afterwards.</param>
    /// <param name="doorbellFd">The subscriber's doorbell; may be closed afterwards.</param>
    /// <param name="mayDrop">Whether old messages make room for new ones.</param>
    /// <exception cref="SharedMemoryFormatException">One of the two is not what it should be.</exception>
    internal static EdgeSender<TMemory> Map(uint id, int index, SafeHandle edgeFd, SafeHandle doorbellFd, bool mayDrop)
    {
        var header = SharedRegion.ReadHeader<EdgeHeader>(edgeFd, "edge", out var length);
        SharedRegion.ThrowOnFault(header.FindFault(length));
        var doorbell = MappedDoorbell<TMemory>.Map(doorbellFd);
        try
        {
            var mapping = MemoryMapping.Map(edgeFd, (long)header.TotalBytes, writable: true, populate: true);
            return new EdgeSender<TMemory>(id, header, mapping, doorbell, mayDrop) { Index = index };
        }
        catch
        {
            doorbell.Dispose();
            throw;
        }
    }

    /// <summary>Reads what the subscriber has returned since the last time.</summary>
    internal void DrainReturns(SlotPool pool)
    {
        if (Fault is not null)
            return;
        // SAFETY: ReturnTail and, by the mask, every entry lie in the mapping.
        var returnTail = TMemory.ReadAcquire((ulong*)(_edge + EdgeLayout.ReturnTail)); // acquire: the entries below it are written
        var count = returnTail - _returnHead;
        if (count == 0)
            return;
        if (count > _slotsOut)
        {
            Fault = $"return ring claims {count} slots, {_slotsOut} are out";
            return;
        }

        for (; _returnHead != returnTail; _returnHead++)
        {
            var entry = TMemory.ReadAcquire(&_returns[_returnHead & _returnMask]);
            var (segment, slot) = ((uint)(entry >> 32), (uint)entry);
            if (!pool.TryRelease(segment, slot, Index))
            {
                Fault = $"returned slot {slot} of segment {segment}, which it does not hold";
                return;
            }

            _slotsOut--;
        }
    }

    /// <summary>Whether a message must wait for this subscriber. If not, the next <see cref="Publish"/> finds or makes room, or drops.</summary>
    internal bool MustWait(bool needsSlot, bool isCorrelated, SlotPool pool)
    {
        // By the head seen last there is at least this much room. Reading the present one moves its line from the subscriber's core
        // to ours, and back for its next take: 100 ns a message, so only when it matters.
        if (Fault is not null || !IsFull(needsSlot))
            return false;
        ReadHead();
        if (needsSlot && _slotsOut >= _slotsOutMax)
            DrainReturns(pool);
        if (Fault is not null || !IsFull(needsSlot))
            return false;
        if (!_mayDrop)
            return true;
        if (!isCorrelated)
            return false;
        // A quarter of the return ring is kept for correlated messages, because between this check and the publishing the
        // subscriber may take the message that was to be displaced, and its slot then stays out. With that spare room the
        // publishing can't fail, and "all or nothing" holds.
        return (needsSlot && _slotsOut >= _returnMask) || !CanDisplaceOldest(needsSlot);
    }

    /// <summary>Whether a long queue that makes senders wait is more than half full: a sender that has waited already does better to wait on.</summary>
    internal bool IsCrowded
    {
        get
        {
            if (_mayDrop || _queueSize < EdgeLayout.LongQueue)
                return false;
            ReadHead();
            return Fault is null && QueuedCount > _queueSize / 2;
        }
    }

    /// <summary>Queues a message, dropping the oldest or, where that may not be, the message itself.</summary>
    /// <param name="cell">The message.</param>
    /// <param name="segment">Where its slot is, or null when it is inline.</param>
    /// <param name="isCorrelated">Whether it must not be dropped.</param>
    /// <param name="pool">For slots that come back.</param>
    internal void Publish(in EdgeCell cell, PoolSegment? segment, bool isCorrelated, SlotPool pool)
    {
        if (Fault is not null)
            return;
        _sent++;
        _sentBytes += cell.PayloadLength;
        while (IsFull(segment is not null))
        {
            if (CanDisplaceOldest(segment is not null))
            {
                if (TakeBackOldest(pool))
                    _droppedOldest++;
            }
            else if (isCorrelated)
            {
                break; // only the slot limit can be the reason here, and correlated messages have a reserve: see MustWait
            }
            else
            {
                _droppedFull++;
                WriteCounters();
                return;
            }

            if (Fault is not null)
                return;
        }

        // SAFETY: the mask keeps the cell within the delivery ring. The position is free: see the type's remarks.
        var index = _tail & _deliveryMask;
        TMemory.WriteCell((EdgeCell*)(_edge + EdgeLayout.DeliveryRing + (index * EdgeLayout.CellBytes)), cell);
        _mirror[index] = new Queued(segment, (int)cell.Slot, isCorrelated, cell.Sequence);
        if (segment is not null)
        {
            segment.Book.Hold((int)cell.Slot, Index);
            _slotsOut++;
        }

        WriteCounters();
        TMemory.WriteRelease((ulong*)(_edge + EdgeLayout.Tail), ++_tail); // release: publishes the cell and, in it, the payload
    }

    /// <summary>Between publishing and ringing: one full fence for all bells makes the tails visible before any "is it asleep?".</summary>
    internal static void FenceBeforeBells() => TMemory.Fence();

    /// <summary>Wakes the subscriber if it sleeps. After <see cref="FenceBeforeBells"/>.</summary>
    internal void RingAfterFence() => _doorbell.RingAfterFence(Id);

    /// <summary>Whether the oldest queued message may be dropped for the pool's sake, and how old it is.</summary>
    internal bool TryPeekDroppable(out ulong sequence)
    {
        ReadHead();
        sequence = 0;
        if (Fault is not null || !_mayDrop || QueuedCount == 0)
            return false;
        ref readonly var oldest = ref _mirror[_head & _deliveryMask];
        sequence = oldest.Sequence;
        return !oldest.IsCorrelated;
    }

    /// <summary>Drops the oldest queued message for the pool's sake.</summary>
    internal void DropForPool(SlotPool pool)
    {
        if (TakeBackOldest(pool))
        {
            _droppedPool++;
            WriteCounters();
        }
    }

    internal EdgeCounters ReadCounters() => EdgeMemory.ReadCounters(_edge) with
    {
        Sent = _sent,
        SentBytes = _sentBytes,
        DroppedOldest = _droppedOldest,
        DroppedFull = _droppedFull,
        DroppedPool = _droppedPool,
    };

    /// <summary>Messages in the queue, and slots that the subscriber has: queued or held.</summary>
    internal (uint Queued, uint SlotsOut) Occupancy(SlotPool pool)
    {
        ReadHead();
        DrainReturns(pool);
        return (QueuedCount, _slotsOut);
    }

    /// <summary>Announces that a thread is about to sleep until there is space; recheck after this, then wait.</summary>
    internal SpaceWait<TMemory> PrepareWait() => new(_mapping);

    /// <summary>Wakes waiting senders and unmaps (once they have left).</summary>
    public void Dispose()
    {
        SpaceWait<TMemory>.Wake((uint*)(_edge + EdgeLayout.SenderWaiting));
        _mapping.Dispose();
        _doorbell.Dispose();
    }

    private bool IsFull(bool needsSlot) => QueuedCount >= _queueSize || (needsSlot && _slotsOut >= _slotsOutMax);

    private bool CanDisplaceOldest(bool needsSlot)
    {
        if (!_mayDrop || QueuedCount == 0)
            return false;
        ref readonly var oldest = ref _mirror[_head & _deliveryMask];
        // When slots are the bottleneck, only a message with a slot makes room.
        return !oldest.IsCorrelated && (QueuedCount >= _queueSize || !needsSlot || oldest.Segment is not null);
    }

    /// <summary>Takes the oldest message out of the ring, if the subscriber is not faster.</summary>
    private bool TakeBackOldest(SlotPool pool)
    {
        var head = _head;
        // SAFETY: Head lies in the mapping. The compare-and-swap is a full fence: the cell is ours to overwrite from here on.
        var seen = TMemory.CompareExchange((ulong*)(_edge + EdgeLayout.Head), head + 1, head);
        if (seen != head)
        {
            AcceptHead(seen); // the subscriber took it
            return false;
        }

        _head = head + 1;
        ref var oldest = ref _mirror[head & _deliveryMask];
        if (oldest.Segment is { } segment)
        {
            if (!segment.Book.Release(oldest.Slot, Index))
                Fault = $"returned slot {oldest.Slot} of segment {segment.Memory.Id} before taking it";
            else
                _slotsOut--;
        }

        oldest = default;
        return true;
    }

    private void ReadHead() => AcceptHead(TMemory.ReadAcquire((ulong*)(_edge + EdgeLayout.Head)));

    private void AcceptHead(ulong head)
    {
        if (head - _head > _tail - _head) // unsigned: below the last head is as wrong as beyond the tail
            Fault ??= $"queue head {head} is not between {_head} and {_tail}";
        else
            _head = head;
    }

    /// <summary>The counters share the tail's line, which is written anyway. Plain stores: each is whole (8 aligned bytes). Sent comes
    /// before the drops, so that who reads them the other way round never sees more drops than messages.</summary>
    private void WriteCounters()
    {
        // SAFETY: all offsets lie in the mapping; each is written only here, under the publisher's lock.
        *(ulong*)(_edge + EdgeLayout.Sent) = _sent;
        *(ulong*)(_edge + EdgeLayout.SentBytes) = _sentBytes;
        *(ulong*)(_edge + EdgeLayout.DroppedOldest) = _droppedOldest;
        *(ulong*)(_edge + EdgeLayout.DroppedFull) = _droppedFull;
        *(ulong*)(_edge + EdgeLayout.DroppedPool) = _droppedPool;
    }

    private readonly record struct Queued(PoolSegment? Segment, int Slot, bool IsCorrelated, ulong Sequence);
}
