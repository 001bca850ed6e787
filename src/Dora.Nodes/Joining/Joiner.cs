// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes.Joining;

/// <summary>Makes sets of messages that belong together: <c>(arrival | tick | close, now) → sets</c>. One implementation for nodes and operators.</summary>
/// <remarks>
/// <para>Pure: no clock, no input or output; the same calls give the same sets. A mode is a derived class.</para>
/// <para>Use: <see cref="Offer"/> each message or <see cref="Close"/> an input, then <see cref="TryTake"/> until it gives no more; again when
/// <see cref="NextNs"/> is reached. The newest-wins modes give newer sets to whoever offers all that is there before taking.</para>
/// <para>Ownership: an offered message is the join's, until it is part of a set or given back to the owner. Each is one or the other exactly once.</para>
/// <para>Bounds: no input holds more than its capacity, except a lossless one whose <see cref="HasRoom"/> is not asked. Steady use allocates
/// nothing. Threading: one thread.</para>
/// </remarks>
internal abstract class Joiner<T>
{
    private readonly IJoinOwner<T> _owner;
    private readonly JoinCounts[] _counts;
    private readonly bool[] _closed;
    private readonly ulong[] _droppedSince; // the set before
    private readonly JoinSet<T> _unused;    // what a set that is not wanted was made of

    private protected Joiner(JoinPlan plan, IJoinOwner<T> owner)
    {
        Plan = plan;
        _owner = owner;
        var inputs = plan.Inputs.Length;
        Queues = new JoinQueue<T>[inputs];
        _counts = new JoinCounts[inputs];
        for (var i = 0; i < inputs; i++)
            (Queues[i], _counts[i]) = (new JoinQueue<T>(), new JoinCounts());
        _closed = new bool[inputs];
        _droppedSince = new ulong[inputs];
        _unused = new JoinSet<T>(inputs);
    }

    /// <summary>As the dataflow describes it.</summary>
    public JoinPlan Plan { get; }

    /// <summary>Sets with a message of each member, so far.</summary>
    public ulong CompleteSets { get; private set; }

    /// <summary>Sets in which members are missing.</summary>
    public ulong PartialSets { get; private set; }

    /// <summary>Times that a set was not complete in time and was dropped.</summary>
    public ulong TimedOutSets { get; private set; }

    /// <summary>When <see cref="TryTake"/> may give a set without another arrival; <see cref="JoinPlan.Unlimited"/>: never.</summary>
    public virtual long NextNs
    {
        get
        {
            if (Plan.TimeoutNs == JoinPlan.Unlimited)
                return JoinPlan.Unlimited;
            var first = JoinPlan.Unlimited;
            for (var i = 0; i < Plan.MemberCount; i++)
                first = Queues[i].Count > 0 ? Math.Min(first, Queues[i][0].ArrivedNs) : first;
            return first > JoinPlan.Unlimited - Plan.TimeoutNs ? JoinPlan.Unlimited : first + Plan.TimeoutNs;
        }
    }

    private protected JoinQueue<T>[] Queues { get; }

    /// <summary>Whether a closed member ends all sets that are to be complete.</summary>
    private protected virtual bool NeedsAll => true;

    /// <summary>Makes the join that a plan describes.</summary>
    public static Joiner<T> Create(JoinPlan plan, IJoinOwner<T> owner) => plan.Mode switch
    {
        JoinMode.All or JoinMode.Any => new NewestJoiner<T>(plan, owner),
        JoinMode.Latest => new LatestJoiner<T>(plan, owner),
        JoinMode.Zip or JoinMode.Exact => new AlignedJoiner<T>(plan, owner),
        JoinMode.Approximate => new ApproximateJoiner<T>(plan, owner),
        JoinMode.Deterministic => new DeterministicJoiner<T>(plan, owner),
        JoinMode.Window => new WindowJoiner<T>(plan, owner),
        _ => throw new ArgumentOutOfRangeException(nameof(plan), plan.Mode, "a new mode"),
    };

    /// <summary>What became of an input's messages.</summary>
    public JoinCounts Counts(int input) => _counts[input];

    /// <summary>Messages of an input that wait here and may still become part of a set for the first time.</summary>
    public virtual int WaitingIn(int input) => Queues[input].Count;

    /// <summary>Whether news of an input's end must wait, because messages of it will become part of a set or be dropped before.</summary>
    public bool HoldsBack(int input) => input < Plan.MemberCount && Queues[input].Count > 0;

    /// <summary>Whether a message can be offered without loss: always true of inputs that may lose their oldest.</summary>
    public bool HasRoom(int input) => !Plan.Inputs[input].IsLossless || Queues[input].Count < Plan.Inputs[input].Capacity;

    /// <summary>A message arrived.</summary>
    /// <param name="input">On which input.</param>
    /// <param name="item">The join's from now on.</param>
    /// <param name="stamp">By the plan's <see cref="JoinPlan.Stamp"/>.</param>
    /// <param name="lostBefore">Messages of the input that were lost between this and the one before.</param>
    /// <param name="nowNs">Monotonic.</param>
    public void Offer(int input, T item, long stamp, long lostBefore, long nowNs)
    {
        _closed[input] = false;
        _counts[input].Offered++;
        if (input < Plan.MemberCount)
            Accept(input, new JoinEntry<T>(item, stamp, stamp, nowNs), lostBefore);
        else
            Enqueue(input, new JoinEntry<T>(item, stamp, stamp, nowNs));
    }

    /// <summary>A message arrived that has no stamp.</summary>
    public void OfferUnstamped(int input, T item)
    {
        _closed[input] = false;
        _counts[input].Offered++;
        Drop(input, item, JoinDrop.NoStamp);
    }

    /// <summary>An input brings nothing more, unless it is offered something after all. <see cref="TryTake"/> next.</summary>
    public void Close(int input) => _closed[input] = true;

    /// <summary>The next set, if there is one.</summary>
    /// <param name="nowNs">Monotonic.</param>
    /// <param name="set">Filled; its messages are the caller's.</param>
    public bool TryTake(long nowNs, JoinSet<T> set)
    {
        set.Clear();
        while (true)
        {
            Prune();
            if (IsOver)
            {
                Clear();
                return false;
            }

            if (TryMatch(set, nowNs, Demand.AllOrWait))
                return Give(set);
            if (nowNs < NextNs)
                return false;
            if (TryMatch(set, nowNs, Demand.All))
                return Give(set);
            var isWanted = Plan.OnTimeout == JoinTimeoutAction.Partial;
            if (!TryMatch(isWanted ? set : _unused, nowNs, Demand.WhatThereIs))
                return false;
            if (isWanted)
                return Give(set);
            TimedOutSets++;
            DropUnused(set);
            if (Plan.OnTimeout == JoinTimeoutAction.Error)
            {
                set.Outcome = JoinOutcome.TimedOut;
                set.TakeDropped(_droppedSince);
                return true;
            }
        }
    }

    /// <summary>Drops everything that waits.</summary>
    public virtual void Clear()
    {
        for (var i = 0; i < Queues.Length; i++)
        {
            while (Queues[i].Count > 0)
                DropOldest(i, JoinDrop.Ended);
        }
    }

    /// <summary>What a set must have.</summary>
    private protected enum Demand
    {
        /// <summary>A message of each member, and no better one possible.</summary>
        AllOrWait,

        /// <summary>A message of each member.</summary>
        All,

        /// <summary>Messages of those members that have any.</summary>
        WhatThereIs,
    }

    /// <summary>Takes a member's message in, or drops it.</summary>
    private protected abstract void Accept(int input, in JoinEntry<T> entry, long lostBefore);

    /// <summary>Drops what cannot become part of a set any more.</summary>
    private protected virtual void Prune()
    {
    }

    /// <summary>Fills a set with members' messages, if there is one that meets the demand.</summary>
    private protected abstract bool TryMatch(JoinSet<T> set, long nowNs, Demand demand);

    /// <summary>Whether a member is closed, and has nothing that waits.</summary>
    private protected bool IsGone(int member) => _closed[member] && Queues[member].Count == 0;

    /// <summary>Whether nothing more will come to a member.</summary>
    private protected bool IsClosed(int member) => _closed[member];

    /// <summary>Whether a set that meets the demand can do without a member that has nothing.</summary>
    private protected bool CanLack(int member, Demand demand) => demand == Demand.WhatThereIs || (IsGone(member) && Plan.GoesOnWithoutClosed);

    private protected void Enqueue(int input, in JoinEntry<T> entry)
    {
        if (!Plan.Inputs[input].IsLossless && Queues[input].Count >= Plan.Inputs[input].Capacity)
            DropOldest(input, JoinDrop.QueueFull);
        Queues[input].Add(entry);
    }

    private protected void DropOldest(int input, JoinDrop reason) => Drop(input, Queues[input].Take().Item, reason);

    private protected void Drop(int input, T item, JoinDrop reason)
    {
        _counts[input].Drop(reason);
        _droppedSince[input]++;
        _owner.Drop(input, item, reason);
    }

    private protected void Release(T item) => _owner.Release(item);

    private protected T Share(T item) => _owner.Share(item);

    /// <summary>Moves a member's oldest message into a set.</summary>
    private protected void UseOldest(int input, JoinSet<T> set)
    {
        var entry = Queues[input].Take();
        set.AddMember(input, entry.Item, entry.Stamp);
    }

    private protected void CountUsed(int input, int messages) => _counts[input].Used += (ulong)messages;

    /// <summary>Messages of a set that count as used by it; fewer where they were used before.</summary>
    private protected virtual int UsedBy(JoinSet<T> set, int member) => set[member].Length;

    /// <summary>Gives a message back that was taken for a set which is not wanted.</summary>
    private protected virtual void DropFromSet(int input, T item) => Drop(input, item, JoinDrop.TimedOut);

    private bool IsOver
    {
        get
        {
            var gone = 0;
            for (var i = 0; i < Plan.MemberCount; i++)
                gone += IsGone(i) ? 1 : 0;
            return gone > 0 && (gone == Plan.MemberCount || (NeedsAll && !Plan.GoesOnWithoutClosed));
        }
    }

    private bool Give(JoinSet<T> set)
    {
        for (var i = 0; i < Plan.MemberCount; i++)
        {
            CountUsed(i, UsedBy(set, i));
            if (set[i].IsEmpty)
                set.Outcome = JoinOutcome.Partial;
        }

        for (var i = Plan.MemberCount; i < Queues.Length; i++)
            Collect(i, set);
        if (set.Outcome == JoinOutcome.Complete)
            CompleteSets++;
        else
            PartialSets++;
        set.TakeDropped(_droppedSince);
        return true;
    }

    private void Collect(int input, JoinSet<T> set)
    {
        var queue = Queues[input];
        while (queue.Count > 0 && queue[0].Stamp <= set.StampMax)
            set.Add(input, queue.Take().Item);
        CountUsed(input, set[input].Length);
    }

    private void DropUnused(JoinSet<T> insteadOf)
    {
        for (var i = 0; i < Queues.Length; i++)
        {
            foreach (var item in _unused[i])
            {
                insteadOf.NoteThere(i);
                DropFromSet(i, item);
            }
        }

        _unused.Clear();
    }
}
