// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes.Joining;

/// <summary><c>exact</c> and <c>zip</c>: messages with equal stamps, or with equal numbers within their input.</summary>
/// <remarks>Members come in order, so a message whose stamp all others have passed will never be matched, and goes at once.</remarks>
internal sealed class AlignedJoiner<T>(JoinPlan plan, IJoinOwner<T> owner) : OrderedJoiner<T>(plan, owner, strictly: true)
{
    private readonly long[] _number = new long[plan.MemberCount]; // of the last message, for zip

    private protected override void Accept(int input, in JoinEntry<T> entry, long lostBefore)
    {
        if (Plan.Mode == JoinMode.Exact)
        {
            base.Accept(input, entry, lostBefore);
            return;
        }

        _number[input] += 1 + Math.Max(0, lostBefore);
        base.Accept(input, entry with { Key = _number[input] }, lostBefore);
    }

    private protected override void Prune() => DropUnmatched(tolerance: 0);

    private protected override bool TryMatch(JoinSet<T> set, long nowNs, Demand demand)
    {
        var found = false;
        for (var i = 0; i < Plan.MemberCount; i++)
        {
            if (Queues[i].Count > 0)
                found = true;
            else if (!CanLack(i, demand))
                return false;
        }

        if (!found)
            return false;
        for (var i = 0; i < Plan.MemberCount; i++)
        {
            if (Queues[i].Count == 0)
                continue;
            SetReleased(Queues[i][0].Key); // the same for all: the others were pruned
            UseOldest(i, set);
        }

        return true;
    }
}
