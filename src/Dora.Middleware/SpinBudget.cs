// SPDX-License-Identifier: Apache-2.0

namespace Dora.Middleware;

/// <summary>How long one waiter looks again before it sleeps; learns from how long its waits have been.</summary>
/// <remarks>
/// <para>Looking for up to 20 µs pays while messages are that dense: 22 → 0.1 µs ping-pong. When they are not, it only burns a core
/// that the sender may need. An average over about eight waits decides; a vain look counts with its full wait, so one sparse phase ends it.</para>
/// <para>Threading: one waiter; several may share it, and then learn a little less.</para>
/// </remarks>
internal sealed class SpinBudget(WaitPolicy policy)
{
    /// <summary>Looking for longer than this never pays.</summary>
    internal const long SpinMaxNs = 20_000;

    private const long LearnMaxNs = 200_000;

    private long _averageNs = LearnMaxNs; // waiter

    /// <summary>How long to look again now; <see cref="long.MaxValue"/>: until there is something.</summary>
    internal long SpinNs => policy.Strategy == WaitStrategy.Spin ? long.MaxValue
        : policy.MaySpin && _averageNs < SpinMaxNs ? SpinMaxNs
        : 0;

    /// <summary>Hears how long a wait took from start to news.</summary>
    internal void Learn(long waitedNs) => _averageNs += (Math.Min(waitedNs, LearnMaxNs) - _averageNs) / 8;

    /// <summary>The pause between two looks: 40 ns a step, or as long as others want the core.</summary>
    internal void Pause(int steps = 1)
    {
        if (policy.MustYield)
            Thread.Yield();
        else
            Thread.SpinWait(steps);
    }
}
