// SPDX-License-Identifier: Apache-2.0

namespace Dora.SimulationTests.Joins;

/// <summary>Random joins through random histories: every message is accounted for once, every bound holds, every history has one outcome.</summary>
public sealed class JoinHistoryTests
{
    private const int Histories = 4000;
    private const int Steps = 150;

    [Fact]
    public void Rules_hold_in_every_history()
    {
        for (var seed = 1; seed <= Histories; seed++)
        {
            try
            {
                new JoinWorld(seed).Run(Steps);
            }
            catch (InvalidOperationException e)
            {
                Assert.Fail($"seed {seed}: {e.Message}");
            }
        }
    }

    [Fact]
    public void The_same_history_gives_the_same_sets()
    {
        var seen = 0;
        for (var seed = 1; seed <= 200; seed++)
        {
            JoinWorld one = new(seed), other = new(seed);
            one.Run(Steps);
            other.Run(Steps);
            Assert.Equal(one.Sets, other.Sets);
            seen += one.Sets.Count;
        }

        Assert.True(seen > 1000, $"only {seen} sets came out of all histories");
    }
}
