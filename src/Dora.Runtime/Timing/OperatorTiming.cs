// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol.Messages;

namespace Dora.Runtime.Timing;

/// <summary>The deadline and the budget of one operator, and how it kept them. For operators that have one of the two.</summary>
/// <remarks>Threads: the operator's scheduler, except the numbers of the budget, which do not change.</remarks>
internal sealed class OperatorTiming(long deadlineNs, bool isFromSource, MissAction onMiss, long budgetNs, RuntimeClock clock)
{
    private readonly LogLimit _misses = new();
    private readonly LogLimit _overruns = new();
    private readonly LogLimit _running = new(); // watchdog's

    /// <summary>Null for an operator that has neither.</summary>
    public static OperatorTiming? Of(OperatorConfig config, RuntimeClock clock) => config.DeadlineNs == 0 && config.BudgetNs == 0
        ? null
        : new OperatorTiming((long)Math.Min(config.DeadlineNs, long.MaxValue / 4), config.DeadlineFromSource, config.OnMiss, (long)config.BudgetNs, clock);

    public RuntimeClock Clock { get; } = clock;

    /// <summary>Whether its messages have a deadline.</summary>
    public bool HasDeadline => deadlineNs > 0;

    /// <summary>Nanoseconds that handling one event may take; 0: any.</summary>
    public long BudgetNs { get; } = budgetNs;

    public MissAction OnMiss { get; } = onMiss;

    /// <summary>Messages that were handled.</summary>
    public ulong Handled { get; private set; }

    /// <summary>Of those, the ones that were handled after their deadline.</summary>
    public ulong Missed { get; private set; }

    /// <summary>Messages that were dropped because their deadline had passed.</summary>
    public ulong Expired { get; private set; }

    /// <summary>Events whose handling took longer than the budget.</summary>
    public ulong OverBudget { get; private set; }

    /// <summary>Longest that handling an event took.</summary>
    public long WorstNs { get; private set; }

    /// <summary>When a message arrived, or was sent first if its deadline counts from there.</summary>
    /// <param name="timestampNs">Its stamp.</param>
    /// <param name="isFromNode">It waited in the queue of the edge, where it was from the moment it was sent.</param>
    public long StartOf(ulong timestampNs, bool isFromNode) =>
        !HasDeadline ? 0 : isFromNode || isFromSource ? Clock.OfStamp(timestampNs) : Clock.NowNs();

    /// <summary>Until when a message is to be handled.</summary>
    public long DeadlineOf(long startNs) => HasDeadline ? startNs + deadlineNs : long.MaxValue;

    /// <summary>Whether a message is not worth handling any more; counts it, then.</summary>
    public bool TakeExpired(long startNs)
    {
        if (OnMiss != MissAction.Skip || Clock.NowNs() <= DeadlineOf(startNs))
        {
            return false;
        }

        Expired++;
        return true;
    }

    /// <summary>Notes that a message was handled.</summary>
    /// <returns>Whether its deadline had passed by then.</returns>
    public bool NoteHandled(long startNs, long endNs)
    {
        Handled++;
        if (endNs <= DeadlineOf(startNs))
        {
            return false;
        }

        Missed++;
        return true;
    }

    /// <summary>Notes how long an event took.</summary>
    /// <returns>Whether that was longer than it may.</returns>
    public bool NoteTaken(long tookNs)
    {
        WorstNs = Math.Max(WorstNs, tookNs);
        if (BudgetNs == 0 || tookNs <= BudgetNs)
        {
            return false;
        }

        OverBudget++;
        return true;
    }

    /// <summary>For the log, now and then: what was missed; null: too soon after the last time.</summary>
    public string? TellMiss(string input, long startNs, long endNs) => _misses.Next(endNs) is { } more
        ? $"input '{input}' was handled {Words.Of(endNs - startNs)} after it {(isFromSource ? "was sent" : "arrived")}; its deadline is {Words.Of(deadlineNs)}{more}"
        : null;

    /// <summary>The same about the budget.</summary>
    public string? TellOverrun(string work, long tookNs, long nowNs) => _overruns.Next(nowNs) is { } more
        ? $"{work} took {Words.Of(tookNs)}; the budget is {Words.Of(BudgetNs)}{more}"
        : null;

    /// <summary>Whether the watchdog may tell of a call that still runs, which it does not do each time. Its thread.</summary>
    public bool MayTellRunning(long nowNs) => _running.Next(nowNs) is not null;

    public TimingCounts Counts() => new()
    {
        Handled = Handled,
        Missed = Missed,
        Expired = Expired,
        OverBudget = OverBudget,
        WorstNs = (ulong)WorstNs,
    };
}
