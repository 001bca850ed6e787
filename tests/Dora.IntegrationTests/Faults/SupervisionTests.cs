// SPDX-License-Identifier: Apache-2.0

using System.Text.Json;

namespace Dora.IntegrationTests.Faults;

/// <summary>Nodes that fall silent, inputs that do, and failures that cause others.</summary>
[Collection(FaultCollection.Name)]
public sealed class SupervisionTests
{
    private const int Failed = 1;

    [Fact]
    [Fault(FaultGroup.Nodes, "A node no longer receives", "`health_check_timeout` ends it, and its `restart_policy` applies")]
    public async Task A_node_that_no_longer_receives_is_killed_and_its_restart_policy_applies()
    {
        await using DataflowRun run = new();
        run.Start($$"""
            - id: deaf
              path: {{DataflowRun.Program}}
              args: never_reads
              inputs: {tick: dora/timer/millis/50}
              health_check_timeout: 1s
              restart_policy: on-failure
              max_restarts: 1
              restart_delay: 10ms
            """);

        await run.Started("deaf", 1);
        var report = await run.End();

        Assert.Equal(Failed, report.ExitCode);
        var node = report.Node("deaf");
        Assert.True(node.Failed);
        Assert.Equal(1, node.Restarts);
        Assert.Contains("no sign of life for", node.Exit, StringComparison.Ordinal);
        Assert.Contains("(health_check_timeout)", node.Exit, StringComparison.Ordinal);
    }

    [Fact]
    [Fault(FaultGroup.Messages, "An input falls silent", "`InputClosed` after `input_timeout`, `InputRecovered` with its next message")]
    public async Task An_input_that_is_late_is_closed_and_recovers_with_its_next_message()
    {
        await using DataflowRun run = new();
        run.Start($$"""
            - id: slow
              path: {{DataflowRun.Program}}
              args: source --count 3 --interval-us 1500000
              outputs: [data]
            - id: sink
              path: {{DataflowRun.Program}}
              args: sink {{run.ResultOf("sink")}}
              inputs:
                data: {source: slow/data, input_timeout: 100ms}
            """);

        (await run.End()).Succeeded();

        Assert.Equal(3, run.Number("sink", "received"));
        Assert.InRange(run.Number("sink", "event.InputRecovered"), 1, 3);
        Assert.True(run.Number("sink", "event.InputClosed") >= run.Number("sink", "event.InputRecovered"));
        Assert.Equal(0, run.Number("sink", "problems"));
    }

    [Fact]
    [Fault(FaultGroup.Nodes, "A node fails and takes others along", "The report names the first to fail; the others say because of whom")]
    public async Task The_first_node_to_fail_is_the_cause_and_those_it_takes_along_say_so()
    {
        await using DataflowRun run = new();
        run.Start($$"""
            - id: first
              path: {{DataflowRun.Program}}
              args: crashes_after_n --after 5 --how kill
              outputs: [data]
            - id: follower
              path: {{DataflowRun.Program}}
              args: ignores_sigterm
              inputs: {data: first/data}
              stop_grace: 100ms
              finish_grace_secs: 0.1
            """);

        var report = await run.End();

        Assert.Equal(Failed, report.ExitCode);
        var cause = report.Json!.Value.GetProperty("firstFailure");
        Assert.Equal("first", cause.GetProperty("node").GetString());
        Assert.Contains("SIGKILL", cause.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Null(CausedBy(report, "first"));
        Assert.Equal("first", CausedBy(report, "follower"));
        Assert.True(report.Node("follower").Failed);
        Assert.Contains("(after the failure of 'first')", report.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("\\u000a", report.Log, StringComparison.Ordinal); // last words are lines, not one escaped line
    }

    private static string? CausedBy(DataflowReport report, string node) => report.Json!.Value.GetProperty("nodes").EnumerateArray()
        .Single(n => n.GetProperty("node").GetString() == node)
        .GetProperty("causedBy") is { ValueKind: JsonValueKind.String } cause ? cause.GetString() : null;
}
