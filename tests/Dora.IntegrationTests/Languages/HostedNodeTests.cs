// SPDX-License-Identifier: Apache-2.0

using Dora.IntegrationTests.Faults;
using Dora.Testing;

namespace Dora.IntegrationTests.Languages;

/// <summary>A node that is a service of a .NET host (Microsoft.Extensions.Hosting).</summary>
[Collection(FaultCollection.Name)]
public sealed class HostedNodeTests
{
    private static readonly string Program = Path.Combine(
        DoraExecutable.RepositoryRoot, "tests", "nodes", "Dora.HostedNode", "bin", Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/'))!), "net10.0", "Dora.HostedNode");

    [Fact]
    public async Task Handler_gets_events_other_services_find_the_node_and_the_host_ends_with_its_inputs()
    {
        await using DataflowRun run = new();
        run.Start($$"""
            - id: clock
              path: {{DataflowRun.Program}}
              args: source --count 20 --interval-us 1000
              outputs: [data]
            - id: hosted
              path: {{Program}}
              inputs:
                tick:
                  source: clock/data
                  queue_policy: backpressure
              outputs: [relayed]
            - id: sink
              path: {{DataflowRun.Program}}
              args: sink {{run.ResultOf("sink")}}
              inputs:
                data:
                  source: hosted/relayed
                  queue_policy: backpressure
            """);

        var report = await run.End();

        Assert.Equal(0, report.ExitCode);
        Assert.Equal("20", run.Read("sink")["received"]);
        Assert.Contains("a service greets from hosted", run.Log, StringComparison.Ordinal);
        Assert.Contains("tick 20", run.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handler_that_throws_fails_the_node_with_its_reason_and_the_restart_policy_applies()
    {
        await using DataflowRun run = new();
        run.Start($$"""
            - id: hosted
              path: {{Program}}
              args: "3"
              inputs: {tick: dora/timer/millis/5}
              outputs: [relayed]
              restart_policy: on-failure
              max_restarts: 1
              restart_delay: 10ms
            """);

        await run.Started("hosted", 1);
        var report = await run.End();

        Assert.Equal(1, report.ExitCode);
        Assert.Equal(1, report.Node("hosted").Restarts);
        Assert.Contains("the handler fails as it was told", run.Log, StringComparison.Ordinal);
    }
}
