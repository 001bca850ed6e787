// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Runtime.Mailbox;

namespace Dora.Runtime.Timing;

/// <summary>What one scheduler does right now, as far as it has a budget: written by the scheduler, read by the watchdog.</summary>
/// <remarks>A sequence lock with the time of the start as its number: no two calls of one thread start at the same nanosecond.</remarks>
internal sealed class WatchSlot
{
    /// <summary>A call that takes that long is told in any case; shorter ones not more than once a second.</summary>
    public const long SureNs = 1_000_000_000;

    private long _startedNs;           // scheduler; 0: nothing that has a budget
    private OperatorCell? _cell;       // scheduler, while nothing runs
    private OperatorEventKind? _kind;  // the same; null: the rest of an asynchronous method
    private string _id = "";           // the same
    private long _reportedNs;          // watchdog: the call that it knows
    private long _nextReportNs;        // watchdog

    public void Begin(OperatorCell cell, OperatorEventKind? kind, string id, long nowNs)
    {
        (_cell, _kind, _id) = (cell, kind, id);
        Volatile.Write(ref _startedNs, nowNs);
    }

    public void End() => Volatile.Write(ref _startedNs, 0);

    /// <summary>Whose call is overdue now and was not told yet, or is ten times as late as when it was told.</summary>
    /// <param name="nowNs">Now.</param>
    /// <param name="report">The call.</param>
    /// <param name="nextNs">When to look again; <see cref="long.MaxValue"/>: nothing runs.</param>
    public bool Look(long nowNs, out (OperatorCell Cell, string Work, long TookNs) report, out long nextNs)
    {
        report = default;
        nextNs = long.MaxValue;
        var started = Volatile.Read(ref _startedNs);
        var (cell, kind, id) = (_cell, _kind, _id);
        if (started == 0 || cell?.Timing is not { BudgetNs: > 0 and var budget } || Volatile.Read(ref _startedNs) != started)
        {
            return false;
        }

        if (_reportedNs != started)
        {
            (_reportedNs, _nextReportNs) = (started, started + budget + 1);
        }

        if (nowNs < _nextReportNs)
        {
            nextNs = _nextReportNs;
            return false;
        }

        var took = nowNs - started;
        nextNs = _nextReportNs = started + (took < SureNs ? Math.Min(took * 10, SureNs) : Math.Min(took, long.MaxValue / 20) * 10);
        report = (cell, WorkOf(kind, id), took);
        return true;
    }

    /// <summary>What an event is called in messages.</summary>
    public static string WorkOf(OperatorEventKind? kind, string id) => kind switch
    {
        null => "what it awaited",
        OperatorEventKind.Input => $"input '{id}'",
        { } other when id.Length > 0 => $"event {other} '{id}'",
        { } other => $"event {other}",
    };
}
