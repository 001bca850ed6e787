// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Protocol.Messages;
using Dora.Runtime.Port;

namespace Dora.UnitTests.Runtime;

public sealed class BackPressureTests
{
    private readonly RuntimeUnderTest _runtime = new();

    [Fact]
    public void Drop_oldest_keeps_the_newest_and_counts_the_rest()
    {
        var seen = new List<int>();
        _runtime.Add("a", "in=camera:image", "out", Burst(100)).Add("b", "in=a/out", "", Collect(seen), queueSize: 4);
        _runtime.Node.AddInput("a/in", 0);
        _runtime.Node.Close("a/in");
        _runtime.Run();
        Assert.Equal([96, 97, 98, 99], seen);
        var input = _runtime.Input("b", "in");
        Assert.Equal((100UL, 4UL, 96UL, 0UL), (input.Sent, input.Received, input.Dropped, input.Lost));
        Assert.Equal(new SiblingCounts { InputId = "in", Sent = 100, Received = 4, DroppedOldest = 96, Bytes = 400 }, Assert.Single(_runtime.Node.Siblings["b"]));
        Assert.Empty(_runtime.Node.Siblings["a"]); // another node sends to it: its edge counts
    }

    [Fact]
    public void What_waits_for_an_operator_that_ends_is_lost_not_dropped()
    {
        _runtime.Add("a", "in=camera:image", "out", Burst(10)).Add("b", "in=a/out", "", (in OperatorEvent e, OutputSender _) => DoraStatus.Stop, lossless: true);
        _runtime.Node.AddInput("a/in", 0);
        _runtime.Node.Close("a/in");
        _runtime.Run();
        var input = _runtime.Input("b", "in");
        Assert.Equal((10UL, 1UL, 0UL, 9UL), (input.Sent, input.Received, input.Dropped, input.Lost));
    }

    [Fact]
    public void Backpressure_loses_nothing_and_holds_the_sender_until_there_is_room()
    {
        var seen = new List<int>();
        var waitingAtEvent = new List<int>();
        _runtime.Add("a", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                waitingAtEvent.Add(seen.Count);
            }

            return Burst(10)(e, output);
        });
        _runtime.Add("b", "in=a/out", "", Collect(seen), queueSize: 4, lossless: true);
        _runtime.Node.AddInputs("a/in", 5);
        _runtime.Node.Close("a/in");
        _runtime.Run();
        Assert.Equal(Enumerable.Repeat(Enumerable.Range(0, 10), 5).SelectMany(x => x), seen);
        Assert.Equal(0UL, _runtime.Input("b", "in").Dropped);
        Assert.All(waitingAtEvent.Index(), e => Assert.True(e.Item > (10 * e.Index) - 4, "a burst began while four or more waited"));
    }

    [Fact]
    public void One_held_back_sender_does_not_hold_others()
    {
        var order = new List<string>();
        _runtime.Add("a", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            order.Add("a");
            return Burst(50)(e, output);
        });
        _runtime.Add("slow", "in=a/out", "", (in OperatorEvent e, OutputSender _) => DoraStatus.Continue, queueSize: 1, lossless: true);
        _runtime.Add("other", "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
        {
            order.Add("other");
            return DoraStatus.Continue;
        });
        _runtime.Node.AddInput("a/in", 0);
        _runtime.Node.AddInput("a/in", 1);
        _runtime.Node.AddInputs("other/in", 20);
        _runtime.Node.Close("a/in", "other/in");
        _runtime.Run();
        Assert.True(order.LastIndexOf("a") > order.IndexOf("other") + 5, string.Join(" ", order));
    }

    [Fact]
    public void A_circle_of_full_lossless_queues_goes_on()
    {
        var handled = 0;
        Handler pass = (in OperatorEvent e, OutputSender output) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                if (++handled >= 10_000)
                {
                    return DoraStatus.Stop;
                }

                output.Forward("out", e);
            }

            return DoraStatus.Continue;
        };
        _runtime.Add("a", "in=camera:image back=c/out", "out", pass, queueSize: 1, lossless: true)
            .Add("b", "in=a/out", "out", pass, queueSize: 1, lossless: true)
            .Add("c", "in=b/out", "out", pass, queueSize: 1, lossless: true);
        _runtime.Node.AddInputs("a/in", 20); // twenty in a circle with room for three
        _runtime.Node.Close("a/in");
        _runtime.Node.Add(new PortEvent(PortEventKind.Finish));
        _runtime.Run();
        Assert.True(handled >= 10_000);
        Assert.Equal(0, _runtime.Node.SamplesOut);
    }

    [Fact]
    public void A_full_receiver_in_another_process_holds_only_its_sender()
    {
        var others = 0;
        _runtime.Add("a", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                _runtime.Node.Outputs["a/out"].Room = others < 50 ? 1 : int.MaxValue;
                output.Send("out", e.Data);
                output.Send("out", 4, 99, (span, value) => BitConverter.TryWriteBytes(span, value));
            }

            return DoraStatus.Continue;
        });
        _runtime.Add("b", "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
        {
            if (++others == 50)
            {
                _runtime.Node.Outputs["a/out"].Room = int.MaxValue; // all fifty came through while 'a' was held back
            }

            return DoraStatus.Continue;
        });
        _runtime.Node.AddInputs("a/in", 5);
        _runtime.Node.AddInputs("b/in", 50);
        _runtime.Node.Close("a/in", "b/in");
        _runtime.Run();
        Assert.Equal([0, 99, 1, 99, 2, 99, 3, 99, 4, 99], _runtime.Node.Outputs["a/out"].Numbers);
        Assert.True(_runtime.Node.Outputs["a/out"].IsClosed);
    }

    [Fact]
    public void Messages_of_an_operator_that_ends_are_sent_before_its_outputs_close()
    {
        _runtime.Add("a", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            _runtime.Node.Outputs["a/out"].Room = 2;
            Burst(5)(e, output);
            return DoraStatus.Stop;
        });
        _runtime.Add("b", "in=a/out", "", (in OperatorEvent e, OutputSender _) =>
        {
            if (e.Kind == OperatorEventKind.InputClosed)
            {
                Assert.Equal([0, 1, 2, 3, 4], _runtime.Node.Outputs["a/out"].Numbers);
            }
            else if (BitConverter.ToInt32(e.Data.Length == 4 ? e.Data : new byte[4]) == 4)
            {
                _runtime.Node.Outputs["a/out"].Room = 100;
            }

            return DoraStatus.Continue;
        });
        _runtime.Node.AddInput("a/in", 0);
        Assert.Empty(_runtime.Run().FailedOperators);
        Assert.Equal([0, 1, 2, 3, 4], _runtime.Node.Outputs["a/out"].Numbers);
    }

    [Fact]
    public void An_event_that_sends_without_end_fails_instead_of_eating_the_memory()
    {
        _runtime.Add("a", "in=camera:image", "out", Burst(int.MaxValue));
        _runtime.Add("b", "in=a/out", "", (in OperatorEvent _, OutputSender _) => DoraStatus.Continue, lossless: true);
        _runtime.Node.AddInput("a/in", 0);
        _runtime.Node.Close("a/in");
        _runtime.Run();
        Assert.Contains(_runtime.Node.Reports, r => r.Operator == "a" && r.Message.StartsWith("InvalidOperationException: 65536 messages wait", StringComparison.Ordinal));
        Assert.Equal(65_536UL, _runtime.Input("b", "in").Sent);
    }

    [Fact]
    public void Messages_of_other_nodes_wait_in_their_own_queue_one_at_a_time()
    {
        var most = 0;
        _runtime.Add("a", "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
        {
            most = Math.Max(most, _runtime.Input("a", "in").Count);
            return DoraStatus.Continue;
        });
        _runtime.Node.AddInputs("a/in", 100);
        _runtime.Node.Close("a/in");
        _runtime.Run();
        Assert.InRange(most, 0, 1);
        Assert.Equal(100UL, _runtime.Input("a", "in").Sent);
    }

    private static Handler Burst(int count) => (in OperatorEvent e, OutputSender output) =>
    {
        for (var i = 0; i < count && e.Kind == OperatorEventKind.Input; i++)
        {
            output.Send("out", BitConverter.GetBytes(i));
        }

        return DoraStatus.Continue;
    };

    private static Handler Collect(List<int> seen) => (in OperatorEvent e, OutputSender _) =>
    {
        if (e.Kind == OperatorEventKind.Input)
        {
            seen.Add(BitConverter.ToInt32(e.Data));
        }

        return DoraStatus.Continue;
    };
}
