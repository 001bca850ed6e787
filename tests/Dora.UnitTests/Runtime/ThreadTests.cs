// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dora.Operators;
using Dora.Platform.Processes;
using Dora.Protocol.Messages;
using Dora.Runtime;
using Dora.Runtime.Port;

namespace Dora.UnitTests.Runtime;

/// <summary>Operators on named threads: hand-over, back pressure and ends are what they are on one thread.</summary>
public sealed class ThreadTests
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(60);

    private readonly RuntimeUnderTest _runtime = new();

    [Fact]
    public void Operators_that_name_the_same_thread_share_it_and_those_that_name_none_share_another()
    {
        var threads = new Dictionary<string, int>();
        foreach (var (id, thread) in new[] { ("a", "x"), ("b", "x"), ("c", "y"), ("d", ""), ("e", "") })
        {
            Add(id, thread, "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
            {
                lock (threads)
                {
                    threads.TryAdd(id, Environment.CurrentManagedThreadId);
                    Assert.Equal(threads[id], Environment.CurrentManagedThreadId);
                }

                return DoraStatus.Continue;
            });
            _runtime.Node.AddInputs($"{id}/in", 5);
        }

        _runtime.Node.Close("a/in", "b/in", "c/in", "d/in", "e/in");

        Assert.Empty(_runtime.Run().FailedOperators);

        Assert.Equal(threads["a"], threads["b"]);
        Assert.Equal(threads["d"], threads["e"]);
        Assert.Equal(3, threads.Values.Distinct().Count());
        Assert.Equal(0, _runtime.Node.SamplesOut);
    }

    [Fact]
    public void A_message_goes_to_another_thread_in_the_memory_that_it_lies_in()
    {
        var data = GC.AllocateArray<byte>(64, pinned: true);
        var same = 0;
        Add("a", "x", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                output.Forward("out", e);
            }

            return DoraStatus.Continue;
        });
        Add("b", "y", "in=a/out", "", (in OperatorEvent e, OutputSender _) =>
        {
            if (e.Kind == OperatorEventKind.Input && Unsafe.AreSame(ref MemoryMarshal.GetReference(e.Data), ref data[0]))
            {
                same++;
            }

            return DoraStatus.Continue;
        });
        _runtime.Node.AddInput("a/in", data);
        _runtime.Node.Close("a/in");

        _runtime.Run();

        Assert.Equal(1, same);
        Assert.Equal(0, _runtime.Node.SamplesOut);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public void A_lossless_queue_between_threads_loses_nothing_and_keeps_the_order(uint queueSize)
    {
        const int Inputs = 2_000;
        var received = new List<int>();
        var sent = 0;
        Add("a", "x", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            for (var i = 0; i < 3 && e.Kind == OperatorEventKind.Input; i++)
            {
                output.Send("out", BitConverter.GetBytes(sent++));
            }

            return DoraStatus.Continue;
        });
        Add("b", "y", "in=a/out", "out", (in OperatorEvent e, OutputSender output) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                output.Forward("out", e);
            }

            return DoraStatus.Continue;
        }, queueSize, lossless: true);
        Add("c", "", "in=b/out", "", (in OperatorEvent e, OutputSender _) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                received.Add(BitConverter.ToInt32(e.Data));
            }

            return DoraStatus.Continue;
        }, queueSize, lossless: true);
        _runtime.Node.AddInputs("a/in", Inputs);
        _runtime.Node.Close("a/in");

        Assert.Empty(_runtime.Run().FailedOperators);

        Assert.Equal(Enumerable.Range(0, Inputs * 3), received);
        var counts = Assert.Single(_runtime.Node.LastReports["c"].Siblings);
        Assert.Equal((Inputs * 3UL, Inputs * 3UL, 0UL), (counts.Sent, counts.Received, counts.DroppedOldest));
        Assert.Equal(0, _runtime.Input("c", "in").Count);
    }

    [Fact]
    public void The_end_of_all_inputs_of_the_node_comes_after_everything_that_is_on_its_way()
    {
        const int Inputs = 500;
        var received = 0;
        Add("a", "x", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) => Pass(e, output));
        Add("b", "y", "in=a/out idle=clock:tick", "out", (in OperatorEvent e, OutputSender output) => Pass(e, output), 1, lossless: true);
        Add("c", "x", "in=b/out", "", (in OperatorEvent e, OutputSender _) =>
        {
            received += e.Kind == OperatorEventKind.Input ? 1 : 0;
            return DoraStatus.Continue;
        }, 1, lossless: true);
        _runtime.Node.AddInputs("a/in", Inputs);
        _runtime.Node.Add(new PortEvent(PortEventKind.Finish)); // a real node says so, while b's timer never closes
        _runtime.Node.Add(new PortEvent(PortEventKind.Ended));

        Assert.Empty(_runtime.Run().FailedOperators);

        Assert.Equal(Inputs, received);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Where_the_oldest_is_dropped_between_threads_every_message_is_accounted_for(uint queueSize)
    {
        const int Inputs = 3_000;
        var received = new List<int>();
        var sent = 0;
        Add("a", "x", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            for (var i = 0; i < 5 && e.Kind == OperatorEventKind.Input; i++)
            {
                output.Send("out", BitConverter.GetBytes(sent++));
            }

            return DoraStatus.Continue;
        });
        Add("b", "y", "in=a/out", "", (in OperatorEvent e, OutputSender _) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                received.Add(BitConverter.ToInt32(e.Data));
            }

            return DoraStatus.Continue;
        }, queueSize);
        _runtime.Node.AddInputs("a/in", Inputs);
        _runtime.Node.Close("a/in");

        _runtime.Run();

        var counts = Assert.Single(_runtime.Node.LastReports["b"].Siblings);
        Assert.Equal(Inputs * 5UL, counts.Sent);
        Assert.Equal(counts.Sent, counts.Received + counts.DroppedOldest);
        Assert.Equal((int)counts.Received, received.Count);
        Assert.Equal(received.Order(), received);
        Assert.Equal((Inputs * 5) - 1, received[^1]); // the newest is never the one that gives way
    }

    [Fact]
    public void A_circle_through_two_threads_does_not_stand_still()
    {
        const int Rounds = 500;
        var rounds = 0;
        Add("a", "x", "in=camera:image back=b/out", "out", (in OperatorEvent e, OutputSender output) =>
        {
            if (e.Kind != OperatorEventKind.Input || (e.Id == "back" && ++rounds >= Rounds))
            {
                return rounds >= Rounds ? DoraStatus.Stop : DoraStatus.Continue;
            }

            output.Forward("out", e);
            output.Forward("out", e); // more than there is room for
            return DoraStatus.Continue;
        }, 1, lossless: true);
        Add("b", "y", "in=a/out", "out", (in OperatorEvent e, OutputSender output) => Pass(e, output), 1, lossless: true);
        _runtime.Node.AddInputs("a/in", 3);
        _runtime.Node.Close("a/in");

        Assert.Empty(_runtime.Run().FailedOperators);

        Assert.Equal(Rounds, rounds);
        Assert.Equal(0, _runtime.Node.SamplesOut);
    }

    [Fact]
    public void One_that_blocks_does_not_hold_up_those_on_other_threads()
    {
        using var go = new ManualResetEventSlim();
        var handled = 0;
        Add("blocked", "x", "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
        {
            Assert.True(e.Kind != OperatorEventKind.Input || go.Wait(WaitMax));
            return DoraStatus.Continue;
        });
        Add("free", "y", "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
        {
            if (e.Kind == OperatorEventKind.Input && ++handled == 100)
            {
                go.Set();
            }

            return DoraStatus.Continue;
        });
        _runtime.Node.AddInputs("blocked/in", 1);
        _runtime.Node.AddInputs("free/in", 100);
        _runtime.Node.Close("blocked/in", "free/in");

        Assert.Empty(_runtime.Run().FailedOperators);
        Assert.Equal(100, handled);
    }

    [Fact]
    public void A_stop_reaches_every_thread_and_gives_everything_back()
    {
        var stopped = 0;
        foreach (var (id, thread) in new[] { ("a", "x"), ("b", "y"), ("c", "") })
        {
            Add(id, thread, $"in=camera:image{(id == "b" ? " sib=a/out" : "")}", "out", (in OperatorEvent e, OutputSender output) =>
            {
                if (e.Kind == OperatorEventKind.Stop)
                {
                    Interlocked.Increment(ref stopped);
                }

                return Pass(e, output);
            });
            _runtime.Node.AddInputs($"{id}/in", 50);
        }

        _runtime.Node.Add(new PortEvent(PortEventKind.Stop, Reason: "the dataflow was stopped"));

        Assert.Empty(_runtime.Run().FailedOperators);

        Assert.Equal(3, stopped);
        Assert.Equal(0, _runtime.Node.SamplesOut);
    }

    [Fact]
    public void A_failure_restarts_the_operator_on_its_thread_and_its_end_closes_what_it_fed()
    {
        var events = new List<OperatorEventKind>();
        Add("bad", "x", "in=camera:image", "out", (in OperatorEvent e, OutputSender _) => throw new InvalidOperationException("always"));
        Add("reader", "y", "in=bad/out", "", (in OperatorEvent e, OutputSender _) =>
        {
            events.Add(e.Kind);
            return DoraStatus.Continue;
        });
        _runtime.Node.AddInputs("bad/in", 100);

        var result = _runtime.Run();

        Assert.Equal(["bad"], result.FailedOperators);
        Assert.Equal(5, result.Restarts);
        Assert.Equal([OperatorEventKind.InputClosed, OperatorEventKind.Stop], events);
    }

    [Fact]
    public void A_sender_does_not_wait_for_a_receiver_on_another_thread_that_has_ended()
    {
        var sent = 0;
        Add("a", "x", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            sent += e.Kind == OperatorEventKind.Input ? 1 : 0;
            return Pass(e, output);
        });
        Add("b", "y", "in=a/out", "", (in OperatorEvent e, OutputSender _) => DoraStatus.Stop, 1, lossless: true);
        _runtime.Node.AddInputs("a/in", 300);
        _runtime.Node.Close("a/in");

        _runtime.Run();

        Assert.Equal(300, sent);
        Assert.Equal(0, _runtime.Node.SamplesOut);
    }

    [Fact]
    public void What_an_operator_awaits_continues_on_its_own_thread()
    {
        var threads = new List<(int Before, int After)>();
        Add("a", "x", "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                Later();
            }

            return DoraStatus.Continue;

            async void Later()
            {
                var before = Environment.CurrentManagedThreadId;
                await Task.Run(() => { });
                threads.Add((before, Environment.CurrentManagedThreadId));
                _runtime.Node.Close("a/in");
            }
        });
        _runtime.Node.AddInputs("a/in", 1);

        _runtime.Run();

        var (before, after) = Assert.Single(threads);
        Assert.Equal(before, after);
    }

    [Fact]
    public void One_that_cannot_be_made_keeps_all_threads_from_running()
    {
        var handled = 0;
        Add("good", "x", "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
        {
            handled++;
            return DoraStatus.Continue;
        });
        _runtime.Add("bad", "in=camera:image", "", () => throw new InvalidOperationException("no camera"));
        _runtime.ConfigOf("bad").Thread = "y";
        _runtime.Node.AddInputs("good/in", 1);

        var e = Assert.Throws<OperatorLoadException>(() => _runtime.Run());

        Assert.Equal("operator 'bad': cannot be started: no camera", e.Message);
        Assert.Equal(0, handled);
    }

    [Fact]
    public void A_thread_gets_the_scheduling_that_it_asks_for()
    {
        var nice = -1;
        Add("a", "x", "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
        {
            nice = ThreadScheduling.Get().Nice;
            return DoraStatus.Continue;
        });
        _runtime.Node.Config.Threads.Add(new ThreadConfig { Name = "x", Policy = SchedulingPolicy.Other, Nice = 15 });
        _runtime.Node.Config.RealtimeRequired = true;
        _runtime.Node.AddInputs("a/in", 1);
        _runtime.Node.Close("a/in");

        Assert.Empty(_runtime.Run().FailedOperators);

        Assert.Equal(15, nice);
        Assert.NotEqual(15, ThreadScheduling.Get().Nice);
    }

    [Fact]
    public void What_the_system_refuses_is_a_warning_or_where_it_is_required_keeps_the_runtime_from_starting()
    {
        var handled = 0;
        Add("a", "x", "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
        {
            handled += e.Kind == OperatorEventKind.Input ? 1 : 0;
            return DoraStatus.Continue;
        });
        _runtime.Node.Config.Threads.Add(new ThreadConfig { Name = "x", Policy = SchedulingPolicy.Other, CpuAffinity = { 8_000 } });
        _runtime.Node.AddInputs("a/in", 1);
        _runtime.Node.Close("a/in");
        _runtime.Run();
        Assert.Equal(1, handled);
        Assert.Contains(_runtime.Node.Logs, l => l.Level == LogLevel.Warn && l.Message.StartsWith("thread 'x' runs without its scheduling: it may run on none of the CPUs 8000", StringComparison.Ordinal));

        _runtime.Node.Config.RealtimeRequired = true;
        _runtime.Node.AddInputs("a/in", 1);
        var e = Assert.Throws<OperatorLoadException>(() => _runtime.Run());
        Assert.StartsWith("operator 'a': thread 'x' cannot be scheduled as 'realtime: require' demands: it may run on none of the CPUs 8000", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, handled);
    }

    private void Add(string id, string thread, string inputs, string outputs, Handler handler, uint queueSize = 10, bool lossless = false)
    {
        _runtime.Add(id, inputs, outputs, handler, queueSize, lossless);
        _runtime.ConfigOf(id).Thread = thread;
    }

    private static DoraStatus Pass(in OperatorEvent e, OutputSender output)
    {
        if (e.Kind == OperatorEventKind.Input && e.Id is "in" or "sib")
        {
            output.Forward("out", e);
        }

        return DoraStatus.Continue;
    }
}
