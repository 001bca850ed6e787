// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Dora.Middleware;
using Dora.Nodes.Events;
using Dora.Nodes.Sending;

namespace Dora.Nodes.Receiving;

/// <summary>Turns what arrives on many edges and on the control socket into one sequence of events.</summary>
/// <remarks>
/// <para>Order: control events first, then inputs, the one that has waited longest first. After a stop, what was queued then is
/// still received, then the sequence has ended. <see cref="StopCause.AllInputsClosed"/> comes after the last message.</para>
/// <para>Threading: one receiver at a time, on whatever thread; <see cref="Post"/>, <see cref="Wake"/> and
/// <see cref="StopWhenDrained"/> from any.</para>
/// </remarks>
internal sealed partial class EventReceiver
{
    /// <summary>Pause between two looks for forgotten events, while many are held.</summary>
    private const long LookAgainNs = 1_000_000_000;

    private readonly InputPort[] _ports;
    private readonly InputPort[] _watched; // those with a time-out
    private readonly IServiceOrder _order;
    private readonly Doorbell _doorbell;
    private readonly EventPool _pool;
    private readonly NodeClock _clock;
    private readonly Heartbeat _heartbeat;
    private readonly MonotonicClock _time;
    private readonly NodeJoin? _join;
    private readonly bool _needsTime; // whether time-outs, heartbeats or a join make every call look at the clock
    private readonly ConcurrentQueue<DoraEvent> _control = new();

    private volatile bool _hasControl;       // posters set, receiver clears: saves looking at the queue for every message
    private int _receiving;                  // 1 while a receive call runs; interlocked
    private volatile bool _mayReportCloses;  // control thread sets, receiver clears: saves looking at every input for nothing
    private volatile StopEvent? _finalStop;  // control thread: to be given out when all inputs are drained
    private volatile bool _hasEnded;         // receiver, and Shutdown
    private volatile bool _isShutDown;       // Shutdown: the node is disposed
    private InputEvent? _pendingInput;       // receiver: the message that ended a late phase, behind its InputRecovered
    private long _drainLeft = -1;            // receiver: messages still to be given out after a stop; -1: not stopped

    public EventReceiver(
        IEnumerable<InputPort> ports,
        Doorbell doorbell,
        EventPool pool,
        NodeClock clock,
        Heartbeat heartbeat,
        MonotonicClock time,
        Func<IReadOnlyList<InputPort>, NodeJoin?>? join = null)
    {
        _ports = [.. ports];
        _watched = [.. _ports.Where(port => port.Deadline.IsWatched)];
        _order = _ports.Length > NotedOrder.ScanMax && doorbell.NoteWords > 0 ? new NotedOrder(_ports, doorbell) : new FairOrder(_ports);
        _doorbell = doorbell;
        _pool = pool;
        _clock = clock;
        _heartbeat = heartbeat;
        _time = time;
        _join = join?.Invoke(_ports);
        _needsTime = _watched.Length > 0 || heartbeat.IsWanted || _join is not null;
    }

    /// <summary>Hears what the program's author should know. Called by the receiver, before it waits.</summary>
    public Action<string>? Warning { get; set; }

    /// <summary>Whether receive calls will return nothing any more.</summary>
    public bool HasEnded => _hasEnded;

    /// <summary>Control events that wait.</summary>
    public int ControlCount => _control.Count;

    /// <summary>Adds a control event.</summary>
    public void Post(DoraEvent controlEvent)
    {
        _control.Enqueue(controlEvent);
        _hasControl = true; // after the event is there
        _doorbell.Ring();
    }

    /// <summary>Gives out a stop once every input is drained and its close was reported.</summary>
    public void StopWhenDrained(StopEvent stop)
    {
        _finalStop = stop;
        InputClosed();
    }

    /// <summary>Says that an input was closed: to be reported once it is drained.</summary>
    public void InputClosed()
    {
        _mayReportCloses = true;
        _doorbell.Ring();
    }

    /// <summary>Makes a waiting receiver look again.</summary>
    public void Wake() => _doorbell.Ring();

    /// <summary>Ends the sequence now; a receive call that waits returns nothing.</summary>
    public void Shutdown()
    {
        _isShutDown = true;
        _hasEnded = true;
        _doorbell.Ring();
    }

    /// <summary>Waits for the next event.</summary>
    /// <param name="timeout">Zero: don't wait. Negative: no limit.</param>
    /// <param name="cancellation">Looked at after each wake-up: whoever cancels must <see cref="Wake"/>.</param>
    /// <returns>Null: time is up, waiting was cancelled, or the sequence has ended.</returns>
    public DoraEvent? Receive(TimeSpan timeout, CancellationToken cancellation = default) =>
        Receive(timeout, isLent: true, cancellation);

    /// <summary>Waits for the next event, which is the caller's until it is disposed. Takes back the one that was lent before.</summary>
    public DoraEvent? ReceiveOwned(TimeSpan timeout) => Receive(timeout, isLent: false, default);

    private DoraEvent? Receive(TimeSpan timeout, bool isLent, CancellationToken cancellation)
    {
        if (_isShutDown)
            return null;
        if (Interlocked.Exchange(ref _receiving, 1) != 0)
        {
            if (_isShutDown)
                return null;
            throw new InvalidOperationException(
                "Another thread is receiving from this node. One receives at a time: give events to other threads with Retain().");
        }

        try
        {
            GiveBackLent();
            var next = ReceiveCore(timeout, cancellation);
            return isLent ? Lend(next) : next;
        }
        finally
        {
            Volatile.Write(ref _receiving, 0);
        }
    }

    private DoraEvent? ReceiveCore(TimeSpan timeout, CancellationToken cancellation)
    {
        if (_hasEnded)
            return null; // also when news arrives afterwards
        if (!_needsTime && TryNext(nowNs: 0) is { } ready)
            return ready; // the busy path reads no clock

        // Who waits without an end and for nothing that is timed needs no clock either.
        var nowNs = timeout < TimeSpan.Zero && !_needsTime ? 0 : _time.NowNs;
        var endNs = timeout < TimeSpan.Zero ? InputDeadline.Never : nowNs + (long)Math.Min(timeout.TotalNanoseconds, long.MaxValue / 2);
        for (; ; nowNs = _time.NowNs)
        {
            _heartbeat.BeatIfDue(nowNs);
            var untilNs = Math.Min(endNs, Math.Min(NextDeadlineNs(), _heartbeat.NextNs));
            if (timeout != TimeSpan.Zero && _pool.CollectForgottenIfMany())
            {
                nowNs = _time.NowNs;
                untilNs = Math.Min(untilNs, nowNs + LookAgainNs);
            }

            if (_pool.TryWarn(out var forgotten))
                Warning?.Invoke($"{forgotten} retained events were forgotten instead of disposed; each kept memory from its publisher until it was found.");
            using (var wait = new DoorbellWait(_doorbell, UntilToTimeout(untilNs, nowNs)))
            {
                do
                {
                    if (_hasEnded)
                        return null;
                    if (TryNext(nowNs) is { } next)
                        return next;
                    if (_hasEnded || cancellation.IsCancellationRequested)
                        return null;
                    nowNs = _needsTime ? _time.NowNs : nowNs;
                }
                while (wait.Next());
            }

            nowNs = _time.NowNs;
            if (TryExpire(nowNs) is { } late)
                return late;
            if (nowNs >= endNs)
                return null;
        }
    }

    private DoraEvent? TryNext(long nowNs)
    {
        if (_pendingInput is { } pending)
        {
            _pendingInput = null;
            return pending;
        }

        if (_hasControl && TryTakeControl(out var control))
        {
            if (control is StopEvent)
                _drainLeft = _ports.Sum(port => port.QueuedCount);
            return control;
        }

        if (_join is not null)
        {
            if (TryNextWithJoin(_join, nowNs) is { } next)
                return next;
        }
        else if (_drainLeft != 0 && _order.TryTake(out var message) is { } port)
        {
            return Received(port, message, nowNs);
        }

        if (_mayReportCloses && TryReportClose(nowNs) is { } closed)
            return closed;

        if (_watched.Length > 0 && TryExpire(nowNs) is { } late)
            return late;

        if (_drainLeft >= 0)
        {
            EndJoin();
            _hasEnded = true;
            return null;
        }

        return TryStopDrained();
    }

    private bool TryTakeControl([NotNullWhen(true)] out DoraEvent? control)
    {
        if (_control.TryDequeue(out control))
            return true;
        _hasControl = false; // before looking again: whoever posts adds the event first and sets this second
        Interlocked.MemoryBarrier();
        if (!_control.TryDequeue(out control))
            return false;
        _hasControl = true; // there may be more
        return true;
    }

    private DoraEvent Received(InputPort port, in Message message, long nowNs)
    {
        if (_drainLeft > 0)
            _drainLeft--;
        _clock.Observe(message.TimestampNs, message.TakenNs);
        var input = _pool.RentByReceiver();
        input.Start(port.Id, message);
        if (!port.Deadline.IsWatched || !port.Deadline.Arrived(nowNs))
            return input;

        _pendingInput = input;
        return new InputRecoveredEvent(port.Id);
    }

    private DoraEvent? TryReportClose(long nowNs)
    {
        _mayReportCloses = false; // before looking: whoever closes an input closes first and sets this second
        if (_join is not null && TryLastSets(_join, nowNs) is { } last)
            return last;
        foreach (var port in _ports)
        {
            if (_join is not null && port.JoinPlace >= 0 && port.IsDrainedCloseDue && _join.HoldsBack(port))
            {
                _mayReportCloses = true; // once its messages are in a set, or dropped
                continue;
            }

            if (port.TryReportClose(out var reason))
            {
                _mayReportCloses = true; // there may be more
                port.Deadline.Disarm();
                return new InputClosedEvent(port.Id, reason, isTimeout: false);
            }

            if (port.IsCloseDue)
                _mayReportCloses = true; // once it is drained
        }

        return null;
    }

    private StopEvent? TryStopDrained()
    {
        if (_finalStop is not { } stop || !Array.TrueForAll(_ports, port => port.HasEnded))
            return null;
        _finalStop = null;
        _drainLeft = 0;
        EndJoin();
        return stop;
    }

    private InputClosedEvent? TryExpire(long nowNs)
    {
        foreach (var port in _watched)
        {
            if (!port.IsPaused && port.Deadline.AtNs <= nowNs && !port.HasData && port.Deadline.TryExpire(nowNs))
                return new InputClosedEvent(port.Id, "no message within the input's time-out", isTimeout: true);
        }

        return null;
    }

    private long NextDeadlineNs()
    {
        var next = _join?.NextNs ?? InputDeadline.Never;
        foreach (var port in _watched)
        {
            if (!port.IsPaused)
                next = Math.Min(next, port.Deadline.AtNs);
        }

        return next;
    }

    private static TimeSpan UntilToTimeout(long untilNs, long nowNs) => untilNs switch
    {
        InputDeadline.Never => Timeout.InfiniteTimeSpan,
        _ => TimeSpan.FromTicks(Math.Max(0, (untilNs - nowNs + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick)),
    };
}
