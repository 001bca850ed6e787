// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Parsing;

namespace Dora.UnitTests.Dataflows;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("5", 5_000)]
    [InlineData("2.5", 2_500)]
    [InlineData(".5", 500)]
    [InlineData("1e-3", 1)]
    [InlineData("200ms", 200)]
    [InlineData("1.5 s", 1_500)]
    [InlineData("2m", 120_000)]
    [InlineData("2min", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("1000us", 1)]
    [InlineData("1000µs", 1)]
    [InlineData("1000000ns", 1)]
    [InlineData("0", 0)]
    public void Durations_are_seconds_or_have_a_unit(string text, double milliseconds)
    {
        Assert.True(Quantity.TryDuration(text, out var duration, out string problem), problem);
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Fact]
    public void A_positive_duration_never_becomes_zero()
    {
        Assert.True(Quantity.TryDuration("1ns", out var duration, out _));
        Assert.Equal(TimeSpan.FromTicks(1), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-1")]
    [InlineData("1 2")]
    [InlineData("1 day")]
    [InlineData("1e")]
    [InlineData("1e999")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("0x10")]
    [InlineData("11y")]
    [InlineData("1,5")]
    public void Other_durations_are_refused_with_a_reason(string text)
    {
        Assert.False(Quantity.TryDuration(text, out _, out string problem));
        Assert.NotEmpty(problem);
    }

    [Theory]
    [InlineData("4096", 4096)]
    [InlineData("1KB", 1024)]
    [InlineData("1 KiB", 1024)]
    [InlineData("1.5k", 1536)]
    [InlineData("8MB", 8 << 20)]
    [InlineData("2GB", 2L << 30)]
    [InlineData("1b", 1)]
    public void Sizes_are_bytes_or_have_a_unit(string text, long bytes)
    {
        Assert.True(Quantity.TryBytes(text, out long actual, out string problem), problem);
        Assert.Equal(bytes, actual);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("0.5")]
    [InlineData("1TB")]
    [InlineData("MB")]
    [InlineData("1e30")]
    public void Other_sizes_are_refused_with_a_reason(string text)
    {
        Assert.False(Quantity.TryBytes(text, out _, out string problem));
        Assert.NotEmpty(problem);
    }
}
