// SPDX-License-Identifier: Apache-2.0

using Dora.Platform.Memory;
using Dora.Platform.Synchronization;
using Dora.SharedMemory;

namespace Dora.Middleware;

// Lending, growing and shrinking.
public sealed partial class SharedMemoryPublisher
{
    /// <summary>A machine without memory is asked again after this long, not with every message.</summary>
    private const long AfterRefusalNs = 100_000_000;

    /// <summary>Readers have this long to unmap what was retired before its memory no longer counts as coming back.</summary>
    private const long UnmappingNs = 5_000_000_000;

    private const long SmallSlotBytes = 16 << 10;
    private const uint LoansPerLook = 8;

    private long _refusedUntilNs; // under the growth lock
    private long _refusedSlotBytes; // under the growth lock
    private uint _smallLoans;     // under the lock
    private bool _isHopeless;     // under the growth lock: the last refusal stands whatever comes back

    /// <summary>What the system has left for a new segment; for tests.</summary>
    internal Func<long> SystemBytesLeft { get; init; } = static () => MemFd.BytesLeft;

    /// <inheritdoc/>
    public override SendStatus TryLoan(long payloadBytes, int metadataBytes, out Loan loan)
    {
        loan = default;
        var status = CheckSizes(payloadBytes, metadataBytes);
        if (status != SendStatus.Sent)
            return status;
        status = TryLend(payloadBytes, metadataBytes, out var token);
        if (status != SendStatus.Sent)
            return status;
        var segment = ((PoolSegment)token.Home).Memory;
        loan = new Loan(
            this,
            token,
            segment.Bytes(token.Slot, SegmentLayout.PayloadOffset(metadataBytes), (int)payloadBytes),
            segment.Bytes(token.Slot, SegmentLayout.SlotHeaderBytes, metadataBytes));
        return SendStatus.Sent;
    }

    /// <inheritdoc/>
    internal override void ReturnLoan(in LoanToken token)
    {
        var segment = (PoolSegment)token.Home;
        var isLast = false;
        lock (_lock)
        {
            if (segment.Book.IsLent(token.Slot, token.Generation))
                isLast = EndLoan(segment, token.Slot);
        }

        if (isLast)
            Discard(segment);
    }

    /// <summary>Makes the pool grow, if need be, so that a message of this size finds a slot at once. Blocks like a send that grows the pool.</summary>
    /// <param name="payloadBytes">Of the largest message meant.</param>
    /// <param name="metadataBytes">With it.</param>
    /// <returns>Whether there is a slot. If not, sending asks again.</returns>
    public bool Reserve(long payloadBytes, int metadataBytes)
    {
        if (CheckSizes(payloadBytes, metadataBytes) != SendStatus.Sent)
            return false;
        var bytes = SegmentLayout.SlotBytesFor(payloadBytes, metadataBytes);
        lock (_growthLock)
        {
            lock (_lock)
            {
                if (_isClosed || _pool.CanLend(bytes))
                    return !_isClosed;
            }

            return TryGrow(bytes);
        }
    }

    /// <summary>Shared memory that one message of this size takes at least, bytes: what the pool's bound must allow.</summary>
    public static long PoolBytesFor(long payloadBytes, int metadataBytes) =>
        SegmentMemory.TotalBytes(SlotSizes.ClassFor(SegmentLayout.SlotBytesFor(payloadBytes, metadataBytes)), 1);

    /// <summary>Unmaps and retires segments without a slot in use. The caller reports faults, after all locks.</summary>
    internal void RetireIdle(bool onlyUnusedSinceLastCall)
    {
        List<PoolSegment>? retired = null;
        lock (_lock)
        {
            DrainAllReturns();
            RemoveFaultyEdges();
            foreach (var segment in _pool.Segments)
            {
                if (segment.IsIdle && !(onlyUnusedSinceLastCall && segment.WasUsed))
                    (retired ??= []).Add(segment);
                segment.WasUsed = false;
            }

            foreach (var segment in retired ?? [])
                _pool.Remove(segment);
        }

        foreach (var segment in retired ?? [])
            Discard(segment);
    }

    private SendStatus CheckSizes(long payloadBytes, int metadataBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payloadBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(metadataBytes);
        if (payloadBytes > PayloadBytesMax || metadataBytes > MetadataBytesMax)
            return SendStatus.TooLarge;
        return PoolBytesFor(payloadBytes, metadataBytes) > _budget.BytesMax ? SendStatus.TooLarge : SendStatus.Sent;
    }

    private SendStatus TryLend(long payloadBytes, int metadataBytes, out LoanToken token)
    {
        var bytes = SegmentLayout.SlotBytesFor(payloadBytes, metadataBytes);
        var status = TryLendNow(bytes, anySize: false, out token);
        return status == SendStatus.PoolExhausted ? GrowAndLend(bytes, out token) : status;
    }

    private SendStatus TryLendNow(long bytes, bool anySize, out LoanToken token)
    {
        token = default;
        lock (_lock)
        {
            if (_isClosed)
                return SendStatus.Closed;
            return TryLendUnderLock(bytes, anySize, out token) ? SendStatus.Sent : SendStatus.PoolExhausted;
        }
    }

    private bool TryLendUnderLock(long bytes, bool anySize, out LoanToken token)
    {
        // Returns first, so that the lowest free slot is the one used last: still in the cache. For small slots a look now and then will
        // do, since a few more of them are in the cache, too, and each look takes a line away from the subscriber (100 ns).
        if (bytes > SmallSlotBytes || (++_smallLoans % LoansPerLook) == 0)
            DrainAllReturns();
        if (!_pool.TryLend(bytes, anySize, out var segment, out var slot, out var generation))
        {
            DrainAllReturns();
            if (!_pool.TryLend(bytes, anySize, out segment, out slot, out generation))
            {
                token = default;
                return false;
            }
        }

        token = new LoanToken(segment, slot, generation);
        return true;
    }

    private void DrainAllReturns()
    {
        foreach (var edge in _edges)
            edge.DrainReturns(_pool);
    }

    private SendStatus GrowAndLend(long bytes, out LoanToken token)
    {
        var status = GrowAndLendCore(bytes, out token);
        _budget.ReportFaults(); // growing may have looked at every publisher of the node
        return status;
    }

    private SendStatus GrowAndLendCore(long bytes, out LoanToken token)
    {
        lock (_growthLock)
        {
            while (true)
            {
                // Another thread may have grown the pool while this one waited for its turn, or taken what this one has grown.
                var status = TryLendNow(bytes, anySize: false, out token);
                if (status != SendStatus.PoolExhausted)
                    return status;
                if (TryGrow(bytes))
                    continue;
                var bytesUsed = _budget.BytesUsed;
                _budget.RetireIdle(); // what is idle, here or in the node's other outputs, may be of the wrong size
                if (_budget.BytesUsed < bytesUsed)
                    _refusedUntilNs = 0; // the refusal may no longer hold
                if (TryGrow(bytes))
                    continue;
                status = LendAtBound(bytes, out token);
                return status == SendStatus.PoolExhausted && _isHopeless ? SendStatus.OutOfMemory : status;
            }
        }
    }

    private bool TryGrow(long bytes)
    {
        var slotBytes = SlotSizes.ClassFor(bytes);
        if (Clocks.MonotonicNs < _refusedUntilNs)
        {
            _isHopeless &= slotBytes >= _refusedSlotBytes; // a smaller message has its own question
            return false;
        }

        _isHopeless = false;
        int count;
        lock (_lock)
            count = SlotSizes.CountFor(slotBytes, _pool.CountSlotsOf(slotBytes));
        for (; count > 0; count /= 2)
        {
            var total = SegmentMemory.TotalBytes(slotBytes, count);
            if (!_budget.TryReserve(total))
                continue;
            if (_source.Request(slotBytes, count) is not { } memory)
            {
                _budget.Cancel(total);
                _refusedUntilNs = Clocks.MonotonicNs + AfterRefusalNs;
                _refusedSlotBytes = slotBytes;
                _isHopeless = count == 1 && _budget.BytesToComeBack(UnmappingNs) is { } toComeBack && SystemBytesLeft() + toComeBack < total;
                continue;
            }

            _refusedUntilNs = 0;

            lock (_lock)
            {
                if (!_isClosed)
                {
                    _pool.Add(new PoolSegment(memory, edgeCapacity: 0));
                    return true;
                }
            }

            Discard(new PoolSegment(memory, edgeCapacity: 0));
            return true; // the attempt to lend that follows finds the publisher closed
        }

        return false;
    }

    /// <summary>With no memory left: any slot that is large enough, or else the oldest messages of edges that may drop give theirs.</summary>
    private SendStatus LendAtBound(long bytes, out LoanToken token)
    {
        var status = TryLendNow(bytes, anySize: true, out token);
        while (status == SendStatus.PoolExhausted)
        {
            lock (_lock)
            {
                if (!_pool.HasSlotOf(bytes) || !TryDropOldest())
                {
                    (_bytesShort, _bytesUsedWhenShort) = (bytes, _budget.BytesUsed);
                    return status;
                }
            }

            status = TryLendNow(bytes, anySize: true, out token);
        }

        return status;
    }

    /// <summary>Drops the oldest message that waits in any queue that may drop it.</summary>
    private bool TryDropOldest()
    {
        EdgeSender? oldest = null;
        var lowest = ulong.MaxValue;
        foreach (var edge in _edges)
        {
            if (edge.TryPeekDroppable(out var sequence) && sequence < lowest)
                (oldest, lowest) = (edge, sequence);
        }

        oldest?.DropForPool(_pool);
        RemoveFaultyEdges();
        return oldest is not null;
    }

    /// <summary>Ends a loan. Under the lock.</summary>
    /// <returns>Whether the publisher was closed meanwhile and this was the segment's last use: discard it, after the lock.</returns>
    private bool EndLoan(PoolSegment segment, int slot)
    {
        segment.Book.EndLoan(slot);
        if (!_isClosed || !segment.IsIdle)
            return false;
        _pool.Remove(segment);
        return true;
    }

    /// <summary>Unmaps a segment that no slot of is in use any more, and tells the readers, unless the publisher has ended: then what is still
    /// in their queues may lie in it.</summary>
    private void Discard(PoolSegment segment)
    {
        var (id, bytes) = (segment.Memory.Id, segment.Memory.TotalBytes);
        segment.Memory.Dispose();
        _budget.Release(bytes);
        if (!_isClosed)
            _source.Retire(id);
    }
}
