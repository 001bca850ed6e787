// SPDX-License-Identifier: Apache-2.0

using CsCheck;
using Dora.SharedMemory;

namespace Dora.UnitTests.SharedMemory;

public sealed class AgeHistogramTests
{
    [Fact]
    public void A_buckets_value_is_within_an_eighth_of_every_age_in_it() =>
        Gen.ULong[4, 1UL << 44].Sample(age =>
        {
            var value = AgeHistogram.ValueOf(AgeHistogram.BucketOf(age));
            Assert.InRange(value, age - (age / 8) - 1, age + (age / 8) + 1);
        });

    [Fact]
    public void Percentiles_are_those_of_the_ages()
    {
        var counts = new ulong[EdgeLayout.AgeBucketCount];
        Assert.Equal((0UL, 0UL), AgeHistogram.Percentiles(counts));
        for (var i = 0; i < 98; i++)
            counts[AgeHistogram.BucketOf(1_000)]++;
        for (var i = 0; i < 2; i++)
            counts[AgeHistogram.BucketOf(1_000_000)]++;
        var (p50, p99) = AgeHistogram.Percentiles(counts);
        Assert.InRange(p50, 875UL, 1125UL);
        Assert.InRange(p99, 875_000UL, 1_125_000UL);
    }

    [Fact]
    public void Hostile_counts_give_some_value()
    {
        var counts = new ulong[EdgeLayout.AgeBucketCount];
        Array.Fill(counts, ulong.MaxValue);
        _ = AgeHistogram.Percentiles(counts);
        Assert.Equal(EdgeLayout.AgeBucketCount - 1, AgeHistogram.BucketOf(ulong.MaxValue));
    }
}
