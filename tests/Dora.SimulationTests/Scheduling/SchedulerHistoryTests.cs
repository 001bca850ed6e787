// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Dora.Runtime.Scheduling;

namespace Dora.SimulationTests.Scheduling;

/// <summary>
/// Many random histories of one runtime's operators with priorities and deadlines. A failure names its seed; <c>DORA_SIM_SEED=n</c> runs that one
/// alone, <c>DORA_SIM_SEEDS=n</c> changes how many are run.
/// </summary>
public sealed class SchedulerHistoryTests(ITestOutputHelper output)
{
    private const int DefaultSeeds = 400;

    [Fact]
    public void No_history_of_the_scheduler_breaks_a_rule()
    {
        var (first, count) = Number("DORA_SIM_SEED") is { } only ? (only, 1) : (0UL, (int)(Number("DORA_SIM_SEEDS") ?? DefaultSeeds));
        var handled = 0L;
        for (var seed = first; seed < first + (ulong)count; seed++)
        {
            var world = new RuntimeWorld(seed, wiring => wiring.CreateReadyQueue());
            var broken = Record.Exception(world.Run);
            Assert.True(broken is null, $"rerun with DORA_SIM_SEED={seed}: {broken}");
            handled += world.Handled;
        }

        output.WriteLine($"{handled} messages were handled");
    }

    [Fact]
    public void The_same_seed_gives_the_same_history()
    {
        for (var seed = 0UL; seed < 20; seed++)
        {
            Assert.Equal(DigestOf(seed), DigestOf(seed));
        }

        static ulong DigestOf(ulong seed)
        {
            var world = new RuntimeWorld(seed, wiring => wiring.CreateReadyQueue());
            world.Run();
            return world.Digest;
        }
    }

    [Fact]
    public void A_scheduler_without_an_order_breaks_the_rules()
    {
        var broken = Enumerable.Range(0, 40).Count(seed => Record.Exception(new RuntimeWorld((ulong)seed, _ => new FifoReadyQueue()).Run) is RuleBrokenException);
        Assert.True(broken > 10, $"only {broken} of 40 histories noticed");
    }

    private static ulong? Number(string variable) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
