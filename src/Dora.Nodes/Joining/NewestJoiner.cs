// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes.Joining;

/// <summary><c>all</c> and <c>any</c>: of each member only the newest message counts, and only once.</summary>
internal sealed class NewestJoiner<T>(JoinPlan plan, IJoinOwner<T> owner) : Joiner<T>(plan, owner)
{
    private protected override bool NeedsAll => Plan.Mode == JoinMode.All;

    private protected override void Accept(int input, in JoinEntry<T> entry, long lostBefore)
    {
        // The wait for a set began with the message that this one replaces.
        var waitsSince = entry.ArrivedNs;
        if (Queues[input].Count > 0)
        {
            waitsSince = Queues[input][0].ArrivedNs;
            DropOldest(input, JoinDrop.Superseded);
        }

        Queues[input].Add(entry with { ArrivedNs = waitsSince });
    }

    private protected override bool TryMatch(JoinSet<T> set, long nowNs, Demand demand)
    {
        var found = false;
        for (var i = 0; i < Plan.MemberCount; i++)
        {
            if (Queues[i].Count > 0)
                found = true;
            else if (NeedsAll && !CanLack(i, demand))
                return false;
        }

        for (var i = 0; found && i < Plan.MemberCount; i++)
        {
            if (Queues[i].Count > 0)
                UseOldest(i, set);
        }

        return found;
    }
}
