// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol.Messages;
using Dora.Runtime.Port;

namespace Dora.Runtime.Timing;

/// <summary>Tells of events that take longer than their operator's budget while they are still being handled: one that never ends could tell nothing itself.</summary>
/// <remarks>
/// <para>A thread of its own. It looks when the call that runs reaches its budget, or one smallest budget later if none runs, because no call that
/// begins meanwhile can be overdue earlier. Nobody wakes it for that; it sleeps for good only after a while without such calls.</para>
/// <para>Threads: one for each slot, and <see cref="Dispose"/> from any.</para>
/// </remarks>
internal sealed class BudgetWatchdog : IDisposable
{
    private const long ShortestNs = 1_000_000; // a wait is no more exact than that
    private const int IdleLooksMax = 100;

    private readonly INodePort _port;
    private readonly RuntimeClock _clock;
    private readonly long _smallestNs;
    private readonly WatchSlot[] _slots;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private int _isAsleep; // watchdog sets, whoever resets it wakes
    private volatile bool _hasEnded;

    private BudgetWatchdog(INodePort port, RuntimeClock clock, long smallestNs, WatchSlot[] slots)
    {
        (_port, _clock, _smallestNs, _slots) = (port, clock, Math.Max(smallestNs, ShortestNs), slots);
        _thread = new Thread(Watch) { IsBackground = true, Name = "dora-budget" };
        _thread.Start();
    }

    /// <summary>Starts watching; null when no operator has a budget.</summary>
    public static BudgetWatchdog? Start(INodePort port, RuntimeClock clock, IEnumerable<OperatorTiming?> timings, WatchSlot[] slots)
    {
        var budgets = timings.Where(t => t is { BudgetNs: > 0 }).Select(t => t!.BudgetNs).ToArray();
        return budgets.Length == 0 ? null : new BudgetWatchdog(port, clock, budgets.Min(), slots);
    }

    /// <summary>To be called after a call with a budget has begun.</summary>
    public void NoteBegun()
    {
        Interlocked.MemoryBarrier(); // the watchdog says that it sleeps, then looks: one of the two sees the other
        if (Volatile.Read(ref _isAsleep) == 1 && Interlocked.Exchange(ref _isAsleep, 0) == 1)
        {
            _wake.Set();
        }
    }

    public void Dispose()
    {
        _hasEnded = true;
        _wake.Set();
        _thread.Join();
        _wake.Dispose();
    }

    private void Watch()
    {
        var idleLooks = 0;
        while (!_hasEnded)
        {
            var next = Look(out var isRunning);
            idleLooks = isRunning ? 0 : idleLooks + 1;
            if (idleLooks <= IdleLooksMax)
            {
                _wake.WaitOne((int)Math.Clamp((next - _clock.NowNs()) / 1_000_000, 1, 60_000));
                continue;
            }

            Interlocked.Exchange(ref _isAsleep, 1);
            Look(out isRunning);
            if (!isRunning)
            {
                _wake.WaitOne();
            }

            Interlocked.Exchange(ref _isAsleep, 0);
            idleLooks = 0;
        }
    }

    private long Look(out bool isRunning)
    {
        isRunning = false;
        var now = _clock.NowNs();
        var next = now + _smallestNs;
        var earliest = long.MaxValue;
        foreach (var slot in _slots)
        {
            if (slot.Look(now, out var late, out var nextOfSlot) && (late.Cell.Timing!.MayTellRunning(now) || late.TookNs >= WatchSlot.SureNs))
            {
                _port.Log(
                    LogLevel.Warn,
                    late.Cell.Id,
                    $"operator '{late.Cell.Id}' is over its budget: {late.Work} has taken {Words.Of(late.TookNs)} so far and still runs; the budget is {Words.Of(late.Cell.Timing!.BudgetNs)}");
            }

            isRunning |= nextOfSlot != long.MaxValue;
            earliest = Math.Min(earliest, nextOfSlot);
        }

        // With several slots a call may begin on one while another's runs.
        return _slots.Length == 1 ? Math.Min(earliest, isRunning ? long.MaxValue : next) : Math.Min(earliest, next);
    }
}
