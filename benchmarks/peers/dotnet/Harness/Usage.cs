// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;

namespace Dora.Peers.Harness;

/// <summary>A reading of this process's clocks and counters.</summary>
/// <param name="TimeNs">CLOCK_MONOTONIC.</param>
/// <param name="CpuUs">User and system time so far, from getrusage.</param>
/// <param name="AllocatedBytes">Bytes allocated on the managed heap so far.</param>
internal readonly record struct Usage(long TimeNs, double CpuUs, long AllocatedBytes)
{
    /// <summary>CLOCK_MONOTONIC in ns: on Linux a <see cref="Stopwatch"/> tick is a nanosecond, and all processes share the clock.</summary>
    public static long NowNs => Stopwatch.GetTimestamp();

    public static Usage Read() =>
        new(NowNs, Environment.CpuUsage.TotalTime.TotalMicroseconds, GC.GetTotalAllocatedBytes(precise: false));

    public static Usage operator -(Usage end, Usage start) =>
        new(end.TimeNs - start.TimeNs, end.CpuUs - start.CpuUs, end.AllocatedBytes - start.AllocatedBytes);
}
