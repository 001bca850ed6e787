// SPDX-License-Identifier: Apache-2.0

using Dora.Platform.Synchronization;

namespace Dora.Middleware;

/// <summary>One wait for news on a <see cref="Doorbell"/>: spins a little if that has paid lately, then sleeps; loses no wake-up.</summary>
/// <remarks>
/// Look for news <em>between</em> the calls of <see cref="Next"/>, like this:
/// <code>
/// using var wait = new DoorbellWait(doorbell, timeout);
/// do
/// {
///     if (TryTakeFromAnySubscription(out var message)) return message;
///     if (TryTakeControlEvent(out var control)) return control;
/// }
/// while (wait.Next());
/// return null; // time-out
/// </code>
/// <para>Threading: the one waiting thread.</para>
/// </remarks>
public ref struct DoorbellWait : IDisposable
{
    private const int LooksPerReading = 8;
    private const long LookNs = 60; // a pause and a look, about

    private readonly Doorbell _doorbell;
    private readonly long _timeoutNs; // negative: none
    private long _startNs; // 0 until the clock was read
    private int _looks; // vain ones
    private long _spinUntilNs; // known with _startNs
    private bool _spins; // looks again for now
    private uint _ticket;
    private bool _isArmed; // the doorbell knows that we are about to sleep

    /// <summary>Begins a wait. Costs nothing if the first look finds something.</summary>
    /// <param name="doorbell">The waiter's own.</param>
    /// <param name="timeout">Zero: look once. Negative (<see cref="Timeout.InfiniteTimeSpan"/>): no limit.</param>
    public DoorbellWait(Doorbell doorbell, TimeSpan timeout)
    {
        _doorbell = doorbell;
        _spins = doorbell.Spin is { SpinNs: > 0 };
        _timeoutNs = timeout < TimeSpan.Zero ? -1 : timeout.Ticks > long.MaxValue / 100 ? -1 : timeout.Ticks * TimeSpan.NanosecondsPerTick;
    }

    /// <summary>Waits until it is sensible to look again.</summary>
    /// <returns>False when the time-out has passed: the look just before was the last.</returns>
    public bool Next()
    {
        if (_timeoutNs == 0)
            return false;
        if (_spins && Spin())
            return true;
        if (_startNs == 0)
            _startNs = Clocks.MonotonicNs;

        if (!_isArmed)
        {
            // From here on every ring is noticed; the caller's look after this return is the recheck.
            _ticket = _doorbell.Prepare();
            _isArmed = true;
            return true;
        }

        _isArmed = false;
        var sleep = Doorbell.SleepMax;
        if (_timeoutNs > 0)
        {
            var leftNs = _timeoutNs - (Clocks.MonotonicNs - _startNs);
            if (leftNs <= 0)
            {
                _doorbell.Cancel();
                return false;
            }

            var left = TimeSpan.FromTicks((leftNs + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick);
            sleep = left < sleep ? left : sleep;
        }

        _doorbell.Wait(_ticket, sleep);
        return true;
    }

    /// <summary>Pauses before the next look. False: looking again does not pay any more.</summary>
    private bool Spin()
    {
        _doorbell.Spin!.Pause();
        if ((++_looks % LooksPerReading) != 0)
            return true; // the clock costs as much as a look: 23 ns
        var nowNs = Clocks.MonotonicNs;
        if (_startNs == 0)
        {
            _startNs = nowNs; // half a microsecond late: a wait must not end early
            var spinNs = _doorbell.Spin.SpinNs;
            if (_timeoutNs > 0)
                spinNs = Math.Min(spinNs, _timeoutNs);
            _spinUntilNs = spinNs > long.MaxValue - _startNs ? long.MaxValue : _startNs + spinNs;
        }

        return _spins = nowNs < _spinUntilNs;
    }

    /// <summary>Ends the wait; tells the doorbell how long it took, for the next one.</summary>
    public void Dispose()
    {
        if (_isArmed)
        {
            _isArmed = false;
            _doorbell.Cancel();
        }

        if (_startNs != 0)
            _doorbell.Spin?.Learn(Clocks.MonotonicNs - _startNs);
        else if (_looks != 0)
            _doorbell.Spin!.Learn(_looks * LookNs);
    }
}
