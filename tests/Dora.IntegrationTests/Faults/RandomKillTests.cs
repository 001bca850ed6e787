// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using Dora.Platform.Processes;

namespace Dora.IntegrationTests.Faults;

/// <summary>Publishers and subscribers that die at any instant, under load, with messages on loan and in flight.</summary>
[Collection(FaultCollection.Name)]
public sealed class RandomKillTests(ITestOutputHelper output)
{
    private static readonly string[] Victims = ["source", "relay", "sink", "holder"];

    /// <summary>Kills in all; <c>DORA_TEST_LONG</c> asks for the full number.</summary>
    private static readonly int KillCount = Environment.GetEnvironmentVariable("DORA_TEST_LONG") is { Length: > 0 } ? 1000 : 200;

    [Fact]
    [Fault(FaultGroup.Nodes, "Nodes are killed at any instant, with messages on loan and in flight", "`restart_policy` brings them back; no message is torn, no memory lost; the others go on")]
    public async Task Killed_nodes_come_back_and_no_byte_slot_or_process_is_lost()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"{KillCount} kills, seed {seed}");
        Random random = new(seed);
        await using DataflowRun run = new();
        run.Start(Nodes(run));
        await run.Running();
        await run.Wrote("witness", "received", received => received > 0);
        var memfds = run.OpenMemfds();
        Assert.True(memfds > 0, "no memory files found: the check below would prove nothing");

        var kills = new int[Victims.Length];
        for (var i = 0; i < KillCount; i++)
        {
            var victim = i % Victims.Length;
            var process = await run.Started(Victims[victim], kills[victim]++);
            await WaitAbout(random.Next(0, 120));
            Signal.Send(process, Signals.Kill);
        }

        // All are up again, messages flow from end to end, and the daemon holds no more memory than when it began.
        for (var victim = 0; victim < Victims.Length; victim++)
            await run.Started(Victims[victim], kills[victim]);
        var seen = run.Number("witness", "received");
        await run.Wrote("witness", "received", received => received > seen + 100);
        Assert.InRange(run.OpenMemfds(), 0, memfds * 2);
        run.Stop();
        var report = await run.End();

        Assert.True(report.ExitCode == 130, $"exit code {report.ExitCode}, seed {seed}:\n{report.Log}");
        Assert.DoesNotContain("checksum of message", report.Log);
        Assert.DoesNotContain("came after", report.Log);
        Assert.DoesNotContain("exit code 1", report.Log);
        foreach (var edge in report.Edges())
            Assert.True(edge.Sent == edge.Received + edge.Dropped + edge.Lost, $"{edge}, seed {seed}");
        for (var victim = 0; victim < Victims.Length; victim++)
            Assert.Equal(kills[victim], report.Node(Victims[victim]).Restarts);
        Assert.Equal(0, report.Node("witness").Restarts);
        Assert.Equal(0, run.Number("witness", "problems"));
    }

    /// <summary>The instant of a kill is what this test varies; nothing waits for it.</summary>
    private static async Task WaitAbout(int milliseconds)
    {
        var begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin).TotalMilliseconds < milliseconds)
            await Task.Delay(1);
    }

    private static string Nodes(DataflowRun run) => $$"""
        - id: source
          path: {{DataflowRun.Program}}
          args: source --size 64,100000,1000000 --loan 1 --interval-us 1000
          outputs: [data]
          restart_policy: always
          restart_delay: 1ms
          max_restart_delay: 1ms
        - id: relay
          path: {{DataflowRun.Program}}
          args: relay
          inputs:
            data: {source: source/data, queue_policy: backpressure}
          outputs: [data]
          restart_policy: always
          restart_delay: 1ms
          max_restart_delay: 1ms
        - id: sink
          path: {{DataflowRun.Program}}
          args: sink
          inputs:
            data: source/data
            relayed: {source: relay/data, queue_policy: backpressure}
          restart_policy: always
          restart_delay: 1ms
          max_restart_delay: 1ms
        - id: holder
          path: {{DataflowRun.Program}}
          args: holds_samples --hold 4
          inputs:
            data: source/data
          restart_policy: always
          restart_delay: 1ms
          max_restart_delay: 1ms
        - id: witness
          path: {{DataflowRun.Program}}
          args: sink {{run.ResultOf("witness")}}
          inputs:
            data: source/data
            relayed: relay/data
        """;
}
