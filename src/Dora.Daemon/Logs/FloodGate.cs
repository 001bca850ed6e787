// SPDX-License-Identifier: Apache-2.0

namespace Dora.Daemon.Logs;

/// <summary>Bounds the lines of one node: a token bucket. Threading: any thread.</summary>
internal sealed class FloodGate(int linesPerSecond, int burst, TimeProvider time)
{
    private readonly Lock _gate = new();
    private double _tokens = burst;                     // under _gate
    private long _refilledAt = time.GetTimestamp();     // under _gate
    private long _suppressed;                           // under _gate

    /// <summary>Whether one more line may pass; if not, it is counted.</summary>
    public bool TryPass()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _tokens = Math.Min(burst, _tokens + (time.GetElapsedTime(_refilledAt, now).TotalSeconds * linesPerSecond));
            _refilledAt = now;
            if (_tokens < 1)
            {
                _suppressed++;
                return false;
            }
            _tokens--;
            return true;
        }
    }

    /// <summary>Lines suppressed since the last call.</summary>
    public long TakeSuppressed()
    {
        lock (_gate)
        {
            var count = _suppressed;
            _suppressed = 0;
            return count;
        }
    }
}
