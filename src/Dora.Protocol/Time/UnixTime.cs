// SPDX-License-Identifier: Apache-2.0

namespace Dora.Protocol;

/// <summary>Between .NET time and what travels on the wire: whole nanoseconds since 1970 UTC, unsigned (good until the year 2554).</summary>
public static class UnixTime
{
    private const ulong NsPerTick = 100;

    /// <summary>Nanoseconds since 1970; times before that become 0.</summary>
    public static ulong ToNs(DateTimeOffset time) =>
        (ulong)Math.Max(0, time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * NsPerTick;

    /// <summary>The time rounded down to .NET's 100 ns.</summary>
    public static DateTimeOffset FromNs(ulong unixNs) => DateTimeOffset.UnixEpoch.AddTicks((long)(unixNs / NsPerTick));
}
