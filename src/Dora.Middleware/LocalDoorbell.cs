// SPDX-License-Identifier: Apache-2.0

namespace Dora.Middleware;

/// <summary>A doorbell within one process, for transports that bring messages in by a thread of their own.</summary>
public sealed class LocalDoorbell : Doorbell
{
    // A monitor, since it makes nothing lazily: the first sleep allocates no more than the thousandth.
    private readonly object _gate = new();
    private bool _isWaiting; // under _gate; a ring ends it

    /// <inheritdoc/>
    public override void Ring()
    {
        lock (_gate)
        {
            if (!_isWaiting)
                return;
            _isWaiting = false;
            Monitor.Pulse(_gate);
        }
    }

    /// <inheritdoc/>
    public override uint Prepare()
    {
        lock (_gate)
            _isWaiting = true;
        return 0; // the flag itself remembers a ring
    }

    /// <inheritdoc/>
    public override bool Wait(uint ticket, TimeSpan timeout)
    {
        lock (_gate)
        {
            if (_isWaiting)
                Monitor.Wait(_gate, timeout); // without SleepMax: no ring can be lost within one process
            var isRung = !_isWaiting;
            _isWaiting = false;
            return isRung;
        }
    }

    /// <inheritdoc/>
    public override void Cancel()
    {
        lock (_gate)
            _isWaiting = false;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // Nothing to release.
    }
}
