// SPDX-License-Identifier: Apache-2.0

namespace Dora.IntegrationTests.Faults;

/// <summary>Fault 12: a dataflow that wants more memory than its control group has.</summary>
[Collection(FaultCollection.Name)]
public sealed class MemoryLimitTests
{
    private const long GroupBytes = 256L << 20; // four processes take about 100 MB of it
    private const int Count = 60;

    [Fact]
    [Fault(FaultGroup.Memory, "A reader keeps so many messages that memory is full", "The sender waits; a stop still ends it in good order")]
    public async Task Fault_12_a_reader_that_holds_all_memory_makes_the_sender_wait_until_the_stop()
    {
        using MemoryGroup group = new(GroupBytes);
        await using DataflowRun run = new() { Wrapper = group.Wrapper };
        run.Start(Nodes(run, $"source --count {Count} --loan 1 --size 16000000 --interval-us 0", $"holds_samples --hold {Count}"));
        await run.Running();
        await run.Wrote("sink", "held", held => held >= 1);

        run.Stop();
        var report = await run.End();

        Assert.Equal(130, report.ExitCode);
        Assert.InRange(run.Number("sink", "held"), 1, GroupBytes / 16000000);
        Assert.Equal(0, run.Number("sink", "problems"));
        Assert.False(report.Node("source").Failed);
        AssertNobodyWasKilled(group, report);
    }

    [Fact]
    [Fault(FaultGroup.Memory, "A message is larger than the memory that is left", "The sender gets an error that names the limit and how to raise it")]
    public async Task Fault_12_a_message_larger_than_the_memory_that_is_left_is_an_error_that_names_the_limit()
    {
        using MemoryGroup group = new(GroupBytes);
        await using DataflowRun run = new() { Wrapper = group.Wrapper };
        run.Start(Nodes(run, "source --count 1 --loan 1 --size 300000000 --interval-us 0", "sink"));

        var report = await run.End();

        Assert.Equal(1, report.ExitCode);
        Assert.True(report.Node("source").Failed, report.Log);
        Assert.Contains("cannot carry a message of 300000000 bytes", report.Log);
        Assert.Contains($"the control group's limit of {GroupBytes} bytes", report.Log);
        AssertNobodyWasKilled(group, report);
    }

    private static void AssertNobodyWasKilled(MemoryGroup group, DataflowReport report)
    {
        Assert.True(group.KillCount == 0, report.Log);
        Assert.DoesNotContain("SIGBUS", report.Log);
        Assert.DoesNotContain("SIGKILL", report.Log);
    }

    private static string Nodes(DataflowRun run, string source, string sink) => $$"""
        - id: source
          path: {{DataflowRun.Program}}
          args: {{source}}
          outputs: [data]
        - id: sink
          path: {{DataflowRun.Program}}
          args: {{sink}} {{run.ResultOf("sink")}}
          inputs:
            data: {source: source/data, queue_size: {{Count}}}
        """;
}
