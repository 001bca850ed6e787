// SPDX-License-Identifier: Apache-2.0

namespace Dora.Runtime.Scheduling;

/// <summary>How often an operator may be started again: a number of times within a sliding window. Finite, so that a crash loop ends.</summary>
internal sealed class RestartBudget(TimeProvider time, int restartsMax, TimeSpan window)
{
    private readonly Queue<long> _restarts = new(); // time stamps within the window

    /// <summary>Five within a minute.</summary>
    public static RestartBudget Default(TimeProvider time) => new(time, 5, TimeSpan.FromMinutes(1));

    /// <summary>Takes one restart, if there is one left.</summary>
    public bool TryTake()
    {
        var now = time.GetTimestamp();
        while (_restarts.TryPeek(out var oldest) && time.GetElapsedTime(oldest, now) >= window)
        {
            _restarts.Dequeue();
        }

        if (_restarts.Count >= restartsMax)
        {
            return false;
        }

        _restarts.Enqueue(now);
        return true;
    }

    public override string ToString() => $"{restartsMax} restarts within {window.TotalSeconds:0} s";
}
