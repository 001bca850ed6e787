// SPDX-License-Identifier: Apache-2.0

using Dora.Platform;
using Dora.Platform.Synchronization;

namespace Dora.UnitTests.Platform.Synchronization;

public sealed class ClocksTests
{
    [Fact]
    public void Sleeping_until_a_time_never_ends_before_it()
    {
        for (var i = 0; i < 20; i++)
        {
            var deadline = Clocks.MonotonicNs + 1_000_000;
            Clocks.SleepUntil(deadline);
            Assert.True(Clocks.MonotonicNs >= deadline);
        }
    }

    [Fact]
    public void Sleeping_until_the_past_returns_and_until_nonsense_throws()
    {
        Clocks.SleepUntil(Clocks.MonotonicNs - 1);
        Clocks.SleepUntil(0);
        Assert.Equal(Errno.EINVAL, Assert.Throws<PlatformException>(() => Clocks.SleepUntil(-1)).Errno);
    }

    [Fact]
    public void The_wall_clock_is_the_systems()
    {
        var system = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        Assert.InRange(Clocks.UnixNs - system, -60_000_000_000, 60_000_000_000);
    }
}
