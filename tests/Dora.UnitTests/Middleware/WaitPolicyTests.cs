// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;
using Dora.SharedMemory;

namespace Dora.UnitTests.Middleware;

public sealed class WaitPolicyTests
{
    [Theory]
    [InlineData(2, 2, true)]
    [InlineData(3, 2, false)]
    [InlineData(1, 1, false)]
    [InlineData(0, 2, true)] // not told
    public void Adaptive_waiting_spins_only_where_every_node_has_a_core(uint nodes, int cores, bool maySpin)
    {
        var policy = WaitPolicy.For(WaitStrategy.Adaptive, nodes, spinningNodes: 0, cores);
        Assert.Equal((maySpin, false), (policy.MaySpin, policy.MustYield));
    }

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(2, 2, false)]
    [InlineData(3, 2, true)]
    public void Nodes_that_spin_without_end_give_way_when_there_are_more_of_them_than_cores(uint spinning, int cores, bool mustYield)
    {
        var policy = WaitPolicy.For(WaitStrategy.Spin, nodes: 8, spinning, cores);
        Assert.Equal((true, mustYield), (policy.MaySpin, policy.MustYield));
    }

    [Fact]
    public void Blocking_never_spins()
    {
        var budget = new SpinBudget(WaitPolicy.For(WaitStrategy.Block, nodes: 1, spinningNodes: 0, cores: 64));
        for (var i = 0; i < 100; i++)
            budget.Learn(0);
        Assert.Equal(0, budget.SpinNs);
    }

    [Fact]
    public void Adaptive_waiting_spins_while_waits_are_short_and_stops_when_they_are_not()
    {
        var budget = new SpinBudget(WaitPolicy.For(WaitStrategy.Adaptive, nodes: 2, spinningNodes: 0, cores: 2));
        Assert.Equal(0, budget.SpinNs);
        for (var i = 0; i < 100; i++)
            budget.Learn(1_000);
        Assert.Equal(20_000, budget.SpinNs);
        budget.Learn(1_000_000);
        Assert.Equal(0, budget.SpinNs);
    }

    [Fact]
    public void Spinning_ends_with_the_news_or_with_the_time()
    {
        using var memory = DoorbellMemory.Create();
        using var doorbell = new SharedDoorbell(memory, WaitPolicy.For(WaitStrategy.Spin, nodes: 2, spinningNodes: 3, cores: 2));
        var looks = 0;
        using (var wait = new DoorbellWait(doorbell, Timeout.InfiniteTimeSpan))
        {
            while (looks < 1000)
            {
                looks++;
                Assert.True(wait.Next());
            }
        }

        using var bounded = new DoorbellWait(doorbell, TimeSpan.FromMilliseconds(1));
        while (bounded.Next())
        {
            // nothing ever comes
        }
    }
}
