// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Globalization;
using Dora.Platform.Processes;

namespace Dora.IntegrationTests.Faults;

/// <summary>What operators keep, with real processes that die.</summary>
[Collection(FaultCollection.Name)]
public sealed class StateTests(ITestOutputHelper output)
{
    /// <summary>Kills in all; <c>DORA_TEST_LONG</c> asks for the full number.</summary>
    private static readonly int KillCount = Environment.GetEnvironmentVariable("DORA_TEST_LONG") is { Length: > 0 } ? 1000 : 25;

    [Theory]
    [InlineData("memory")]
    [InlineData("disk")]
    [InlineData("sync")]
    [Fault(FaultGroup.State, "A runtime process is killed at any instant", "Its operators go on with the state of their last event: all of it, never a mixture, and nobody saw an output whose state is lost")]
    public async Task A_killed_runtime_goes_on_with_the_state_of_the_last_event_that_anybody_saw(string durability)
    {
        var seed = Environment.TickCount;
        var kills = durability == "memory" ? KillCount : KillCount / 3;
        output.WriteLine($"{kills} kills, seed {seed}");
        Random random = new(seed);
        await using DataflowRun run = new();
        run.Environment["XDG_STATE_HOME"] = Path.Combine(run.Folder, "home");
        run.Start(Nodes(run, $"{{durability: {durability}, on_poison: fail}}"));
        await run.Running();
        for (var i = 0; i < kills; i++)
        {
            var process = await run.Started("runtime", i);
            var seen = run.Number("reader", "received");
            if (i % 5 == 0)
                await run.Wrote("reader", "received", received => received > seen); // it does get on
            await WaitAbout(random.Next(0, 300));
            Signal.Send(process, Signals.Kill);
        }

        await run.Started("runtime", kills);
        var before = run.Number("reader", "received");
        await run.Wrote("reader", "received", received => received > before + 50);
        run.Stop();
        var report = await run.End();

        Assert.True(report.ExitCode == 130, $"exit code {report.ExitCode}, seed {seed}:\n{report.Log}");
        Assert.DoesNotContain("MIXED STATE", report.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("came after", report.Log, StringComparison.Ordinal);
        Assert.Contains("ledger: RuntimeRestarted", report.Log, StringComparison.Ordinal);
        Assert.Equal(0, run.Number("reader", "problems"));
        Assert.Equal(durability != "memory", Directory.Exists(Path.Combine(run.Folder, "home"))); // and nothing else remains: End looks
    }

    [Fact]
    [Fault(FaultGroup.State, "An operator throws", "The next instance has the state of the event before; nothing that the failed event sent or saved is left")]
    public async Task An_operator_that_throws_goes_on_with_the_state_before()
    {
        await using DataflowRun run = new();
        run.Start(Nodes(run, "{on_poison: fail}"));
        await run.Saw("ledger: OperatorFailed 1 at 996");
        await run.Wrote("reader", "last", last => last > 1_000);
        run.Stop();
        var report = await run.End();
        Assert.DoesNotContain("MIXED STATE", report.Log, StringComparison.Ordinal);
        Assert.Equal(run.Number("reader", "last"), run.Number("reader", "received")); // each number once
        Assert.Equal(0, run.Number("reader", "problems"));
    }

    [Theory]
    [InlineData("disk")]
    [InlineData("sync")]
    [Fault(FaultGroup.State, "A dataflow ends and is started again", "`keep: name`: its operators go on where they were; `dora state delete` makes them forget")]
    public async Task A_kept_state_is_found_by_the_next_run_of_the_same_name_until_it_is_deleted(string durability)
    {
        var home = Directory.CreateTempSubdirectory("dora-kept-");
        try
        {
            var reached = 0L;
            foreach (var expected in new[] { "FirstStart 0 at 0", "PreviousRun 1 at " })
            {
                await using DataflowRun run = new();
                run.Environment["XDG_STATE_HOME"] = home.FullName;
                run.Start(Nodes(run, $"{{durability: {durability}}}"), "--name", "kept-by-test");
                var line = await run.Saw($"ledger: {expected}");
                var found = long.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture);
                Assert.True(found >= reached, $"{line}: what was seen, {reached}, is not in the state"); // the stop may have come before the last was seen
                await run.Wrote("reader", "received", received => received > 20);
                run.Stop();
                await run.End();
                reached = run.Number("reader", "last");
            }

            ProcessStartInfo delete = new(Testing.DoraExecutable.Path, ["state", "delete", "kept-by-test"]);
            delete.Environment["XDG_STATE_HOME"] = home.FullName;
            using var deleting = Process.Start(delete)!;
            await deleting.WaitForExitAsync().WaitAsync(DataflowRun.Patience);
            Assert.Equal(0, deleting.ExitCode);
            Assert.Empty(home.EnumerateFiles("*", SearchOption.AllDirectories));
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    private static async Task WaitAbout(int milliseconds)
    {
        var begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin).TotalMilliseconds < milliseconds)
            await Task.Delay(1);
    }

    private static string Nodes(DataflowRun run, string state) => $$$"""
        - id: runtime
          operators:
            - id: ledger
              csharp: {{{DataflowRun.StatefulOperator}}}
              state: {{{state}}}
              inputs: {tick: {source: dora/timer/millis/1, queue_size: 1}}
              outputs: [count]
          restart_policy: always
          restart_delay: 1ms
          max_restart_delay: 1ms
        - id: reader
          path: {{{DataflowRun.Program}}}
          args: growing {{{run.ResultOf("reader")}}}
          inputs:
            count: {source: runtime/ledger/count, queue_policy: backpressure}
        """;
}
