// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Protocol.Messages;
using Dora.Runtime.Port;

namespace Dora.UnitTests.Runtime;

/// <summary>Operators with state and operators with joins, on threads other than those that feed them.</summary>
public sealed class ThreadedStateAndJoinTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dora-state-");
    private readonly RuntimeUnderTest _runtime = new();
    private readonly List<(int A, int B)> _sets = []; // of the operator 'pair'

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(StateDurability.Memory)]
    [InlineData(StateDurability.Disk)]
    public void What_was_committed_and_nothing_else_reaches_operators_on_other_threads_in_its_order(StateDurability durability)
    {
        const int Inputs = 300;
        _runtime.Node.Config.DataflowId = Guid.NewGuid().ToString();
        _runtime.Node.Config.StateDirectory = _folder.FullName;
        int[] failing = [7, 8, 100, 250];
        foreach (var (id, thread) in new[] { ("left", "x"), ("right", "y") })
        {
            _runtime.AddStateful(id, "in=camera:image", "out", new StateConfig { Durability = durability, MaxSize = 1 << 20, Version = 1 }, state => new Counting(state, failing));
            _runtime.ConfigOf(id).Thread = thread;
            _runtime.Node.AddInputs($"{id}/in", Inputs);
        }

        var received = new Dictionary<string, List<int>>();
        foreach (var (id, source, thread) in new[] { ("a", "left", "y"), ("b", "left", ""), ("c", "right", "x"), ("d", "right", "y") })
        {
            var numbers = received[id] = [];
            Add(id, thread, $"in={source}/out tick=clock:tick", "", (in OperatorEvent e, OutputSender _) =>
            {
                if (e.Kind == OperatorEventKind.Input)
                {
                    numbers.Add(BitConverter.ToInt32(e.Data));
                }

                return DoraStatus.Continue;
            }, queueSize: 1);
        }

        Finish();

        Assert.Equal(8, _runtime.Run().Restarts);

        var counts = Enumerable.Range(1, Inputs - failing.Length).SelectMany(n => new[] { n, -n });
        Assert.All(received.Values, numbers => Assert.Equal(counts, numbers));
        Assert.Equal(counts, _runtime.Node.Outputs["left/out"].Numbers);
        Assert.Equal(0, _runtime.Node.SamplesOut);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_join_on_a_thread_of_its_own_gets_every_message_of_siblings_on_two_others(uint queueSize)
    {
        const int Inputs = 400;
        Add("a", "x", "in=camera:image", "out", Pass);
        Add("b", "y", "in=camera:image", "out", Pass);
        Add("pair", "z", "a=a/out b=b/out", "out", NoteSet, queueSize);
        Join("pair");
        Add("end", "x", "in=pair/out", "", (in OperatorEvent _, OutputSender _) => DoraStatus.Continue, queueSize);
        _runtime.Node.AddInputs("a/in", Inputs);
        _runtime.Node.AddInputs("b/in", Inputs);
        Finish();

        Assert.Empty(_runtime.Run().FailedOperators);

        Assert.Equal(Enumerable.Range(0, Inputs).Select(i => (i, i)), _sets);
        Assert.Equal((ulong)Inputs, _runtime.Node.Joins["pair"].CompleteSets);
        Assert.Equal((ulong)Inputs, Assert.Single(_runtime.Node.LastReports["end"].Siblings).Received);
        Assert.Equal(0, _runtime.Node.SamplesOut);
    }

    [Fact]
    public void A_join_on_another_thread_that_waits_for_what_its_own_sender_holds_back_is_no_standstill()
    {
        const int Inputs = 300;
        var sent = 0;
        Add("source", "x", "in=camera:image", "fast slow", (in OperatorEvent e, OutputSender output) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                output.Forward("fast", e);
                if (++sent % 10 == 0)
                {
                    output.Forward("slow", e);
                }
            }

            return DoraStatus.Continue;
        });
        Add("pair", "y", "a=source/fast b=source/slow", "out", NoteSet, queueSize: 2);
        Join("pair");
        _runtime.Node.AddInputs("source/in", Inputs);
        _runtime.Node.Close("source/in");

        Assert.Empty(_runtime.Run().FailedOperators);

        Assert.Equal(Enumerable.Range(0, Inputs / 10).Select(i => (i, (10 * i) + 9)), _sets);
        Assert.Equal(0, _runtime.Node.SamplesOut);
    }

    [Fact]
    public void A_join_on_a_named_thread_gets_all_messages_of_other_nodes()
    {
        const int Inputs = 100;
        Add("pair", "x", "a=camera:left b=camera:right", "out", NoteSet, queueSize: 3);
        Join("pair");
        for (var i = 0; i < Inputs / 5; i++)
        {
            _runtime.Node.AddInputs("pair/a", 5);
            _runtime.Node.AddInputs("pair/b", 5);
        }

        _runtime.Node.Close("pair/a", "pair/b");

        Assert.Empty(_runtime.Run().FailedOperators);

        Assert.Equal(Enumerable.Range(0, Inputs).Select(i => (i % 5, i % 5)), _sets);
        Assert.Equal(0, _runtime.Node.SamplesOut);
    }

    [Fact]
    public void Messages_of_other_nodes_for_one_that_has_ended_are_taken_and_given_back()
    {
        Add("short", "x", "in=camera:image", "", (in OperatorEvent _, OutputSender _) => DoraStatus.Stop);
        Add("long", "y", "in=camera:image", "", (in OperatorEvent _, OutputSender _) => DoraStatus.Continue);
        _runtime.Node.AddInputs("short/in", 50);
        _runtime.Node.Close("short/in", "long/in"); // come after the messages before them

        Assert.Empty(_runtime.Run().FailedOperators);

        Assert.Equal(0, _runtime.Node.SamplesOut);
    }

    [Fact]
    public void The_end_does_not_wait_for_the_time_that_a_join_would_wait()
    {
        Add("a", "x", "in=camera:image", "out", Pass);
        Add("pair", "y", "a=a/out b=clock:tick", "out", NoteSet);
        Join("pair").TimeoutNs = 3_600_000_000_000;
        _runtime.Node.AddInputs("a/in", 3);
        Finish();

        Assert.Empty(_runtime.Run().FailedOperators);

        Assert.Empty(_sets);
        Assert.Equal(3UL, _runtime.Node.Joins["pair"].Inputs[0].Ended);
        Assert.Equal(0, _runtime.Node.SamplesOut);
    }

    // As a node says that has nothing but timers left.
    private void Finish()
    {
        _runtime.Node.Add(new PortEvent(PortEventKind.Finish));
        _runtime.Node.Add(new PortEvent(PortEventKind.Ended));
    }

    private void Add(string id, string thread, string inputs, string outputs, Handler handler, uint queueSize = 10)
    {
        _runtime.Add(id, inputs, outputs, handler, queueSize, lossless: true);
        _runtime.ConfigOf(id).Thread = thread;
    }

    private JoinConfig Join(string op) => _runtime.ConfigOf(op).Join = new JoinConfig { Mode = JoinMode.Zip, Inputs = { "a", "b" } };

    private DoraStatus NoteSet(in OperatorEvent e, OutputSender output)
    {
        if (e.Kind == OperatorEventKind.Joined)
        {
            _sets.Add((BitConverter.ToInt32(e.Joined["a"].Data), BitConverter.ToInt32(e.Joined["b"].Data)));
            output.Send("out", e.Joined["a"].Data);
        }

        return DoraStatus.Continue;
    }

    private static DoraStatus Pass(in OperatorEvent e, OutputSender output)
    {
        if (e.Kind == OperatorEventKind.Input)
        {
            output.Forward("out", e);
        }

        return DoraStatus.Continue;
    }

    /// <summary>Counts its messages in its state, but for those that it fails at; sends each count and its negative.</summary>
    private sealed class Counting(Dora.Operators.OperatorState state, int[] failing) : IOperator
    {
        private readonly IState<int> _count = state.Value<int>("count");

        public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
        {
            if (e.Kind != OperatorEventKind.Input)
            {
                return DoraStatus.Continue;
            }

            _count.Value++;
            output.Send("out", BitConverter.GetBytes(_count.Value));
            output.Send("out", BitConverter.GetBytes(-_count.Value));
            return failing.Contains(BitConverter.ToInt32(e.Data)) ? throw new InvalidOperationException("bad luck") : DoraStatus.Continue;
        }
    }
}
