// SPDX-License-Identifier: Apache-2.0

using Dora.Platform.Synchronization;

namespace Dora.Middleware;

// Waiting for space.
public sealed partial class SharedMemoryPublisher
{
    /// <summary>Sleeps end after this long at most: a subscriber that is killed between making space and waking us costs no more.</summary>
    private static readonly TimeSpan SleepMax = TimeSpan.FromSeconds(1);

    // The last attempt that was held back, all under the lock: whether it was about a slot; how large a slot found the pool exhausted
    // (0: none did), and how full the budget was then.
    private bool _wasSlotNeeded;
    private long _bytesShort;
    private long _bytesUsedWhenShort;

    /// <inheritdoc/>
    public override bool WaitForSpace(TimeSpan timeout, MessageFlags flags = MessageFlags.None)
    {
        var startNs = Clocks.MonotonicNs;
        if (SpinForSpace(startNs, timeout, flags))
            return true;
        while (TryPrepareWait(flags, out var wait))
        {
            try
            {
                var left = timeout < TimeSpan.Zero ? SleepMax : timeout - TimeSpan.FromTicks((Clocks.MonotonicNs - startNs) / 100);
                if (left <= TimeSpan.Zero)
                    return false;
                if (wait is { } space)
                    space.Sleep(left < SleepMax ? left : SleepMax);
                else
                    Thread.Sleep(1); // any edge may give the slot back, and there is no one word to sleep on: rare, so look often
            }
            finally
            {
                wait?.End();
            }
        }

        _spin.Learn(Clocks.MonotonicNs - startNs);
        return true;
    }

    /// <summary>Looks again for as long as that pays. True: there is space.</summary>
    /// <remarks>
    /// Behind a long queue not for one place but for half of it, and with longer pauses: each look takes the head's line away from the subscriber,
    /// and sender and subscriber would go on in step, with a line each way for every message.
    /// </remarks>
    private bool SpinForSpace(long startNs, TimeSpan timeout, MessageFlags flags)
    {
        var spinNs = _spin.SpinNs;
        if (spinNs == 0)
            return false;
        if (timeout >= TimeSpan.Zero)
            spinNs = Math.Min(spinNs, (long)Math.Min(timeout.TotalNanoseconds, long.MaxValue / 2));
        while (true)
        {
            var isHeldBack = IsHeldBack(flags, out var isCrowded);
            var waitedNs = Clocks.MonotonicNs - startNs;
            if (!isHeldBack && (!isCrowded || waitedNs >= Math.Min(spinNs, SpinBudget.SpinMaxNs)))
            {
                _spin.Learn(waitedNs);
                return true;
            }

            if (waitedNs >= spinNs)
                return false;
            _spin.Pause(isCrowded ? 8 : 1);
        }
    }

    private bool IsHeldBack(MessageFlags flags, out bool isCrowded)
    {
        isCrowded = false;
        lock (_lock)
        {
            if (_isClosed)
                return false;
            foreach (var edge in _edges)
                isCrowded |= edge.IsCrowded;
            return MustWait(_wasSlotNeeded, flags) || IsPoolShort();
        }
    }

    /// <summary>Tells who has what, for the message to people about a sender that waits.</summary>
    /// <param name="slots">Slots that are large enough for the message that waits; more than one subscriber may have the same one.</param>
    /// <returns>One entry for each edge.</returns>
    public IReadOnlyList<EdgeUse> GetUse(out int slots)
    {
        try
        {
            lock (_lock)
            {
                slots = _pool.CountSlotsFor(_bytesShort);
                var uses = new EdgeUse[_edges.Length];
                for (var i = 0; i < uses.Length; i++)
                {
                    var (queued, slotsOut) = _edges[i].Occupancy(_pool);
                    var pushesBack = _edges[i].MustWait(_wasSlotNeeded, isCorrelated: false, _pool);
                    uses[i] = new EdgeUse(_edges[i].Id, (int)queued, (int)slotsOut, pushesBack);
                }

                RemoveFaultyEdges();
                return uses;
            }
        }
        finally
        {
            ReportFaults();
        }
    }

    /// <summary>Finds what there is to wait for. False: nothing, try to send.</summary>
    private bool TryPrepareWait(MessageFlags flags, out SpaceWait? wait)
    {
        wait = null;
        try
        {
            lock (_lock)
            {
                if (_isClosed)
                    return false;
                var isCorrelated = (flags & MessageFlags.Correlated) != 0;
                foreach (var edge in _edges)
                {
                    if (!edge.MustWait(_wasSlotNeeded, isCorrelated, _pool))
                        continue;
                    wait = edge.PrepareWait();
                    if (edge.MustWait(_wasSlotNeeded, isCorrelated, _pool))
                        return true;
                    wait.Value.End();
                    wait = null;
                }

                return IsPoolShort();
            }
        }
        finally
        {
            ReportFaults();
        }
    }

    private bool IsPoolShort()
    {
        if (_bytesShort == 0)
            return false;
        DrainAllReturns();
        if (!_pool.CanLend(_bytesShort) && _budget.BytesUsed >= _bytesUsedWhenShort)
            return true;
        _bytesShort = 0;
        return false;
    }
}
