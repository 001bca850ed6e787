// SPDX-License-Identifier: Apache-2.0

namespace Dora.SimulationTests.DaemonCore;

/// <summary>SplitMix64: the same numbers from the same seed on every machine and runtime, forever.</summary>
internal sealed class SimRandom(ulong seed)
{
    private const long MillisecondNs = 1_000_000;
    private ulong _state = seed;

    public ulong NextUInt64()
    {
        var x = _state += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    /// <summary>0 to <paramref name="bound"/> − 1.</summary>
    public int Below(int bound) => (int)(NextUInt64() % (ulong)bound);

    public int Between(int low, int high) => low + Below(high - low + 1);

    /// <summary>True in so many of a hundred cases.</summary>
    public bool Percent(int percent) => Below(100) < percent;

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    /// <summary>
    /// Up to a maximum, half of the time on a coarse grid so that things coincide, and often 0 so that they follow at once.
    /// </summary>
    public long DelayNs(int maxMs) => Below(4) switch
    {
        0 => 0,
        1 => Below((maxMs / 250) + 1) * 250 * MillisecondNs,
        _ => Below(maxMs + 1) * MillisecondNs,
    };
}
