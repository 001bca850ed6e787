// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes.Receiving;

/// <summary>Tells the daemon that the event loop turns, when the dataflow asks for health checks.</summary>
/// <remarks>Receiving thread only. A program that does not come back to its receive call is silent, and that is the point.</remarks>
internal sealed class Heartbeat(TimeSpan interval, Action beat)
{
    private readonly long _intervalNs = (long)interval.TotalNanoseconds;

    /// <summary>Whether anybody wants to know.</summary>
    public bool IsWanted => _intervalNs > 0;

    /// <summary>When the next one is due, monotonic nanoseconds.</summary>
    public long NextNs { get; private set; } = interval > TimeSpan.Zero ? long.MinValue : InputDeadline.Never;

    /// <summary>Sends one if it is time.</summary>
    public void BeatIfDue(long nowNs)
    {
        if (nowNs < NextNs)
            return;
        NextNs = nowNs + _intervalNs;
        beat();
    }
}
