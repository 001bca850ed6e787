// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Protocol.Messages;
using Dora.Runtime.Port;

namespace Dora.UnitTests.Runtime;

public sealed class EndingTests
{
    private readonly RuntimeUnderTest _runtime = new();

    [Fact]
    public void Stop_ends_that_operator_only_and_closes_its_outputs_after_what_it_sent()
    {
        var seen = new List<string>();
        _runtime.Add("a", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            output.Send("out", [1]);
            output.Send("out", [2]);
            return DoraStatus.Stop;
        });
        _runtime.Add("b", "in=a/out", "out", (in OperatorEvent e, OutputSender _) =>
        {
            seen.Add(e.Kind == OperatorEventKind.Input ? $"{e.Data[0]}" : $"{e.Kind} {e.Reason}");
            return DoraStatus.Continue;
        });
        _runtime.Node.AddInputs("a/in", 3);
        _runtime.Run();
        Assert.Equal(["1", "2", "InputClosed operator 'a' ended", "Stop all inputs are closed"], seen);
        Assert.All(_runtime.Node.Outputs.Values, output => Assert.True(output.IsClosed));
    }

    [Fact]
    public void What_an_operator_logs_is_in_the_log_under_its_name()
    {
        _runtime.Add("a", "in=camera:image", "", (in OperatorEvent _, OutputSender output) =>
        {
            output.Log(OperatorLogLevel.Warn, "odd");
            output.Log(OperatorLogLevel.Trace, "step");
            return DoraStatus.Stop;
        });
        _runtime.Node.AddInput("a/in", 1);
        _runtime.Run();
        Assert.Equal([(LogLevel.Warn, "a", "odd"), (LogLevel.Trace, "a", "step")], _runtime.Node.Logs);
    }

    [Fact]
    public void Messages_for_an_operator_that_ended_are_taken_and_dropped()
    {
        _runtime.Add("a", "in=camera:image", "", (in OperatorEvent _, OutputSender _) => DoraStatus.Stop);
        var count = 0;
        _runtime.Add("b", "in=camera:image", "", (in OperatorEvent e, OutputSender _) => ++count == 20 ? DoraStatus.Stop : DoraStatus.Continue);
        for (var i = 0; i < 20; i++)
        {
            _runtime.Node.AddInput("a/in", 1); // would hold up the rest of a lossless edge if it stayed
            _runtime.Node.AddInput("b/in", 1);
        }

        _runtime.Run();
        Assert.Equal(0, _runtime.Node.SamplesOut);
    }

    [Fact]
    public void Stop_all_is_told_to_the_daemon_and_others_run_until_it_answers()
    {
        _runtime.Add("a", "in=camera:image", "", (in OperatorEvent _, OutputSender _) => DoraStatus.StopAll);
        string? reason = null;
        _runtime.Add("b", "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
        {
            reason = e.Reason;
            return DoraStatus.Continue;
        });
        _runtime.Node.Idle = () =>
        {
            if (_runtime.ReportsOf("a").Contains(OperatorState.StopAll) && reason is null)
            {
                _runtime.Node.Add(new PortEvent(PortEventKind.Stop, Reason: "the dataflow was stopped"));
            }
        };
        _runtime.Node.AddInput("a/in", 1);
        _runtime.Run();
        Assert.Equal([OperatorState.Started, OperatorState.StopAll, OperatorState.Stopped], _runtime.ReportsOf("a"));
        Assert.Equal("the dataflow was stopped", reason);
    }

    [Fact]
    public void A_stop_comes_before_what_is_still_queued()
    {
        var seen = new List<OperatorEventKind>();
        _runtime.Add("a", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                for (var i = 0; i < 10; i++)
                {
                    output.Send("out", [1]);
                }

                _runtime.Node.Add(new PortEvent(PortEventKind.Stop, Reason: "stopped"));
            }

            return DoraStatus.Continue;
        });
        _runtime.Add("b", "in=a/out", "", (in OperatorEvent e, OutputSender _) =>
        {
            for (var i = 0; i < 100; i++)
            {
                Thread.Yield();
            }

            seen.Add(e.Kind);
            return DoraStatus.Continue;
        }, queueSize: 100);
        _runtime.Node.AddInput("a/in", 1);
        _runtime.Run();
        Assert.Equal(OperatorEventKind.Stop, seen[^1]);
    }

    [Fact]
    public void A_circle_ends_once_the_node_has_no_input_left_and_nothing_moves_any_more()
    {
        var handled = 0;
        Handler countdown = (in OperatorEvent e, OutputSender output) =>
        {
            if (e.Kind == OperatorEventKind.Input && e.Data[0] > 0)
            {
                handled++;
                output.Send("out", [(byte)(e.Data[0] - 1)]);
            }

            return DoraStatus.Continue;
        };
        _runtime.Add("a", "in=camera:image back=b/out", "out", countdown).Add("b", "in=a/out", "out", countdown);
        _runtime.Node.AddInput("a/in", 100);
        _runtime.Node.Close("a/in");
        _runtime.Node.Add(new PortEvent(PortEventKind.Finish));
        _runtime.Run();
        Assert.Equal(100, handled);
    }

    [Fact]
    public void Losing_the_node_ends_everything()
    {
        var reason = "";
        _runtime.Add("a", "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
        {
            reason = e.Reason;
            return DoraStatus.Continue;
        });
        _runtime.Node.Add(new PortEvent(PortEventKind.Ended));
        _runtime.Run();
        Assert.Equal("the node's connection is gone", reason);
    }

    [Fact]
    public void An_operator_without_inputs_lives_until_the_stop()
    {
        var events = new List<OperatorEventKind>();
        _runtime.Add("a", "", "out", (in OperatorEvent e, OutputSender _) =>
        {
            events.Add(e.Kind);
            return DoraStatus.Continue;
        });
        _runtime.Node.Add(new PortEvent(PortEventKind.Stop));
        _runtime.Run();
        Assert.Equal([OperatorEventKind.Stop], events);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_thousand_operators_start_run_and_stop(bool lossless)
    {
        const int Operators = 1000;
        const int Messages = 20;
        var handled = new int[Operators];
        for (var i = 0; i < Operators; i++)
        {
            var me = i;
            _runtime.Add(
                $"op{i}",
                i == 0 ? "in=camera:image" : $"in=op{i - 1}/out",
                "out",
                (in OperatorEvent e, OutputSender output) =>
                {
                    if (e.Kind == OperatorEventKind.Input)
                    {
                        handled[me]++;
                        output.Forward("out", e);
                    }

                    return DoraStatus.Continue;
                },
                queueSize: lossless ? 1u : Messages,
                lossless);
        }

        _runtime.Node.AddInputs("op0/in", Messages);
        _runtime.Node.Close("op0/in");
        var result = _runtime.Run();
        Assert.Empty(result.FailedOperators);
        Assert.All(handled, count => Assert.Equal(Messages, count));
        Assert.Equal(Enumerable.Range(0, Messages), _runtime.Node.Outputs[$"op{Operators - 1}/out"].Numbers);
        Assert.Equal(Operators, _runtime.Node.Reports.Count(r => r.State == OperatorState.Stopped));
        Assert.Equal(0, _runtime.Node.SamplesOut);
    }

    [Fact]
    public void Turns_are_fair_between_busy_operators()
    {
        var order = new List<string>();
        foreach (var op in new[] { "a", "b", "c" })
        {
            _runtime.Add(op, $"in=source/out", "", (in OperatorEvent e, OutputSender _) =>
            {
                if (e.Kind == OperatorEventKind.Input)
                {
                    order.Add(op);
                }

                return DoraStatus.Continue;
            });
        }

        _runtime.Add("source", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            for (var i = 0; i < 3; i++)
            {
                output.Send("out", [1]);
            }

            return DoraStatus.Stop;
        });
        _runtime.Node.AddInput("source/in", 1);
        _runtime.Run();
        Assert.Equal(["a", "b", "c", "a", "b", "c", "a", "b", "c"], order);
    }
}
