// SPDX-License-Identifier: Apache-2.0

namespace Dora.IntegrationTests.Faults;

/// <summary>Messages and queues at the ends of what is allowed.</summary>
[Collection(FaultCollection.Name)]
public sealed class LimitTests
{
    [Fact]
    [Fault(FaultGroup.Messages, "A message has no byte, or 128 MiB", "It arrives whole")]
    public async Task Messages_of_no_byte_and_of_128_MiB_arrive_whole()
    {
        await using DataflowRun run = new();
        run.Start(Nodes(run, "--count 12 --size 0,1,67108865,134217728", "", "queue_size: 1000, queue_policy: backpressure"));

        var report = (await run.End()).Succeeded();

        Assert.Equal(new EdgeReport(12, 12, 0), report.Edge("sink/data"));
        Assert.Equal(3L * (0 + 1 + 67108865 + 134217728), run.Number("sink", "bytes"));
        Assert.Equal(0, run.Number("sink", "problems"));
    }

    [Fact]
    [Fault(FaultGroup.Messages, "A reader is slow and its `queue_size` is 1000", "A thousand messages wait for it, none is lost")]
    public async Task A_queue_of_1000_holds_1000_for_a_slow_reader()
    {
        await using DataflowRun run = new();
        run.Start(Nodes(run, "--count 1000 --size 0,64,5000 --interval-us 0", "", "queue_size: 1000", sink: "sleeps_per_message --ms 1"));

        var report = (await run.End()).Succeeded();

        Assert.Equal(new EdgeReport(1000, 1000, 0), report.Edge("sink/data"));
        Assert.Equal(1000, run.Number("sink", "received"));
    }

    [Fact]
    [Fault(FaultGroup.Memory, "A message is larger than `shared_memory_pool_size`", "The sender gets an error that names both sizes")]
    public async Task A_message_larger_than_the_pool_is_an_error_that_names_the_limit()
    {
        await using DataflowRun run = new();
        run.Start(Nodes(run, "--count 5 --size 1000000", "shared_memory_pool_size: 512KiB", "queue_size: 10"));

        var report = await run.End();

        Assert.Equal(1, report.ExitCode);
        Assert.Contains("cannot carry a message of 1000000 bytes", report.Log);
        Assert.Contains("shared_memory_pool_size", report.Log);
        Assert.DoesNotContain("SIGBUS", report.Log);
        Assert.True(report.Node("source").Failed);
        Assert.False(report.Node("sink").Failed);
    }

    [Fact]
    [Fault(FaultGroup.Memory, "A reader keeps so many messages that the pool is full", "The sender waits; a stop still ends it in good order")]
    public async Task A_pool_that_is_all_held_makes_the_sender_wait_until_the_stop()
    {
        await using DataflowRun run = new();
        run.Start(Nodes(run, "--count 100 --size 100000", "shared_memory_pool_size: 512KiB", "queue_size: 10", sink: "holds_samples --hold 50"));
        await run.Running();
        await run.Wrote("sink", "held", held => held >= 1);

        run.Stop();
        var report = await run.End();

        Assert.Equal(130, report.ExitCode);
        Assert.DoesNotContain("SIGBUS", report.Log);
        Assert.InRange(run.Number("sink", "held"), 1, 5); // as many as fit
        Assert.Equal(0, run.Number("sink", "problems"));
        Assert.False(report.Node("source").Failed);
    }

    private static string Nodes(DataflowRun run, string source, string pool, string queue, string sink = "sink") => $$"""
        - id: source
          path: {{DataflowRun.Program}}
          args: source {{source}}
          outputs: [data]
          {{pool}}
        - id: sink
          path: {{DataflowRun.Program}}
          args: {{sink}} {{run.ResultOf("sink")}}
          inputs:
            data: {source: source/data, {{queue}}}
        """;
}
