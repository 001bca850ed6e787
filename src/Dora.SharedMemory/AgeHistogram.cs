// SPDX-License-Identifier: Apache-2.0

using System.Numerics;

namespace Dora.SharedMemory;

/// <summary>Counts of message ages: four buckets for each power of two of nanoseconds, so a percentile is right within 12 %.</summary>
/// <remarks>Written by the subscriber's taking thread only; read by anybody. 2 ns a message: a count of leading zeros and one add.</remarks>
internal static class AgeHistogram
{
    /// <summary>Ages beyond the last bucket (9 hours) count in it.</summary>
    internal static int BucketOf(ulong ageNs)
    {
        if (ageNs < 4)
            return (int)ageNs;
        var exponent = BitOperations.Log2(ageNs); // at least 2
        var quarter = (int)(ageNs >> (exponent - 2)) & 3;
        return Math.Min(((exponent - 1) * 4) + quarter, EdgeLayout.AgeBucketCount - 1);
    }

    /// <summary>Middle of a bucket.</summary>
    internal static ulong ValueOf(int bucket)
    {
        if (bucket < 4)
            return (ulong)bucket;
        var exponent = (bucket / 4) + 1;
        var width = 1UL << (exponent - 2);
        return (((ulong)bucket & 3) * width) + (1UL << exponent) + (width / 2);
    }

    /// <summary>Median and 99th percentile of counts that may be hostile: sums wrap, loops end.</summary>
    internal static (ulong P50Ns, ulong P99Ns) Percentiles(ReadOnlySpan<ulong> counts)
    {
        var total = 0UL;
        foreach (var count in counts)
            total += count;
        return (ValueAt(counts, total / 2), ValueAt(counts, total - (total / 100)));
    }

    private static ulong ValueAt(ReadOnlySpan<ulong> counts, ulong rank)
    {
        var seen = 0UL;
        var last = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] == 0)
                continue;
            seen += counts[i];
            last = i;
            if (seen >= rank)
                break;
        }

        return ValueOf(last);
    }
}
