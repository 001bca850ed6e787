// SPDX-License-Identifier: Apache-2.0

namespace Dora.Daemon.Timers;

/// <summary>When one timer ticks: at origin, origin + interval, origin + 2·interval, … on the monotonic clock.</summary>
/// <remarks>
/// Pure arithmetic over absolute times, so that lateness never accumulates. Policy for ticks whose time passed while nobody could send
/// them is <c>missed: skip</c>: one tick is sent, the others are counted in <see cref="TickResult.Missed"/> and never sent late.
/// </remarks>
internal sealed class TimerSchedule
{
    private readonly long _intervalNs;

    /// <param name="intervalNs">At least 1.</param>
    /// <param name="originNs">Time of the first tick, monotonic.</param>
    public TimerSchedule(long intervalNs, long originNs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(intervalNs, 1);
        _intervalNs = intervalNs;
        NextDueNs = originNs;
    }

    /// <summary>Monotonic time of the next tick.</summary>
    public long NextDueNs { get; private set; }

    /// <summary>If a tick is due at <paramref name="nowNs"/>, moves on to the first due time after it.</summary>
    public TickResult Advance(long nowNs)
    {
        if (nowNs < NextDueNs)
            return new TickResult(IsDue: false, Missed: 0);

        long missed = (nowNs - NextDueNs) / _intervalNs;
        NextDueNs += (missed + 1) * _intervalNs;
        return new TickResult(IsDue: true, missed);
    }
}

/// <param name="IsDue">Whether one tick must be sent now.</param>
/// <param name="Missed">Ticks before it that were skipped.</param>
internal readonly record struct TickResult(bool IsDue, long Missed);
