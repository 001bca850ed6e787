// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes.Joining;

/// <summary><c>latest</c>: each message of the trigger, with the newest of every other member that is young enough. Those are used again and again.</summary>
internal sealed class LatestJoiner<T> : Joiner<T>
{
    private readonly JoinEntry<T>[] _newest; // of the members but the trigger
    private readonly bool[] _has;
    private readonly bool[] _wasUsed;
    private readonly bool[] _isFirstUse; // in the set that is being made

    public LatestJoiner(JoinPlan plan, IJoinOwner<T> owner)
        : base(plan, owner)
    {
        _newest = new JoinEntry<T>[plan.MemberCount];
        _has = new bool[plan.MemberCount];
        _wasUsed = new bool[plan.MemberCount];
        _isFirstUse = new bool[plan.MemberCount];
    }

    /// <inheritdoc/>
    public override int WaitingIn(int input) =>
        base.WaitingIn(input) + (input < _has.Length && _has[input] && !_wasUsed[input] ? 1 : 0);

    /// <inheritdoc/>
    public override void Clear()
    {
        base.Clear();
        for (var i = 0; i < _has.Length; i++)
            Forget(i, JoinDrop.Ended);
    }

    private protected override bool NeedsAll => false; // what a closed member brought last stays the newest

    private protected override void Accept(int input, in JoinEntry<T> entry, long lostBefore)
    {
        if (input == Plan.Trigger)
        {
            var waitsSince = entry.ArrivedNs;
            if (Queues[input].Count > 0)
            {
                waitsSince = Queues[input][0].ArrivedNs; // else a quick trigger would never be out of time
                DropOldest(input, JoinDrop.Superseded);
            }

            Queues[input].Add(entry with { ArrivedNs = waitsSince });
            return;
        }

        Forget(input, JoinDrop.Superseded);
        _newest[input] = entry;
        _has[input] = true;
    }

    private protected override bool TryMatch(JoinSet<T> set, long nowNs, Demand demand)
    {
        if (Queues[Plan.Trigger].Count == 0)
            return false;
        var stamp = Queues[Plan.Trigger][0].Stamp;
        for (var i = 0; i < Plan.MemberCount; i++)
        {
            var canLack = demand == Demand.WhatThereIs || (IsClosed(i) && Plan.GoesOnWithoutClosed);
            if (i != Plan.Trigger && !canLack && !IsFresh(i, stamp))
                return false;
        }

        Array.Clear(_isFirstUse);
        for (var i = 0; i < Plan.MemberCount; i++)
        {
            if (i == Plan.Trigger)
                UseOldest(i, set);
            else if (IsFresh(i, stamp))
                Use(i, set);
        }

        return true;
    }

    private protected override int UsedBy(JoinSet<T> set, int member) =>
        member == Plan.Trigger || _isFirstUse[member] ? set[member].Length : 0;

    private protected override void DropFromSet(int input, T item)
    {
        if (input == Plan.Trigger)
        {
            base.DropFromSet(input, item);
            return;
        }

        Release(item); // the set's hold; it stays the newest
        if (_isFirstUse[input])
            _wasUsed[input] = false;
    }

    private bool IsFresh(int member, long stamp) =>
        _has[member] && (Plan.MaxAgeNs == JoinPlan.Unlimited || stamp <= _newest[member].Stamp || stamp - _newest[member].Stamp <= Plan.MaxAgeNs);

    private void Use(int member, JoinSet<T> set)
    {
        set.AddMember(member, Share(_newest[member].Item), _newest[member].Stamp);
        _isFirstUse[member] = !_wasUsed[member];
        _wasUsed[member] = true;
    }

    private void Forget(int member, JoinDrop reason)
    {
        if (!_has[member])
            return;
        if (_wasUsed[member])
            Release(_newest[member].Item);
        else
            Drop(member, _newest[member].Item, reason);
        _newest[member] = default;
        _has[member] = _wasUsed[member] = false;
    }
}
