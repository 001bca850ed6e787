// SPDX-License-Identifier: Apache-2.0

namespace Dora.IntegrationTests.Faults;

/// <summary>Nodes that break the rules, on shared memory and on the socket: they lose what is theirs, nothing else.</summary>
[Collection(FaultCollection.Name)]
public sealed class HostileNodeTests
{
    private const int Count = 2000;

    [Fact]
    [Fault(FaultGroup.Nodes, "A node overwrites the shared memory of its inputs and outputs", "The edges it damaged are cut, by name; dora and all other edges go on")]
    public async Task A_node_that_scribbles_over_its_edges_loses_them_and_the_others_go_on()
    {
        await using DataflowRun run = new();
        run.Start($$"""
            {{Source(run)}}
              - id: scribbler
                path: {{DataflowRun.Program}}
                args: scribbles_ring --size 5000
                inputs: {data: source/data}
                outputs: [data]
              - id: neighbour
                path: {{DataflowRun.Program}}
                args: sink {{run.ResultOf("neighbour")}}
                inputs:
                  scribbled: scribbler/data
                  good: {source: source/data, queue_size: {{Count}}}
            """);

        var report = await run.End();

        Assert.True(report.ExitCode is 0 or 1, $"exit code {report.ExitCode}:\n{report.Log}"); // dora itself lives
        Assert.Matches(@"edge (source/data -> scribbler/data|scribbler/data -> neighbour/scribbled) was cut: its memory is damaged", report.Log);
        Assert.Equal(Count, run.Number("neighbour", "received.good"));
        Assert.Equal(0, run.Number("neighbour", "problems"));
        Assert.Equal(new EdgeReport(Count, Count, 0), report.Edge("neighbour/good"));
        Assert.False(report.Node("source").Failed);
        Assert.False(report.Node("neighbour").Failed);
    }

    [Theory]
    [InlineData("garbage", "sent what is no message")]
    [InlineData("huge", "announced a frame of 4294967295 bytes")]
    [InlineData("torn", "closed 7 bytes into a frame")]
    [InlineData("nested", "sent what is no message")]
    [InlineData("wrong_secret", "ended without connecting")]
    [InlineData("no_hello", "ended without connecting")]
    [Fault(FaultGroup.Nodes, "A node sends the daemon garbage, huge or torn frames, or a wrong secret at its start", "The start ends and names the node and what it sent")]
    public async Task A_node_that_sends_bad_frames_loses_its_session_only(string what, string said)
    {
        await using DataflowRun run = new();
        run.Start($$"""
            {{Source(run)}}
              - id: neighbour
                path: {{DataflowRun.Program}}
                args: sink {{run.ResultOf("neighbour")}}
                inputs: {data: source/data}
              - id: bad
                path: {{DataflowRun.Program}}
                args: bad_frames --what {{what}}
                outputs: [data]
            """);

        var report = await run.End();

        // It never was ready, so the start fails, in good order, and names it.
        Assert.Equal(1, report.ExitCode);
        Assert.Contains(said, report.Log);
        Assert.Contains("the daemon ended the session", report.Log);
        Assert.Contains("node 'bad' failed first", report.Log);
        Assert.False(report.Node("source").Failed);
        Assert.False(report.Node("neighbour").Failed);
    }

    [Theory]
    [InlineData("hello_again", "said hello a second time")]
    [InlineData("ready_again", "said ready a second time")]
    [InlineData("unknown_output", "asked for memory for output 'no such', which it does not have")]
    [InlineData("close_unknown", "closed output 'none', which it does not have")]
    [InlineData("map_unknown", "mapped segment 12345, which it was not given or has mapped before")]
    [InlineData("retire_unknown", "retired segment 12345, which it does not have")]
    [InlineData("foreign_edge", "complained about edge 1, which was never its own")]
    [InlineData("unknown_operator", "reported on operator 'none', which it does not have")]
    [InlineData("huge", "announced a frame of 4294967295 bytes")]
    [Fault(FaultGroup.Nodes, "A running node sends the daemon what it may not", "It is cut off and named; the others go on")]
    public async Task A_running_node_that_sends_what_it_may_not_is_cut_off_and_the_others_go_on(string what, string said)
    {
        await using DataflowRun run = new();
        run.Start($$"""
            {{Source(run)}}
              - id: neighbour
                path: {{DataflowRun.Program}}
                args: sink {{run.ResultOf("neighbour")}}
                inputs: {data: {source: source/data, queue_size: {{Count}} } }
              - id: bad
                path: {{DataflowRun.Program}}
                args: bad_frames --when running --what {{what}}
                outputs: [data]
            """);

        var report = await run.End();

        Assert.Equal(1, report.ExitCode);
        Assert.Single(report.Log.Split('\n'), line => line.Contains($"node 'bad' ", StringComparison.Ordinal) && line.EndsWith("; its session is ended", StringComparison.Ordinal));
        Assert.Contains(said, report.Node("bad").Exit, StringComparison.Ordinal);
        Assert.True(report.Node("bad").Failed); // although it ended with exit code 0
        Assert.Equal(Count, run.Number("neighbour", "received.data"));
        Assert.Equal(0, run.Number("neighbour", "problems"));
        Assert.False(report.Node("source").Failed);
        Assert.False(report.Node("neighbour").Failed);
    }

    private static string Source(DataflowRun run) => $$"""
          - id: source
            path: {{DataflowRun.Program}}
            args: source --count {{Count}} --size 64,5000 --interval-us 1000 {{run.ResultOf("source")}}
            outputs: [data]
        """;
}
