// SPDX-License-Identifier: Apache-2.0

namespace Dora.Latency.Reporting;

/// <summary>Where most of many durations lie, in microseconds.</summary>
internal sealed record Percentiles(double P50Us, double P90Us, double P99Us, double P999Us, double MaxUs)
{
    /// <summary>The smallest sample that so many are not above. Sorts the samples.</summary>
    public static Percentiles Of(long[] samplesNs)
    {
        Array.Sort(samplesNs);
        return new Percentiles(At(0.5), At(0.9), At(0.99), At(0.999), At(1));

        double At(double share) => samplesNs[Math.Max(0, (int)Math.Ceiling(share * samplesNs.Length) - 1)] / 1_000.0;
    }
}
