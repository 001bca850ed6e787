// SPDX-License-Identifier: Apache-2.0

namespace Dora.Middleware;

/// <summary>A doorbell within one process, for transports that bring messages in by a thread of their own.</summary>
public sealed class LocalDoorbell : Doorbell
{
    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _rung = new(initialState: false, spinCount: 0);
    private bool _isWaiting; // under _lock

    /// <inheritdoc/>
    public override void Ring()
    {
        lock (_lock)
        {
            if (!_isWaiting)
                return;
            _isWaiting = false;
            _rung.Set();
        }
    }

    /// <inheritdoc/>
    public override uint Prepare()
    {
        lock (_lock)
        {
            _isWaiting = true;
            _rung.Reset();
            return 0; // the event itself remembers a ring
        }
    }

    /// <inheritdoc/>
    public override bool Wait(uint ticket, TimeSpan timeout)
    {
        var isRung = _rung.Wait(timeout < SleepMax ? timeout : SleepMax);
        Cancel();
        return isRung;
    }

    /// <inheritdoc/>
    public override void Cancel()
    {
        lock (_lock)
            _isWaiting = false;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _rung.Dispose();
}
