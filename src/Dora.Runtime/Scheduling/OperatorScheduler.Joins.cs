// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Runtime.Mailbox;
using Dora.Runtime.Port;

namespace Dora.Runtime.Scheduling;

/// <content>Operators with a <c>join</c>: sets of messages as turns of their own.</content>
internal sealed partial class OperatorScheduler
{
    /// <summary>How often time-outs of joins are looked at while there is always somebody ready.</summary>
    private const long JoinTickNs = 1_000_000;

    private readonly OperatorCell[] _timedJoins; // whose sets can be a matter of time
    private long _lastJoinTickNs;

    private void TickJoins()
    {
        if (_timedJoins.Length == 0)
        {
            return;
        }

        var now = _clock.NowNs();
        if (now - _lastJoinTickNs < JoinTickNs && !_ready.IsEmpty)
        {
            return;
        }

        _lastJoinTickNs = now;
        foreach (var cell in _timedJoins)
        {
            if (!cell.HasEnded)
            {
                cell.Join!.Tick(now);
                Schedule(cell);
            }
        }
    }

    // The wait ends when the time of a join is up; the tick before the next turn then sees it.
    private TimeSpan UntilJoin(TimeSpan waitMax)
    {
        var next = long.MaxValue;
        foreach (var cell in _timedJoins)
        {
            next = cell.HasEnded ? next : Math.Min(next, cell.Join!.NextNs);
        }

        if (next == long.MaxValue)
        {
            return waitMax;
        }

        var until = TimeSpan.FromTicks(Math.Max(0, (next - _clock.NowNs() + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick));
        return waitMax < TimeSpan.Zero || until < waitMax ? until : waitMax;
    }

    // Makes a set, and lets those go on who waited for the room that this gives.
    private bool TakeSet(OperatorCell cell, OperatorJoin join)
    {
        while (true)
        {
            var isThere = join.TryTake();
            foreach (var input in cell.Inputs)
            {
                if (input.HoldsSender && !input.IsFull)
                {
                    Resume(input);
                }

                if (input is { IsShared: true, JoinPlace: >= 0 })
                {
                    input.MoveIntoJoin(); // what had no room so far
                }
            }

            if (!isThere && join.MayHaveSet)
            {
                continue;
            }

            if (!isThere)
            {
                TellThoseWhoWaitForRoom(cell);
                return false;
            }

            if (cell.Timing is not { HasDeadline: true } timing || !timing.TakeExpired(join.NewsSinceNs))
            {
                return true;
            }

            join.ReleaseSet();
        }
    }

    // Who waits on another loop saw a join that may have had a set, and took it that there would be room. There is none: it is to look again.
    private static void TellThoseWhoWaitForRoom(OperatorCell cell)
    {
        Interlocked.MemoryBarrier(); // the join says that it has no set, then looks who waits; they say that they wait, then look at the join
        foreach (var input in cell.Inputs)
        {
            if (input is { IsShared: true, JoinPlace: >= 0, IsFull: true })
            {
                input.Producer!.Loop!.Post(new PortEvent(PortEventKind.Look));
            }
        }
    }

    private void Resume(OperatorInput input)
    {
        input.HoldsSender = false;
        if (input.NodeInputId is { } nodeInput)
        {
            _port.SetPaused(nodeInput, false);
            _hasResumed = true;
        }
        else
        {
            NoteRoom(input, wasFull: true);
        }
    }

    private DoraStatus HandleSet(OperatorCell cell, Incarnation incarnation, OperatorJoin join)
    {
        cell.WasSetLast = true;
        try
        {
            var status = Tell(incarnation, new OperatorEvent(join));
            if (cell.Timing is { } timing)
            {
                JudgeDeadline(cell, timing, "join", join.NewsSinceNs, status);
            }

            return status;
        }
        finally
        {
            join.ReleaseSet();
            ReportJoin(cell, isFinal: false);
        }
    }

    private void ReportJoin(OperatorCell cell, bool isFinal)
    {
        if (cell.Join?.Report(cell.Id, isFinal) is { } report)
        {
            _port.ReportJoin(report);
        }
    }
}
