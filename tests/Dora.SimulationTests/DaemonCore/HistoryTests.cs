// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Dora.Daemon.Core;
using Dora.Dataflows.Graph;

namespace Dora.SimulationTests.DaemonCore;

/// <summary>
/// Thousands of random histories of one dataflow. A failure prints its seed; <c>DORA_SIM_SEED=n</c> runs that one alone and prints the
/// whole history. <c>DORA_SIM_SEEDS=n</c> changes how many are run.
/// </summary>
public sealed class HistoryTests(ITestOutputHelper output)
{
    private const int DefaultSeeds = 12_000;

    [Fact]
    public void No_history_of_the_daemon_core_breaks_a_rule()
    {
        if (Number("DORA_SIM_SEED") is { } only)
        {
            RunTraced(only);
            return;
        }
        var broken = new ConcurrentQueue<(ulong Seed, string Rule)>();
        long events = 0;
        var succeeded = 0;
        var calm = 0;
        Parallel.For(0, (long)(Number("DORA_SIM_SEEDS") ?? DefaultSeeds), (seed, loop) =>
        {
            try
            {
                var history = new World((ulong)seed, Real).Run();
                Interlocked.Add(ref events, history.Events);
                Interlocked.Add(ref succeeded, history.Outcome.Succeeded ? 1 : 0);
                Interlocked.Add(ref calm, history.IsCalm ? 1 : 0);
            }
            catch (Exception e)
            {
                broken.Enqueue(((ulong)seed, e is InvariantBrokenException ? e.Message : e.ToString()));
                if (broken.Count > 20)
                    loop.Stop();
            }
        });
        output.WriteLine($"{events} events, {succeeded} histories succeeded, {calm} were calm");
        Assert.True(broken.IsEmpty, Describe(broken));
    }

    [Fact]
    public void The_same_seed_gives_the_same_history()
    {
        for (var seed = 0UL; seed < 400; seed++)
        {
            var first = new World(seed, Real).Run();
            var second = new World(seed, Real).Run();
            Assert.Equal((first.Digest, first.Events), (second.Digest, second.Events));
        }
    }

    internal static ICore Real(DataflowGraph graph, CoreSettings settings) => new RealCore(new DataflowCore(graph, settings));

    private void RunTraced(ulong seed)
    {
        var trace = new StringBuilder();
        try
        {
            new World(seed, Real, trace).Run();
        }
        catch (Exception e)
        {
            Assert.Fail($"seed {seed}: {e}\n{trace}");
        }
        output.WriteLine(trace.ToString());
    }

    private static string Describe(IReadOnlyCollection<(ulong Seed, string Rule)> broken)
    {
        var lines = broken.OrderBy(b => b.Seed).Select(b => $"  seed {b.Seed}: {b.Rule}");
        return $"rules were broken; rerun one with DORA_SIM_SEED=<seed>:\n{string.Join('\n', lines)}";
    }

    private static ulong? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? ulong.Parse(text, CultureInfo.InvariantCulture) : null;
}
