// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes.Receiving;

/// <summary>Time for deadlines: never set back by anybody.</summary>
internal sealed class MonotonicClock(TimeProvider provider)
{
    private readonly double _nsPerTick = 1e9 / provider.TimestampFrequency;

    /// <summary>Nanoseconds since some fixed point.</summary>
    public long NowNs => (long)(provider.GetTimestamp() * _nsPerTick);
}
