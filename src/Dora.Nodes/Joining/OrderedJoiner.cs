// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes.Joining;

/// <summary>The modes that rely on it that the stamps (for zip: the numbers) of each member grow. A message that comes out of order is dropped, so that they do.</summary>
/// <remarks>
/// A clock that was set back, or a counter that starts over, would make everything after it late. So more late messages in a row than the
/// input's queue holds are no longer late: the member starts over with them.
/// </remarks>
internal abstract class OrderedJoiner<T> : Joiner<T>
{
    private readonly bool _strictly; // no two messages of a member have the same stamp
    private readonly long[] _last;
    private readonly int[] _lateInRow;
    private long _released = long.MinValue; // every set up to here has been given

    private protected OrderedJoiner(JoinPlan plan, IJoinOwner<T> owner, bool strictly)
        : base(plan, owner)
    {
        _strictly = strictly;
        _last = new long[plan.MemberCount];
        Array.Fill(_last, long.MinValue);
        _lateInRow = new int[plan.MemberCount];
    }

    private protected override void Accept(int input, in JoinEntry<T> entry, long lostBefore)
    {
        var isBehind = _strictly ? entry.Key <= _last[input] : entry.Key < _last[input];
        if (entry.Key < _last[input] && ++_lateInRow[input] > Plan.Inputs[input].Capacity)
        {
            while (Queues[input].Count > 0)
                DropOldest(input, JoinDrop.Late);
            _released = long.MinValue;
            isBehind = false;
        }

        if (isBehind)
        {
            Drop(input, entry.Item, JoinDrop.Late);
            return;
        }

        _lateInRow[input] = 0;
        _last[input] = entry.Key;
        if (entry.Key <= _released)
            Drop(input, entry.Item, JoinDrop.Late);
        else
            Enqueue(input, entry);
    }

    /// <summary>Distance between two stamps, of which the first is not the smaller one; at most <see cref="long.MaxValue"/>.</summary>
    private protected static long Distance(long later, long earlier) => (long)Math.Min((ulong)(later - earlier), long.MaxValue);

    /// <summary>Drops messages that lie further than <paramref name="tolerance"/> before all that some other member has or may still bring.</summary>
    private protected void DropUnmatched(long tolerance)
    {
        for (var again = true; again;)
        {
            again = false;
            var latest = long.MinValue;
            for (var i = 0; i < Plan.MemberCount; i++)
            {
                if (!IsGone(i))
                    latest = Math.Max(latest, NextPossible(i));
            }

            for (var i = 0; i < Plan.MemberCount; i++)
            {
                while (Queues[i].Count > 0 && Queues[i][0].Key < latest && Distance(latest, Queues[i][0].Key) > tolerance)
                {
                    DropOldest(i, JoinDrop.Unmatched);
                    again = true;
                }
            }
        }
    }

    /// <summary>No message with a stamp up to this is wanted any more.</summary>
    private protected void SetReleased(long stamp) => _released = stamp;

    /// <summary>The next stamp that a member may bring; of a closed one, none.</summary>
    private protected long NextPossible(int member) =>
        Queues[member].Count > 0 ? Queues[member][0].Key
        : IsClosed(member) ? long.MaxValue
        : _strictly && _last[member] != long.MinValue ? _last[member] + 1
        : _last[member];
}
