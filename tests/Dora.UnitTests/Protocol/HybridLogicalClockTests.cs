// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;

namespace Dora.UnitTests.Protocol;

public sealed class HybridLogicalClockTests
{
    private const ulong Start = 1_700_000_000_000_000_000;
    private readonly WallClock _wall = new() { Ns = Start };

    [Fact]
    public void A_stamp_is_the_wall_clock_in_nanoseconds() => Assert.Equal(Start, new HybridLogicalClock(_wall).Now());

    [Fact]
    public void Stamps_grow_while_the_wall_clock_stands_or_jumps_back()
    {
        var clock = new HybridLogicalClock(_wall);
        Assert.Equal(Start, clock.Now());
        Assert.Equal(Start + 1, clock.Now());
        _wall.Ns = Start - 3_600_000_000_000;
        Assert.Equal(Start + 2, clock.Now());
    }

    [Fact]
    public void A_wall_clock_before_1970_does_not_overflow()
    {
        _wall.Time = DateTimeOffset.MinValue;
        var clock = new HybridLogicalClock(_wall);
        Assert.Equal(1UL, clock.Now());
        Assert.Equal(2UL, clock.Now());
    }

    [Fact]
    public void What_is_sent_after_a_message_was_received_carries_a_later_stamp()
    {
        var clock = new HybridLogicalClock(_wall);
        Assert.True(clock.Observe(Start + 1_000_000));
        Assert.Equal(Start + 1_000_001, clock.Now());
    }

    [Fact]
    public void A_stamp_too_far_ahead_is_not_adopted()
    {
        var clock = new HybridLogicalClock(_wall);
        Assert.True(clock.Observe(Start + HybridLogicalClock.MaxDriftNs));
        Assert.False(clock.Observe(Start + HybridLogicalClock.MaxDriftNs + 1));
        Assert.False(clock.Observe(ulong.MaxValue));
        Assert.Equal(Start + HybridLogicalClock.MaxDriftNs + 1, clock.Now());
    }

    [Fact]
    public async Task Stamps_of_many_threads_never_repeat()
    {
        var clock = new HybridLogicalClock(_wall);
        var stamps = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            var mine = new ulong[5_000];
            for (var i = 0; i < mine.Length; i++)
            {
                mine[i] = clock.Now();
            }

            return mine;
        })));
        Assert.All(stamps, mine => Assert.Equal(mine.Order(), mine));
        Assert.Equal(20_000, stamps.SelectMany(mine => mine).Distinct().Count());
    }

    [Fact]
    public void Unix_time_and_dotnet_time_agree()
    {
        var time = new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.FromHours(2)).AddTicks(7);
        Assert.Equal(time, UnixTime.FromNs(UnixTime.ToNs(time)));
        Assert.Equal(0UL, UnixTime.ToNs(DateTimeOffset.MinValue));
        Assert.Equal(2554, UnixTime.FromNs(ulong.MaxValue).Year);
    }

    private sealed class WallClock : TimeProvider
    {
        public DateTimeOffset Time { get; set; }

        public ulong Ns
        {
            set => Time = UnixTime.FromNs(value);
        }

        public override DateTimeOffset GetUtcNow() => Time;
    }
}
