// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;
using Dora.Operators;
using Dora.Protocol.Messages;
using Dora.Runtime;
using Dora.Runtime.Port;

namespace Dora.UnitTests.Runtime;

/// <summary>Fault 5: an exception in an operator restarts that operator only.</summary>
public sealed class FailureTests
{
    private readonly RuntimeUnderTest _runtime = new();

    public static TheoryData<string> Throws => ["plain", "null", "index", "cast", "memory", "cancelled", "interrupted", "aggregate", "stack-free recursion", "async void", "async void later"];

    [Theory]
    [MemberData(nameof(Throws))]
    [SuppressMessage("Usage", "CA2201", Justification = "what operators throw is not ours to choose")]
    public void Whatever_an_operator_throws_restarts_it_and_nobody_else_notices(string how)
    {
        var instances = 0;
        var disposed = 0;
        var handled = new List<int>();
        _runtime.Add("bad", "in=camera:image", "out", () => new Throwing(++instances, handled, how, () => disposed++));
        var others = 0;
        _runtime.Add("good", "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
        {
            others += e.Kind == OperatorEventKind.Input ? 1 : 0;
            return DoraStatus.Continue;
        });
        _runtime.Node.AddInputs("bad/in", 5);
        _runtime.Node.AddInputs("good/in", 20);
        _runtime.Node.Close("bad/in", "good/in");

        var result = _runtime.Run();
        Assert.Equal(20, others);
        Assert.Empty(result.FailedOperators);
        Assert.Equal(1, result.Restarts);
        Assert.Equal(2, instances);
        Assert.Equal(2, disposed);
        Assert.Equal([1, 3, 4], handled.Where(n => n is 1 or 3 or 4)); // message 2 is gone; the others were handled
        Assert.Equal(
            [OperatorState.Started, OperatorState.Failed, OperatorState.Restarted, OperatorState.Stopped],
            _runtime.ReportsOf("bad"));
        Assert.Equal([OperatorState.Started, OperatorState.Stopped], _runtime.ReportsOf("good"));
        Assert.Contains(_runtime.Node.Logs, l => l.Level == LogLevel.Error && l.Operator == "bad");
        Assert.Equal(0, _runtime.Node.SamplesOut);
    }

    [Fact]
    public void After_the_sixth_failure_within_a_minute_it_has_failed_for_good_and_its_outputs_close()
    {
        var events = new List<OperatorEventKind>();
        _runtime.Add("bad", "in=camera:image", "out", (in OperatorEvent e, OutputSender _) => throw new InvalidOperationException("always"));
        _runtime.Add("reader", "in=bad/out", "", (in OperatorEvent e, OutputSender _) =>
        {
            events.Add(e.Kind);
            return DoraStatus.Continue;
        });
        _runtime.Node.AddInputs("bad/in", 100);
        var result = _runtime.Run();
        Assert.Equal(["bad"], result.FailedOperators);
        Assert.Equal(5, result.Restarts);
        Assert.Equal([OperatorEventKind.InputClosed, OperatorEventKind.Stop], events);
        Assert.Equal(6, _runtime.ReportsOf("bad").Count(s => s == OperatorState.Failed));
        Assert.Contains(_runtime.Node.Logs, l => l.Message == "operator 'bad' failed for good: no more than 5 restarts within 60 s");
    }

    [Fact]
    public void Failures_that_lie_far_apart_do_not_add_up()
    {
        var time = new ManualTime();
        var runtime = new RuntimeUnderTest { Time = time };
        runtime.Add("bad", "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
        {
            time.Advance(TimeSpan.FromSeconds(15));
            return e.Kind == OperatorEventKind.Input ? throw new InvalidOperationException("now and then") : DoraStatus.Continue;
        });
        runtime.Node.AddInputs("bad/in", 30);
        runtime.Node.Close("bad/in");
        var result = runtime.Run();
        Assert.Equal(30, result.Restarts);
        Assert.Empty(result.FailedOperators);
    }

    [Fact]
    public void A_constructor_that_throws_on_a_restart_counts_as_a_failure()
    {
        var instances = 0;
        _runtime.Add("bad", "in=camera:image", "", () => ++instances == 1
            ? new RuntimeUnderTest.HandlerOperator((in OperatorEvent _, OutputSender _) => throw new InvalidOperationException("first"))
            : throw new InvalidOperationException("no more"));
        _runtime.Node.AddInputs("bad/in", 10);
        Assert.Equal(["bad"], _runtime.Run().FailedOperators);
        Assert.Equal(6, instances);
    }

    [Fact]
    public void A_constructor_that_throws_at_the_start_ends_the_runtime_and_disposes_the_others()
    {
        var disposed = 0;
        _runtime.Add("good", "in=camera:image", "", () => new Throwing(1, [], "", () => disposed++));
        _runtime.Add("bad", "in=camera:image", "", () => throw new InvalidOperationException("no camera"));
        var e = Assert.Throws<OperatorLoadException>(_runtime.Run);
        Assert.Equal("operator 'bad': cannot be started: no camera", e.Message);
        Assert.Equal("bad", e.OperatorId);
        Assert.Equal(1, disposed);
    }

    [Fact]
    public void An_exception_in_Dispose_or_at_the_stop_does_not_reach_others()
    {
        var stopped = false;
        _runtime.Add("bad", "in=camera:image", "", () => new Throwing(1, [], "at stop", () => throw new InvalidOperationException("in dispose")));
        _runtime.Add("good", "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
        {
            stopped |= e.Kind == OperatorEventKind.Stop;
            return DoraStatus.Continue;
        });
        _runtime.Node.Add(new PortEvent(PortEventKind.Stop, Reason: "the dataflow was stopped"));
        Assert.Equal(["bad"], _runtime.Run().FailedOperators);
        Assert.True(stopped);
        Assert.Contains(_runtime.Node.Logs, l => l.Message.StartsWith("Dispose of operator 'bad' failed", StringComparison.Ordinal));
    }

    private sealed class Throwing(int instance, List<int> handled, string how, Action onDispose) : IOperator, IDisposable
    {
        public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
        {
            if (e.Kind == OperatorEventKind.Stop && how == "at stop")
            {
                throw new InvalidOperationException("at stop");
            }

            if (e.Kind != OperatorEventKind.Input)
            {
                return DoraStatus.Continue;
            }

            var n = BitConverter.ToInt32(e.Data);
            if (instance == 1 && n == 2)
            {
                Throw(output);
            }

            handled.Add(n);
            return DoraStatus.Continue;
        }

        public void Dispose() => onDispose();

        [SuppressMessage("Usage", "CA2201", Justification = "what operators throw is not ours to choose")]
        private void Throw(OutputSender output)
        {
            switch (how)
            {
                case "plain": throw new InvalidOperationException("plain");
                case "null": _ = ((string?)null)!.Length; break;
                case "index": _ = Array.Empty<int>()[handled.Count]; break;
                case "cast": _ = (string)(object)how.Length; break;
                case "memory": throw new OutOfMemoryException();
                case "cancelled": throw new OperationCanceledException();
                case "interrupted": throw new ThreadInterruptedException();
                case "aggregate": Task.Run(() => throw new InvalidOperationException("in a task")).Wait(); break;
                case "stack-free recursion": throw new InsufficientExecutionStackException();
                case "async void": Now(); break;
                case "async void later": Later(); break;
            }

            static async void Now()
            {
                await Task.CompletedTask;
                throw new InvalidOperationException("async void");
            }

            static async void Later()
            {
                await Task.Yield();
                throw new InvalidOperationException("async void, after an await");
            }
        }
    }

    private sealed class ManualTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref _ticks);

        public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
    }
}
