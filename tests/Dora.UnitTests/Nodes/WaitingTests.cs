// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;
using Dora.Protocol.Messages;

namespace Dora.UnitTests.Nodes;

/// <summary>Waiting for chosen inputs: <c>source</c> feeds a, b and c of <c>sink</c>.</summary>
public sealed class WaitingTests : IAsyncLifetime
{
    private static readonly string[] Inputs = ["a", "b", "c"];

    private readonly FakeDaemon _daemon = new();
    private readonly Dictionary<string, FakeEdge> _edges = [];
    private DoraNode _source = null!;
    private DoraNode _sink = null!;
    private FakeSession _session = null!;

    public async ValueTask InitializeAsync()
    {
        var source = _daemon.Node("source", outputs: Inputs);
        _session = _daemon.Node("sink", inputs: Inputs);
        foreach (var id in Inputs)
            _edges[id] = _daemon.Edge(source, id, _session, id, 10, Dora.Protocol.Messages.QueuePolicy.DropOldest);
        var nodes = await _daemon.StartAsync(source, _session);
        (_source, _sink) = (nodes[0], nodes[1]);
    }

    public ValueTask DisposeAsync()
    {
        _source.Dispose();
        _sink.Dispose();
        _daemon.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void WaitAny_gives_the_first_of_the_chosen_and_leaves_the_others()
    {
        Send("a", 1);
        Send("a", 2);
        Send("c", 3);
        Assert.Equal("c", _sink.WaitAny(["b", "c"], FakeSession.Patience)!.Id);
        Assert.Null(_sink.WaitAny(["b", "c"], TimeSpan.Zero));
        Assert.Equal([1, 2], new[] { Receive(), Receive() }.Select(e => e.Data.Span[0]).ToArray());
    }

    [Fact]
    public void WaitAny_serves_its_inputs_in_turn()
    {
        for (byte i = 0; i < 3; i++)
        {
            Send("a", i);
            Send("b", i);
        }

        List<string> served = [];
        for (var i = 0; i < 6; i++)
            served.Add(_sink.WaitAny(["a", "b"], FakeSession.Patience)!.Id);
        Assert.Equal(["a", "b", "a", "b", "a", "b"], served);
    }

    [Fact]
    public void WaitAll_takes_the_oldest_of_each_or_nothing()
    {
        Send("a", 1);
        Send("a", 2);
        Send("c", 9);
        Assert.Null(_sink.WaitAll(["a", "b"], TimeSpan.FromMilliseconds(1)));
        Send("b", 3);
        var all = _sink.WaitAll(["a", "b"], FakeSession.Patience)!;
        Assert.True(all.IsComplete);
        Assert.Equal([1], all["a"]!.Data.ToArray());
        Assert.Equal([3], all["b"]!.Data.ToArray());
        Assert.Equal([2, 9], new[] { Receive(), Receive() }.Select(e => e.Data.Span[0]).Order().ToArray());
        Assert.Throws<ObjectDisposedException>(() => all["a"]);
    }

    [Fact]
    public async Task A_wait_ends_when_the_node_is_to_stop_and_the_stop_is_received_next()
    {
        var wait = Task.Factory.StartNew(
            () => _sink.WaitAll(["a", "b"], Timeout.InfiniteTimeSpan), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _session.Send(new DaemonToNode { Stop = new Stop { Cause = Dora.Protocol.Messages.StopCause.Manual } });
        Assert.Null(await wait);
        Assert.IsType<StopEvent>(_sink.Recv(FakeSession.Patience));
    }

    [Fact]
    public void A_wait_ends_when_what_it_waits_for_is_closed()
    {
        Send("a", 1);
        FakeDaemon.CloseInput(_edges["a"], "over");
        Assert.NotNull(_sink.WaitAny(["a"], FakeSession.Patience));
        Assert.Null(_sink.WaitAny(["a"], Timeout.InfiniteTimeSpan));
        Assert.Null(_sink.WaitAll(["a", "b"], Timeout.InfiniteTimeSpan));
        Assert.Equal("a", Assert.IsType<InputClosedEvent>(_sink.Recv(FakeSession.Patience)).Id);
        Send("b", 2);
        Assert.NotNull(_sink.WaitAny(["a", "b"], FakeSession.Patience));
    }

    [Fact]
    public void Inputs_that_cannot_be_waited_for_are_told()
    {
        Assert.Contains("'a', 'b', 'c'", Assert.Throws<ArgumentException>(() => _sink.WaitAny(["d"], TimeSpan.Zero)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _sink.WaitAll(["a", "a"], TimeSpan.Zero));
        Assert.Throws<ArgumentException>(() => _sink.WaitAll([], TimeSpan.Zero));
        Send("a", 1);
        Assert.NotNull(_sink.WaitAny(["a"], FakeSession.Patience));
    }

    [Fact]
    public void Waiting_allocates_nothing_once_warm()
    {
        for (var i = 0; i < 100; i++)
            Exchange();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            Exchange();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Exchange()
        {
            Send("a", 1);
            Send("b", 2);
            Assert.NotNull(_sink.WaitAll(["a", "b"], FakeSession.Patience));
            Send("c", 2);
            Assert.NotNull(_sink.WaitAny(["c"], FakeSession.Patience));
        }
    }

    private InputEvent Receive()
    {
        var next = Assert.IsType<InputEvent>(_sink.Recv(FakeSession.Patience));
        return next.Retain();
    }

    private void Send(string output, byte data) => _source.SendOutput(output, [data]);
}
