// SPDX-License-Identifier: Apache-2.0

using Dora.Runtime.Mailbox;

namespace Dora.Runtime.Scheduling;

/// <summary>Operators with messages to handle that wait until the queues they fill have room. Scheduler thread only.</summary>
/// <remarks>
/// Operators that send to each other in a circle can all wait for each other. Then, and only then, the one that has waited longest
/// handles a message in spite of the full queue: with lossless queues something has to give, and a longer queue is better than
/// a standstill or a lost message. The same goes for an operator that is to send what a join waits for, and waits for room in that join.
/// </remarks>
internal sealed class HeldBackOperators
{
    private readonly LinkedList<OperatorCell> _cells = new(); // longest waiting first

    public bool IsEmpty => _cells.Count == 0;

    public void Add(OperatorCell cell) => cell.Waiting ??= _cells.AddLast(cell);

    public void Remove(OperatorCell cell)
    {
        if (cell.Waiting is { } node)
        {
            _cells.Remove(node);
            cell.Waiting = null;
        }
    }

    /// <summary>The one that has waited longest among those that wait for themselves, through whatever others; for when nobody is ready.</summary>
    public bool TryTakeFromCycle(out OperatorCell cell)
    {
        if (_cells.Count == 0)
        {
            cell = null!;
            return false;
        }

        // Through other loops the circle is seen by who closes it last: each says that it waits before it looks whether others do. What
        // is read of their operators may change meanwhile; at worst one message more goes into a full queue.
        Interlocked.MemoryBarrier();
        foreach (var candidate in _cells)
        {
            if (candidate.Outbox.IsEmpty && WaitsForItself(candidate))
            {
                Remove(candidate);
                cell = candidate;
                return true;
            }
        }

        cell = null!;
        return false;
    }

    private static bool WaitsForItself(OperatorCell start)
    {
        var seen = new HashSet<OperatorCell>();
        var open = new Stack<OperatorCell>([start]);
        while (open.TryPop(out var cell))
        {
            foreach (var route in cell.Outputs.Values)
            {
                foreach (var input in route.Siblings)
                {
                    if (!input.IsFull)
                    {
                        continue;
                    }

                    if (ReferenceEquals(input.Owner, start))
                    {
                        return true;
                    }

                    if (input.JoinPlace >= 0 && JoinWaitsFor(start, input.Owner, seen, open))
                    {
                        return true;
                    }

                    if (input.Owner.Waiting is not null && seen.Add(input.Owner))
                    {
                        open.Push(input.Owner);
                    }
                }
            }
        }

        return false;
    }

    // A join that has no room for one member waits for messages of others: who sends those must not wait for the join.
    private static bool JoinWaitsFor(OperatorCell start, OperatorCell joining, HashSet<OperatorCell> seen, Stack<OperatorCell> open)
    {
        var join = joining.Join!;
        if (join.MayHaveSet)
        {
            return false; // makes room by itself, or has those who wait look again
        }

        foreach (var missing in joining.Inputs)
        {
            if (missing.JoinPlace < 0 || missing.Count > 0 || join.WaitingIn(missing.JoinPlace) > 0 || missing.Producer is not { } producer)
            {
                continue;
            }

            if (ReferenceEquals(producer, start))
            {
                return true;
            }

            if (producer.Waiting is not null && seen.Add(producer))
            {
                open.Push(producer);
            }
        }

        return false;
    }
}
