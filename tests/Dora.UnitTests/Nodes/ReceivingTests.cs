// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.Nodes;
using Dora.Protocol.Messages;

namespace Dora.UnitTests.Nodes;

public sealed class ReceivingTests
{
    [Fact]
    public async Task A_message_arrives_with_its_bytes_and_its_time()
    {
        using var pair = await NodePair.StartAsync();
        var before = pair.Source.Timestamp();

        Assert.Equal(Dora.Nodes.SendStatus.Sent, pair.Source.SendOutput("data", "hello"u8));

        var input = pair.ReceiveInput();
        Assert.Equal("data", input.Id);
        Assert.Equal(EventKind.Input, input.Kind);
        Assert.Equal("hello", Encoding.UTF8.GetString(input.Data));
        Assert.Equal(1u, input.Sequence);
        Assert.InRange(input.Metadata.TimestampNs, before + 1, pair.Sink.Timestamp());
        Assert.Empty(input.Metadata.Parameters);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(80)]
    [InlineData(81)]
    [InlineData(100_000)]
    [InlineData(20_000_000)]
    public async Task Messages_of_every_size_arrive_whole(int length)
    {
        using var pair = await NodePair.StartAsync();
        var sent = new byte[length];
        new Random(length).NextBytes(sent);

        for (var i = 0; i < 3; i++)
        {
            pair.Source.SendOutput("data", sent);
            Assert.True(pair.ReceiveInput().Data.Span.SequenceEqual(sent));
        }
    }

    [Fact]
    public async Task Nothing_to_receive_is_null_at_once_or_when_time_is_up()
    {
        using var pair = await NodePair.StartAsync();

        Assert.False(pair.Sink.TryRecv(out var none));
        Assert.Null(none);
        Assert.Null(pair.Sink.Recv(TimeSpan.FromMilliseconds(5)));
        Assert.False(pair.Sink.HasEnded);
    }

    [Fact]
    public async Task Inputs_are_served_in_turn()
    {
        using var daemon = new FakeDaemon();
        var source = daemon.Node("source", outputs: ["a", "b", "c"]);
        var sink = daemon.Node("sink", inputs: ["a", "b", "c"]);
        foreach (var id in new[] { "a", "b", "c" })
            daemon.Edge(source, id, sink, id);
        var nodes = await daemon.StartAsync(source, sink);
        using var from = nodes[0];
        using var to = nodes[1];

        foreach (var id in new[] { "a", "a", "a", "a", "b", "b", "c" })
            from.SendOutput(id, "x"u8);

        Assert.Equal("abcabaa", string.Concat(Enumerable.Range(0, 7).Select(_ => ((InputEvent)to.Recv()!).Id)));
    }

    [Fact]
    public async Task Control_events_come_before_messages()
    {
        using var pair = await NodePair.StartAsync();
        pair.Source.SendOutput("data", "x"u8);
        pair.SinkSession.Send(new DaemonToNode { NodeRestarted = new NodeRestarted { NodeId = "source" } });
        pair.SinkSession.Send(new DaemonToNode { NodeFailed = new NodeFailed { SourceNodeId = "source", Error = "exit 3", AffectedInputIds = { "data" } } });
        pair.SinkSession.Send(new DaemonToNode { Reload = new Reload() });
        await ControlEventsArriveAsync(pair, 3);

        Assert.Equal("source", Assert.IsType<NodeRestartedEvent>(pair.Sink.Recv()).NodeId);
        var failed = Assert.IsType<NodeFailedEvent>(pair.Sink.Recv());
        Assert.Equal(("source", "exit 3", "data"), (failed.SourceNodeId, failed.Error, Assert.Single(failed.AffectedInputIds)));
        Assert.Null(Assert.IsType<ReloadEvent>(pair.Sink.Recv()).OperatorId);
        Assert.IsType<InputEvent>(pair.Sink.Recv());
    }

    [Fact]
    public async Task After_a_stop_what_was_queued_is_received_then_nothing()
    {
        using var pair = await NodePair.StartAsync();
        for (var i = 0; i < 3; i++)
            pair.Source.SendOutput("data", [(byte)i]);
        pair.SinkSession.Send(new DaemonToNode { Stop = new Stop { Cause = Dora.Protocol.Messages.StopCause.Manual, GraceMs = 10_000 } });
        await ControlEventsArriveAsync(pair, 1);

        var stop = Assert.IsType<StopEvent>(pair.Sink.Recv());
        pair.Source.SendOutput("data", "too late"u8);

        Assert.Equal((Dora.Nodes.StopCause.Manual, TimeSpan.FromSeconds(10)), (stop.Cause, stop.Grace));
        for (var i = 0; i < 3; i++)
            Assert.Equal((byte)i, pair.ReceiveInput().Data.Span[0]);
        Assert.Null(pair.Sink.Recv());
        Assert.True(pair.Sink.HasEnded);
        Assert.Null(pair.Sink.Recv());
    }

    [Fact]
    public async Task A_closed_input_is_reported_after_its_last_message()
    {
        using var pair = await NodePair.StartAsync();
        pair.Source.SendOutput("data", "last"u8);
        FakeDaemon.CloseInput(pair.Edge, "'source' ended");
        pair.SinkSession.Send(new DaemonToNode { NodeRestarted = new NodeRestarted { NodeId = "fence" } });
        await ControlEventsArriveAsync(pair, 1);

        Assert.IsType<NodeRestartedEvent>(pair.Sink.Recv()); // so the close has arrived too
        Assert.IsType<InputEvent>(pair.Sink.Recv());
        var closed = Assert.IsType<InputClosedEvent>(pair.Sink.Recv());
        Assert.Equal(("data", "'source' ended", false), (closed.Id, closed.Reason, closed.IsTimeout));
        Assert.Null(pair.Sink.Recv(TimeSpan.FromMilliseconds(1)));
        Assert.False(pair.Sink.HasEnded);
    }

    [Fact]
    public async Task The_stop_for_closed_inputs_comes_after_everything_else()
    {
        using var pair = await NodePair.StartAsync();
        pair.Source.SendOutput("data", "last"u8);
        FakeDaemon.CloseInput(pair.Edge, "'source' ended");
        pair.SinkSession.Send(new DaemonToNode { Stop = new Stop { Cause = Dora.Protocol.Messages.StopCause.AllInputsClosed } });
        pair.SinkSession.Send(new DaemonToNode { NodeRestarted = new NodeRestarted { NodeId = "fence" } });
        await ControlEventsArriveAsync(pair, 1);

        Assert.IsType<NodeRestartedEvent>(pair.Sink.Recv());
        Assert.IsType<InputEvent>(pair.Sink.Recv());
        Assert.IsType<InputClosedEvent>(pair.Sink.Recv());
        Assert.Equal(Dora.Nodes.StopCause.AllInputsClosed, Assert.IsType<StopEvent>(pair.Sink.Recv()).Cause);
        Assert.Null(pair.Sink.Recv());
        Assert.True(pair.Sink.HasEnded);
    }

    [Fact]
    public async Task A_restarted_publisher_goes_on_where_the_old_one_ended()
    {
        using var pair = await NodePair.StartAsync();
        pair.Source.SendOutput("data", "old"u8);
        pair.Source.Dispose();
        FakeDaemon.Close(pair.Edge, "'source' was killed");
        var again = pair.Daemon.Node("source", outputs: ["data"]);
        pair.Daemon.Edge(again, "data", pair.SinkSession, "data");
        using var second = (await pair.Daemon.StartAsync(again))[0];
        pair.SinkSession.Send(new DaemonToNode { NodeRestarted = new NodeRestarted { NodeId = "source" } });

        second.SendOutput("data", "new"u8);

        var received = new List<string>();
        while (received.Count < 3)
            received.Add(pair.Sink.Recv(FakeSession.Patience) is InputEvent input ? Encoding.UTF8.GetString(input.Data) : "restarted");
        Assert.Equal(["old", "new"], received.Where(text => text != "restarted"));
        Assert.Contains("restarted", received);
    }

    [Fact]
    public async Task A_lost_daemon_stops_the_node_after_what_was_queued()
    {
        using var pair = await NodePair.StartAsync();
        pair.Source.SendOutput("data", "queued"u8);

        pair.SinkSession.HangUp();
        await ControlEventsArriveAsync(pair, 1);

        Assert.Equal(Dora.Nodes.StopCause.DaemonLost, Assert.IsType<StopEvent>(pair.Sink.Recv()).Cause);
        Assert.IsType<InputEvent>(pair.Sink.Recv());
        Assert.Null(pair.Sink.Recv());
    }

    [Fact]
    public async Task Edges_go_on_without_a_daemon()
    {
        using var pair = await NodePair.StartAsync();
        pair.Source.SendOutput("data", new byte[1000]); // memory is there
        pair.ReceiveInput();

        pair.SourceSession.HangUp();

        Assert.Equal(Dora.Nodes.StopCause.DaemonLost, Assert.IsType<StopEvent>(pair.Source.Recv(FakeSession.Patience)).Cause);
        Assert.Equal(Dora.Nodes.SendStatus.Sent, pair.Source.SendOutput("data", new byte[1000]));
        Assert.Equal(1000, pair.ReceiveInput().Data.Length);
    }

    [Fact]
    public async Task A_message_in_a_segment_that_has_not_arrived_yet_waits_for_it()
    {
        using var pair = await NodePair.StartAsync();
        pair.SinkSession.HoldsInputSegments = true;
        pair.Source.SendOutput("data", new byte[100_000]); // too large for the segment that is there from the start

        var receiving = Task.Run(pair.ReceiveInput);
        Action? share;
        while (!pair.SinkSession.HeldInputSegments.TryDequeue(out share))
            await Task.Yield();
        share();

        Assert.Equal(100_000, (await receiving.WaitAsync(FakeSession.Patience)).Data.Length);
    }

    [Fact]
    public async Task Everything_that_is_there_can_be_drained_at_once()
    {
        using var pair = await NodePair.StartAsync();
        Assert.Empty(pair.Sink.Drain());
        for (var i = 0; i < 5; i++)
            pair.Source.SendOutput("data", [(byte)i]);

        var events = pair.Sink.Drain();

        Assert.Equal([0, 1, 2, 3, 4], events.Cast<InputEvent>().Select(input => (int)input.Data.Span[0]));
        Assert.False(pair.Sink.TryRecv(out _));
        Assert.Throws<ObjectDisposedException>(() => ((InputEvent)events[0]).Data.Length);
    }

    [Fact]
    public async Task Only_one_thread_receives_at_a_time()
    {
        using var pair = await NodePair.StartAsync();
        var receiving = Task.Run(() =>
        {
            while (true)
            {
                try
                {
                    return pair.Sink.Recv();
                }
                catch (InvalidOperationException)
                {
                    // the test's thread was there first
                }
            }
        });

        InvalidOperationException? refused = null;
        while (refused is null)
        {
            try
            {
                Assert.Null(pair.Sink.Recv(TimeSpan.Zero)); // the other thread has not arrived there yet
            }
            catch (InvalidOperationException e)
            {
                refused = e;
            }
        }

        Assert.Contains("Retain()", refused.Message, StringComparison.Ordinal);
        pair.Sink.Dispose();
        Assert.Null(await receiving.WaitAsync(FakeSession.Patience));
    }

    /// <summary>Waits until the control thread of the sink has queued so many events.</summary>
    private static async Task ControlEventsArriveAsync(NodePair pair, int count)
    {
        using var deadline = new CancellationTokenSource(FakeSession.Patience);
        while (pair.Sink.ControlEventCount < count)
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
