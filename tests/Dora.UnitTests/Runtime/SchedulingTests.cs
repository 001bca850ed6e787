// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Protocol.Messages;
using Dora.Runtime.Scheduling;

namespace Dora.UnitTests.Runtime;

/// <summary>Priorities, deadlines and budgets, on a clock that the test turns.</summary>
public sealed class SchedulingTests
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(60);

    private readonly TurnedTime _time = new();
    private readonly RuntimeUnderTest _runtime;
    private readonly List<string> _log = [];

    public SchedulingTests() => _runtime = new RuntimeUnderTest { Time = _time };

    private IEnumerable<string> Warnings => _runtime.Node.Logs.Where(l => l.Level == LogLevel.Warn).Select(l => l.Message);

    [Fact]
    public void Of_those_that_are_ready_the_highest_priority_goes_first_and_equals_in_the_order_of_arrival()
    {
        AddLogger("source", "in=camera:image", "a", "b", "c", "d");
        AddLogger("low", "in=source/a").Priority = 10;
        AddLogger("plain", "in=source/b");
        AddLogger("high", "in=source/c").Priority = 90;
        AddLogger("plain2", "in=source/d");
        _runtime.Node.AddInputs("source/in", 1);
        _runtime.Node.Close("source/in");

        _runtime.Run();

        Assert.Equal(["source", "high", "plain", "plain2", "low"], _log);
    }

    [Fact]
    public void Within_a_priority_the_earliest_deadline_goes_first()
    {
        AddLogger("source", "in=camera:image", "a", "b", "c");
        AddLogger("none", "in=source/a");
        AddLogger("long", "in=source/b").DeadlineNs = 50_000_000;
        AddLogger("short", "in=source/c").DeadlineNs = 5_000_000;
        _runtime.Node.AddInputs("source/in", 1);
        _runtime.Node.Close("source/in");

        _runtime.Run();

        Assert.Equal(["source", "short", "long", "none"], _log);
    }

    [Fact]
    public void What_was_begun_is_finished_before_something_new_begins()
    {
        // Two messages arrive at once; without an order the two would go through the chain in step.
        AddLogger("a", "in=camera:image", "out");
        AddLogger("b", "in=a/out", "out");
        AddLogger("c", "in=b/out");
        AddLogger("other", "in=camera:image").Priority = 10; // so that there is an order
        AddLogger("a2", "in=camera:image", "out");
        AddLogger("b2", "in=a2/out", "out");
        AddLogger("c2", "in=b2/out");
        _runtime.Node.AddInputs("a/in", 1);
        _runtime.Node.AddInputs("a2/in", 1);
        _runtime.Node.Close("a/in", "a2/in", "other/in");

        _runtime.Run();

        Assert.Equal(["a", "b", "c", "a2", "b2", "c2"], _log);
    }

    [Fact]
    public void Messages_whose_deadline_has_passed_are_dropped_unhandled_and_counted_as_that()
    {
        _runtime.Add("source", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                output.Send("out", "old"u8);
                _time.Advance(TimeSpan.FromMilliseconds(11));
                output.Send("out", "new"u8);
            }

            return DoraStatus.Continue;
        });
        _runtime.Add("late", "in=source/out", "", (in OperatorEvent e, OutputSender _) =>
        {
            _log.Add(e.Kind == OperatorEventKind.Input ? System.Text.Encoding.UTF8.GetString(e.Data) : $"{e.Kind}");
            return DoraStatus.Continue;
        });
        (_runtime.ConfigOf("late").DeadlineNs, _runtime.ConfigOf("late").OnMiss) = (10_000_000, MissAction.Skip);
        _runtime.Node.AddInputs("source/in", 1);
        _runtime.Node.Close("source/in");

        _runtime.Run();

        Assert.Equal(["new", "InputClosed", "Stop"], _log);
        var report = _runtime.Node.LastReports["late"];
        Assert.Equal(new SiblingCounts { InputId = "in", Sent = 2, Received = 1, DroppedExpired = 1, Bytes = 6 }, Assert.Single(report.Siblings));
        Assert.Equal(new TimingCounts { Handled = 1, Expired = 1 }, report.Timing);
        Assert.Empty(report.Expired);
        Assert.Empty(Warnings);
    }

    [Fact]
    public void Expired_messages_of_other_nodes_are_given_back_and_counted_on_their_input()
    {
        AddLogger("first", "in=camera:image", "").Priority = 99;
        _runtime.Add("slow", "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
        {
            _log.Add($"{e.Kind}");
            _time.Advance(TimeSpan.FromMilliseconds(20));
            return DoraStatus.Continue;
        });
        _runtime.Add("late", "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
        {
            _log.Add($"late {e.Kind}");
            return DoraStatus.Continue;
        });
        (_runtime.ConfigOf("late").DeadlineNs, _runtime.ConfigOf("late").OnMiss) = (10_000_000, MissAction.Skip);
        _runtime.ConfigOf("slow").Priority = 60;
        _runtime.Node.AddInputs("slow/in", 1);
        _runtime.Node.AddInputs("late/in", 1);
        _runtime.Node.Close("slow/in", "late/in", "first/in");

        _runtime.Run();

        Assert.DoesNotContain("late Input", _log);
        Assert.Equal(new ExpiredCounts { InputId = "in", DroppedExpired = 1 }, Assert.Single(_runtime.Node.LastReports["late"].Expired));
        Assert.Equal(0, _runtime.Node.SamplesOut);
    }

    [Theory]
    [InlineData(MissAction.Warn)]
    [InlineData(MissAction.Skip)]
    public void A_message_that_is_handled_too_late_is_counted_and_told_once_a_second(MissAction onMiss)
    {
        AddSlow(20, onMiss);
        _runtime.Node.AddInputs("slow/in", 100);
        _runtime.Node.Close("slow/in");

        _runtime.Run();

        Assert.Equal(100, _log.Count(l => l == "Input"));
        Assert.Equal(new TimingCounts { Handled = 100, Missed = 100, WorstNs = 20_000_000 }, _runtime.Node.LastReports["slow"].Timing);
        Assert.Equal(
            [
                "operator 'slow' missed a deadline: input 'in' was handled 20 ms after it arrived; its deadline is 10 ms",
                "operator 'slow' missed a deadline: input 'in' was handled 20 ms after it arrived; its deadline is 10 ms (and 49 more times since)",
            ],
            Warnings);
    }

    [Fact]
    public void An_operator_is_told_of_each_miss_if_it_asks_for_it()
    {
        AddSlow(20, MissAction.Event);
        _runtime.Node.AddInputs("slow/in", 2);
        _runtime.Node.Close("slow/in");

        _runtime.Run();

        Assert.Equal(["Input", "DeadlineMissed in: handled 20 ms after it came", "Input", "DeadlineMissed in: handled 20 ms after it came", "InputClosed", "Stop"], _log);
    }

    [Fact]
    public void An_operator_is_started_again_after_a_miss_if_it_asks_for_it()
    {
        AddSlow(20, MissAction.Restart);
        _runtime.Node.AddInputs("slow/in", 2);
        _runtime.Node.Close("slow/in");

        var result = _runtime.Run();

        Assert.Equal(2, result.Restarts);
        Assert.Empty(result.FailedOperators);
        Assert.Contains(_runtime.Node.Reports, r => r is { State: OperatorState.Failed, Message: "missed a deadline: input 'in' was handled 20 ms after it came" });
    }

    [Fact]
    public void Who_keeps_the_deadline_hears_nothing()
    {
        AddSlow(10, MissAction.Event);
        _runtime.Node.AddInputs("slow/in", 3);
        _runtime.Node.Close("slow/in");

        _runtime.Run();

        Assert.Equal(["Input", "Input", "Input", "InputClosed", "Stop"], _log);
        Assert.Equal(0UL, _runtime.Node.LastReports["slow"].Timing.Missed);
        Assert.Empty(Warnings);
    }

    [Fact]
    public void An_event_over_budget_is_told_while_it_runs_and_when_it_has_ended()
    {
        _runtime.Add("stuck", "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                _time.Advance(TimeSpan.FromMilliseconds(7));
                Assert.True(SpinWait.SpinUntil(() => Warnings.Any(), WaitMax)); // told by the watchdog: this thread is busy
                _time.Advance(TimeSpan.FromMilliseconds(5));
            }

            return DoraStatus.Continue;
        });
        _runtime.ConfigOf("stuck").BudgetNs = 5_000_000;
        _runtime.Node.AddInputs("stuck/in", 1);
        _runtime.Node.Close("stuck/in");

        Assert.Empty(_runtime.Run().FailedOperators);

        Assert.Equal(
            [
                "operator 'stuck' is over its budget: input 'in' has taken 7 ms so far and still runs; the budget is 5 ms",
                "operator 'stuck' was over its budget: input 'in' took 12 ms; the budget is 5 ms",
            ],
            Warnings);
        Assert.Equal(new TimingCounts { OverBudget = 1, Handled = 1, WorstNs = 12_000_000 }, _runtime.Node.LastReports["stuck"].Timing);
    }

    [Fact]
    public void Operators_without_any_of_the_keys_have_neither_order_nor_timing()
    {
        AddLogger("a", "in=camera:image");
        var wiring = RuntimeWiring.Create(_runtime.Node, _ => null!, _time);

        Assert.IsType<FifoReadyQueue>(wiring.CreateReadyQueue());
        Assert.Null(wiring.Cells.Single().Timing);
    }

    [Fact]
    public void The_distance_to_the_sink_is_the_longest_way_there_and_circles_do_not_count()
    {
        AddLogger("a", "in=camera:image back=c/back", "x", "y");
        AddLogger("b", "in=a/x", "out");
        AddLogger("c", "in=b/out direct=a/y", "out", "back");
        AddLogger("d", "in=c/out");
        AddLogger("self", "in=self/out", "out");
        var wiring = RuntimeWiring.Create(_runtime.Node, _ => null!, _time);

        Assert.Equal([("a", 3), ("b", 2), ("c", 1), ("d", 0), ("self", 0)], wiring.Cells.Select(c => (c.Id, c.DistanceToSink)));
    }

    private OperatorConfig AddLogger(string id, string inputs, params string[] outputs)
    {
        _runtime.Add(id, inputs, string.Join(' ', outputs), (in OperatorEvent e, OutputSender output) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                _log.Add(id);
                foreach (var o in outputs.Where(o => o.Length > 0))
                {
                    output.Send(o, ReadOnlySpan<byte>.Empty);
                }
            }

            return DoraStatus.Continue;
        });
        return _runtime.ConfigOf(id);
    }

    private void AddSlow(int milliseconds, MissAction onMiss)
    {
        _runtime.Add("slow", "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
        {
            _log.Add(e.Kind == OperatorEventKind.DeadlineMissed ? $"{e.Kind} {e.Id}: {e.Reason}" : $"{e.Kind}");
            if (e.Kind == OperatorEventKind.Input)
            {
                _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
            }

            return DoraStatus.Continue;
        });
        (_runtime.ConfigOf("slow").DeadlineNs, _runtime.ConfigOf("slow").OnMiss) = (10_000_000, onMiss);
    }

    private sealed class TurnedTime : TimeProvider
    {
        private long _ns = 1_000_000_000;

        public override long TimestampFrequency => 1_000_000_000;

        public override long GetTimestamp() => Volatile.Read(ref _ns);

        public void Advance(TimeSpan by) => Interlocked.Add(ref _ns, (long)by.TotalNanoseconds);
    }
}
