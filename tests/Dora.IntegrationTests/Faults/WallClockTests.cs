// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;

namespace Dora.IntegrationTests.Faults;

/// <summary>Fault 15: somebody sets the wall clock while a dataflow runs.</summary>
[Collection(FaultCollection.Name)]
public sealed class WallClockTests
{
    private const int TickMs = 10;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan ToBefore1970 = -(TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch) - TimeSpan.FromDays(1000);

    public static TheoryData<string, TimeSpan[]> Journeys => new()
    {
        { "forth and back", [TimeSpan.Zero, Hour, -Hour, TimeSpan.Zero] },
        { "from before 1970 to today and back", [ToBefore1970, TimeSpan.Zero, ToBefore1970] },
    };

    [Theory]
    [MemberData(nameof(Journeys))]
    [Fault(FaultGroup.Clocks, "The wall clock jumps by hours or years, or stands before 1970", "Timers, time-outs and restarts keep their time; time stamps of an output never go back")]
    public async Task Fault_15_a_clock_that_jumps_disturbs_no_timer_time_out_restart_stamp_or_age(string journey, TimeSpan[] offsets)
    {
        _ = journey;
        var begin = Stopwatch.GetTimestamp();
        await using DataflowRun run = new();
        FakeWallClock clock = new(run);
        clock.SetOffset(offsets[0]);
        run.Start(Nodes(run), "--stop-after", "30m", "--grace", "30m");
        await run.Running();
        Assert.True(clock.IsUsedBy(run.ProcessId));

        for (var jump = 0; jump < offsets.Length; jump++)
        {
            clock.SetOffset(offsets[jump]);
            await run.Wrote("sink", "unix_seconds", seconds => IsNear(seconds, offsets[jump])); // it has seen the new time
            var (ticks, data) = (run.Number("sink", "received.tick"), run.Number("sink", "received.data"));
            await run.Wrote("sink", "received.tick", now => now > ticks + 20);
            await run.Wrote("sink", "received.data", now => now > data + 20);
            await run.Started("crasher", run.StartsOf("crasher")); // one more restart
        }

        run.Stop();
        var report = await run.End();

        Assert.True(report.ExitCode == 130, report.Log); // not --stop-after, nor a node that failed
        var ticksMax = (Stopwatch.GetElapsedTime(begin).TotalMilliseconds / TickMs) + 2;
        Assert.InRange(run.Number("sink", "received.tick"), 20 * offsets.Length, ticksMax); // nothing was made up for
        Assert.Equal(0, run.Number("sink", "problems")); // stamps too
        Assert.Equal(0, run.Number("sink", "timeouts"));
        Assert.All(["source", "sink"], node => Assert.Equal(new NodeReport(false, "exit code 0", 0), report.Node(node)));
        Assert.InRange(report.Age50("sink/data"), TimeSpan.Zero, DataflowRun.Patience);
        Assert.InRange(report.Age50("sink/tick"), TimeSpan.Zero, DataflowRun.Patience);
        Assert.DoesNotContain("bug in dora", report.Log);
    }

    private static bool IsNear(long unixSeconds, TimeSpan offset) =>
        Math.Abs(unixSeconds - (TimeProvider.System.GetUtcNow() + offset).ToUnixTimeSeconds()) < Hour.TotalSeconds / 2;

    /// <summary>Time-outs of half an hour: no waiting reaches them, each jump passes them.</summary>
    private static string Nodes(DataflowRun run) => $$"""
        - id: source
          path: {{DataflowRun.Program}}
          args: source --size 64,5000
          inputs: {tick: dora/timer/millis/{{TickMs}}}
          outputs: [data]
          health_check_timeout: 30m
        - id: sink
          path: {{DataflowRun.Program}}
          args: sink --stamps 1 {{run.ResultOf("sink")}}
          inputs:
            data: {source: source/data, input_timeout: 30m}
            tick: dora/timer/millis/{{TickMs}}
          health_check_timeout: 30m
        - id: crasher
          path: {{DataflowRun.Program}}
          args: crashes_after_n --after 5
          inputs: {tick: dora/timer/millis/{{TickMs}}}
          restart_policy: always
          restart_delay: 10ms
          max_restart_delay: 10ms
        """;
}
