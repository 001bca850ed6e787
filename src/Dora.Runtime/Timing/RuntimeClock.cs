// SPDX-License-Identifier: Apache-2.0

namespace Dora.Runtime.Timing;

/// <summary>The two clocks of a runtime: a monotonic one that everything is measured by, and the one that messages are stamped with.</summary>
/// <param name="time">Where the monotonic one comes from.</param>
/// <param name="stampNs">The hybrid logical clock, Unix nanoseconds.</param>
/// <remarks>Threads: any.</remarks>
internal sealed class RuntimeClock(TimeProvider time, Func<ulong> stampNs)
{
    private const long NsPerSecond = 1_000_000_000;

    private readonly long _nsPerTick = Math.Max(1, NsPerSecond / time.TimestampFrequency); // 1 on Linux, where the clock counts nanoseconds

    /// <summary>Monotonic nanoseconds.</summary>
    public long NowNs() => time.GetTimestamp() * _nsPerTick;

    /// <summary>When a message was stamped, by the monotonic clock; now, if its sender's clock is ahead of ours.</summary>
    public long OfStamp(ulong timestampNs)
    {
        var (now, stampNow) = (NowNs(), stampNs());
        return timestampNs >= stampNow ? now : now - (long)Math.Min(stampNow - timestampNs, long.MaxValue / 4);
    }
}
