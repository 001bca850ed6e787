// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes.Joining;

/// <summary><c>deterministic</c>: all messages in the order of their stamps; equal stamps are one set. Waits until nothing earlier can come.</summary>
/// <remarks>The rule of MediaPipe: the smallest stamp is settled when every member has a message, or has brought one with that stamp or a later one.</remarks>
internal sealed class DeterministicJoiner<T>(JoinPlan plan, IJoinOwner<T> owner) : OrderedJoiner<T>(plan, owner, strictly: true)
{
    private protected override bool NeedsAll => false; // a closed member holds nobody up

    private protected override bool TryMatch(JoinSet<T> set, long nowNs, Demand demand)
    {
        var stamp = long.MaxValue;
        var found = false;
        for (var i = 0; i < Plan.MemberCount; i++)
        {
            if (Queues[i].Count > 0)
                (stamp, found) = (Math.Min(stamp, Queues[i][0].Key), true);
        }

        for (var i = 0; found && i < Plan.MemberCount; i++)
        {
            if (NextPossible(i) <= stamp && Queues[i].Count == 0 && demand != Demand.WhatThereIs && !IsClosed(i))
                return false;
        }

        if (!found)
            return false;
        SetReleased(stamp);
        for (var i = 0; i < Plan.MemberCount; i++)
        {
            if (Queues[i].Count > 0 && Queues[i][0].Key == stamp)
                UseOldest(i, set);
        }

        return true;
    }
}
