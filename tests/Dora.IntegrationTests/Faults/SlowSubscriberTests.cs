// SPDX-License-Identifier: Apache-2.0

using Dora.Platform.Processes;

namespace Dora.IntegrationTests.Faults;

/// <summary>A subscriber that is slow, or stands still, harms itself only.</summary>
[Collection(FaultCollection.Name)]
public sealed class SlowSubscriberTests
{
    private const int Count = 2000;

    [Fact]
    [Fault(FaultGroup.Messages, "A reader is slow, `drop_oldest`", "It misses messages, and they are counted; a fast reader of the same output misses none")]
    public async Task What_a_slow_subscriber_misses_is_counted_and_a_fast_one_misses_nothing()
    {
        await using DataflowRun run = new();
        run.Start(Nodes(run, "sleeps_per_message --ms 20", slowQueue: "queue_size: 10"));

        var report = (await run.End()).Succeeded();

        var slow = report.Edge("slow/data");
        Assert.Equal(Count, slow.Sent);
        Assert.Equal(slow.Sent, slow.Received + slow.Dropped + slow.Lost);
        Assert.True(slow.Dropped > 0, $"{slow}");
        Assert.Equal(slow.Received, run.Number("slow", "received"));
        AssertNothingMissed(run, report, "fast");
    }

    [Fact]
    [Fault(FaultGroup.Messages, "A reader is slow, `backpressure`", "The sender waits; nothing is lost")]
    public async Task Back_pressure_loses_nothing_at_a_slow_subscriber()
    {
        await using DataflowRun run = new();
        run.Start(Nodes(run, "sleeps_per_message --ms 1", slowQueue: "queue_size: 3, queue_policy: backpressure"));

        var report = (await run.End()).Succeeded();

        Assert.Equal(new EdgeReport(Count, Count, 0), report.Edge("slow/data"));
        Assert.Equal(Count, run.Number("slow", "received"));
        AssertNothingMissed(run, report, "fast");
    }

    [Fact]
    [Fault(FaultGroup.Messages, "A reader stands still", "The sender goes on; when the reader wakes up it sees the newest messages, and what it missed is counted")]
    public async Task A_stopped_reader_loses_only_its_own_messages_and_they_are_counted()
    {
        await using DataflowRun run = new();
        run.Start(Nodes(run, $"sink {run.ResultOf("slow")}", slowQueue: "queue_size: 10"));
        await run.Running();
        var reader = await run.Started("slow");
        await run.Wrote("slow", "received", received => received > 0);

        Signal.Send(reader, Signals.Stop);
        await run.Wrote("source", "sent", sent => sent == Count); // the source ends only after this: it does not wait for the reader
        await run.Wrote("fast", "received", received => received == Count);
        Signal.Send(reader, Signals.Continue);
        var report = (await run.End()).Succeeded();

        var slow = report.Edge("slow/data");
        Assert.Equal(Count, slow.Sent);
        Assert.Equal(slow.Sent, slow.Received + slow.Dropped + slow.Lost);
        Assert.True(slow.Dropped > 0, $"{slow}");
        Assert.Equal(slow.Received, run.Number("slow", "received"));
        Assert.Equal(0, run.Number("slow", "problems"));
        Assert.Equal(Count, run.Number("slow", "last")); // the newest are kept
        Assert.InRange(run.Number("slow", "gaps"), 1, slow.Dropped); // what it saw missing is what was counted; losses before its first message it cannot see
        AssertNothingMissed(run, report, "fast");
    }

    private static void AssertNothingMissed(DataflowRun run, DataflowReport report, string node)
    {
        Assert.Equal(new EdgeReport(Count, Count, 0), report.Edge($"{node}/data"));
        Assert.Equal(Count, run.Number(node, "received"));
        Assert.Equal(0, run.Number(node, "problems"));
        Assert.Equal(0, run.Number(node, "gaps"));
    }

    /// <summary>A source of 2,000 messages in about two seconds, one reader that must miss nothing, and one that is tested.</summary>
    private static string Nodes(DataflowRun run, string slow, string slowQueue) => $$"""
        - id: source
          path: {{DataflowRun.Program}}
          args: source --count {{Count}} --size 64,5000 --interval-us 1000 {{run.ResultOf("source")}}
          outputs: [data]
        - id: fast
          path: {{DataflowRun.Program}}
          args: sink {{run.ResultOf("fast")}}
          inputs:
            data: {source: source/data, queue_size: {{Count}}}
        - id: slow
          path: {{DataflowRun.Program}}
          args: {{(slow.Contains("--result", StringComparison.Ordinal) ? slow : $"{slow} {run.ResultOf("slow")}")}}
          inputs:
            data: {source: source/data, {{slowQueue}}}
        """;
}
