// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes.Joining;

/// <summary><c>window</c>: what arrives from the first message on, until so many are there or so much time has passed.</summary>
/// <remarks>A member whose queue is full ends the window early: a window loses nothing.</remarks>
internal sealed class WindowJoiner<T>(JoinPlan plan, IJoinOwner<T> owner) : Joiner<T>(plan, owner)
{
    private long _openedNs;
    private int _count;

    /// <inheritdoc/>
    public override long NextNs => _count == 0 || Plan.WindowNs == JoinPlan.Unlimited ? JoinPlan.Unlimited
        : _openedNs > JoinPlan.Unlimited - Plan.WindowNs ? JoinPlan.Unlimited
        : _openedNs + Plan.WindowNs;

    /// <inheritdoc/>
    public override void Clear()
    {
        base.Clear();
        _count = 0;
    }

    private protected override bool NeedsAll => false;

    private protected override void Accept(int input, in JoinEntry<T> entry, long lostBefore)
    {
        var before = Queues[input].Count;
        Enqueue(input, entry);
        if (_count == 0)
            _openedNs = entry.ArrivedNs;
        _count += Queues[input].Count - before;
    }

    private protected override bool TryMatch(JoinSet<T> set, long nowNs, Demand demand)
    {
        if (_count == 0 || !IsFull(nowNs))
            return false;
        for (var i = 0; i < Plan.MemberCount; i++)
        {
            while (Queues[i].Count > 0)
                UseOldest(i, set);
        }

        _count = 0;
        return true;
    }

    private bool IsFull(long nowNs)
    {
        if (nowNs >= NextNs || (Plan.WindowCount > 0 && _count >= Plan.WindowCount))
            return true;
        var isOver = true;
        for (var i = 0; i < Plan.MemberCount; i++)
        {
            if (Queues[i].Count >= Plan.Inputs[i].Capacity)
                return true;
            isOver &= IsClosed(i);
        }

        return isOver;
    }
}
