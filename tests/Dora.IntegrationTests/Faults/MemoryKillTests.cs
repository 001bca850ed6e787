// SPDX-License-Identifier: Apache-2.0

using Dora.Platform.Processes;

namespace Dora.IntegrationTests.Faults;

/// <summary>Nodes that die of a SIGKILL which dora did not send: the report says what is known of it.</summary>
[Collection(FaultCollection.Name)]
public sealed class MemoryKillTests
{
    private const long LimitBytes = 400L << 20;

    [Fact]
    [Fault(FaultGroup.Memory, "The kernel kills a node for want of memory", "The node's line says so, with the limit; the others go on")]
    public async Task A_node_that_the_kernel_kills_for_memory_is_reported_so_and_the_others_go_on()
    {
        using MemoryGroup group = new(LimitBytes);
        await using DataflowRun run = new() { Wrapper = group.Wrapper };
        run.Start($$"""
            - {id: hungry, path: {{DataflowRun.Program}}, args: eats_memory}
            - {id: other, path: {{DataflowRun.Program}}, args: sleeps_per_message --ms 0, inputs: {tick: dora/timer/millis/50} }
            """);
        await run.Saw("killed by the kernel");

        run.Stop();
        var report = await run.End();

        Assert.Equal("killed by the kernel: out of memory (limit 400 MiB)", report.Node("hungry").Exit);
        Assert.True(report.Node("hungry").Failed);
        Assert.Equal(new NodeReport(false, "exit code 0", 0), report.Node("other"));
    }

    [Fact]
    [Fault(FaultGroup.Nodes, "Somebody kills a node with SIGKILL", "The node's line says that it was not dora")]
    public async Task A_node_that_somebody_kills_is_not_said_to_have_been_out_of_memory()
    {
        await using DataflowRun run = new();
        run.Start($"- {{id: victim, path: {DataflowRun.Program}, args: sleeps_per_message --ms 0, inputs: {{tick: dora/timer/millis/50}}}}");
        var victim = await run.Started("victim");
        await run.Running();

        Signal.Send(victim, Signals.Kill);
        var report = await run.End();

        Assert.StartsWith("killed (SIGKILL), not by dora", report.Node("victim").Exit, StringComparison.Ordinal);
        Assert.True(report.Node("victim").Failed);
    }
}
