// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon.Edges;
using Dora.Middleware;
using Dora.Platform.Synchronization;
using Dora.Protocol;

namespace Dora.Daemon.Timers;

/// <summary>Sends the ticks of all timers of a dataflow, from one thread, at absolute times.</summary>
/// <remarks>
/// <para>Subscribers that ask for the same interval share one schedule and get their ticks at the same moment.</para>
/// <para>A tick that finds its subscriber's queue full under back pressure, or whose time passed while this thread could not run, is
/// skipped and counted: the next tick says so in its parameter <c>missed_ticks</c>.</para>
/// <para>Threading: any thread adds and removes; the lock is held while ticks are sent, which takes microseconds.</para>
/// </remarks>
internal sealed class TimerService : IDisposable
{
    /// <summary>Metadata parameter that counts skipped ticks; absent when there were none.</summary>
    internal const string MissedTicks = "missed_ticks";

    private const long SleepNsMax = 86_400_000_000_000; // a day: monitors count milliseconds in 32 bits

    private readonly HybridLogicalClock _clock;
    private readonly Lock _lock = new();
    private readonly Dictionary<long, SharedTimer> _timers = []; // by interval, under _lock
    private readonly LocalDoorbell _changed = new();
    private readonly Thread _thread;
    private volatile bool _stopping; // set once by Dispose

    /// <summary>Starts the thread.</summary>
    public TimerService(HybridLogicalClock clock)
    {
        _clock = clock;
        _thread = new Thread(Run) { Name = "dora-timers", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Starts sending ticks to an edge. The first one comes now if the interval is new, else with the others'.</summary>
    public void Add(long intervalNs, LocalEdge edge)
    {
        lock (_lock)
        {
            if (!_timers.TryGetValue(intervalNs, out var timer))
                _timers.Add(intervalNs, timer = new SharedTimer(new TimerSchedule(intervalNs, Clocks.MonotonicNs)));
            timer.Subscribers.Add(new TickSubscriber(edge));
        }

        _changed.Ring();
    }

    /// <summary>Sends no more ticks to an edge; unknown ids are ignored. Disposing the edge stays the caller's.</summary>
    public void Remove(uint edgeId)
    {
        lock (_lock)
        {
            foreach (var (interval, timer) in _timers)
            {
                if (timer.Subscribers.RemoveAll(s => s.Edge.EdgeId == edgeId) == 0)
                    continue;
                if (timer.Subscribers.Count == 0)
                    _timers.Remove(interval);
                return;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping = true;
        _changed.Ring();
        _thread.Join();
        _changed.Dispose();
    }

    private void Run()
    {
        while (!_stopping)
        {
            var ticket = _changed.Prepare();
            var nextDueNs = SendDueTicks();
            if (_stopping)
                break;
            // The schedules are absolute; this relative wait is computed anew each time, so its lateness does not add up.
            // No timers, no wake-ups: an added one rings.
            var waitNs = Math.Min(nextDueNs - Clocks.MonotonicNs, SleepNsMax);
            if (waitNs > 0)
                _changed.Wait(ticket, nextDueNs == long.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromTicks((waitNs + 99) / 100));
            else
                _changed.Cancel();
        }
    }

    private long SendDueTicks()
    {
        Span<byte> buffer = stackalloc byte[64];
        var nextDueNs = long.MaxValue;
        lock (_lock)
        {
            foreach (var timer in _timers.Values)
            {
                var tick = timer.Schedule.Advance(Clocks.MonotonicNs);
                if (tick.IsDue)
                {
                    var timestampNs = _clock.Now();
                    foreach (var subscriber in timer.Subscribers)
                        subscriber.Send(tick.Missed, timestampNs, buffer);
                }

                nextDueNs = Math.Min(nextDueNs, timer.Schedule.NextDueNs);
            }
        }

        return nextDueNs;
    }

    private sealed class SharedTimer(TimerSchedule schedule)
    {
        public TimerSchedule Schedule { get; } = schedule;

        public List<TickSubscriber> Subscribers { get; } = [];
    }

    private sealed class TickSubscriber(LocalEdge edge)
    {
        private long _missed; // ticks since the last one that went out; timer thread

        public LocalEdge Edge { get; } = edge;

        public void Send(long missedNow, ulong timestampNs, Span<byte> buffer)
        {
            _missed += missedNow;
            var metadata = new MetadataWriter(buffer);
            if (_missed > 0)
                metadata.TryAdd(MissedTicks, _missed);
            if (Edge.TrySend([], metadata.Written, timestampNs))
                _missed = 0;
            else
                _missed++;
        }
    }
}
