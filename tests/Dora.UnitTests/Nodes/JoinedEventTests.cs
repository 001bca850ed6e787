// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;
using Dora.Protocol.Messages;
using QueuePolicy = Dora.Protocol.Messages.QueuePolicy;

namespace Dora.UnitTests.Nodes;

/// <summary>A node with a <c>join</c>: <c>source</c> feeds a, b and single of <c>sink</c>.</summary>
public sealed class JoinedEventTests : IDisposable
{
    private FakeDaemon _daemon = null!;
    private DoraNode _source = null!;
    private DoraNode _sink = null!;
    private FakeSession _sinkSession = null!;
    private readonly Dictionary<string, FakeEdge> _edges = [];

    public void Dispose()
    {
        _source.Dispose();
        _sink.Dispose();
        _daemon.Dispose();
    }

    [Fact]
    public async Task A_set_is_one_event_and_other_inputs_arrive_singly()
    {
        await StartAsync(new JoinConfig { Mode = JoinMode.All });
        Send("a", 1);
        Send("single", 7);
        Assert.Equal("single", Assert.IsType<InputEvent>(Receive()).Id);
        Send("b", 2);
        var joined = Assert.IsType<JoinedEvent>(Receive());
        Assert.Equal(EventKind.Joined, joined.Kind);
        Assert.True(joined.IsComplete);
        Assert.Equal(["a", "b"], joined.Inputs);
        Assert.Equal([1], joined["a"]!.Data.ToArray());
        Assert.Equal([2], joined["b"]!.Data.ToArray());
        Assert.Equal(2, joined.Count);
        Assert.Equal(0UL, joined.Dropped);
        Assert.True(joined.Spread > TimeSpan.Zero);
        var name = Assert.Throws<ArgumentException>(() => joined["single"]);
        Assert.Contains("'a', 'b'", name.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_of_a_set_are_given_back_with_it()
    {
        await StartAsync(new JoinConfig { Mode = JoinMode.Zip });
        Send("a", 1);
        Send("b", 2);
        var joined = Assert.IsType<JoinedEvent>(Receive());
        var first = joined["a"]!;
        using var retained = joined.Retain();
        using var one = joined["b"]!.Retain();
        Assert.Null(_sink.Recv(TimeSpan.Zero));
        Assert.Throws<ObjectDisposedException>(() => joined["a"]);
        Assert.Throws<ObjectDisposedException>(() => first.Data.Length);
        Assert.Equal([1], retained["a"]!.Data.ToArray());
        Assert.Equal([2], retained["b"]!.Data.ToArray());
        Assert.Equal([2], one.Data.ToArray());
        retained.Dispose();
        Assert.Equal([2], one.Data.ToArray());
    }

    [Fact]
    public async Task A_set_is_partial_when_time_is_up()
    {
        await StartAsync(new JoinConfig { Mode = JoinMode.All, TimeoutNs = 1_000_000 });
        Send("b", 2);
        var joined = Assert.IsType<JoinedEvent>(Receive());
        Assert.False(joined.IsComplete);
        Assert.Null(joined["a"]);
        Assert.Equal(["a"], joined.Missing);
    }

    [Fact]
    public async Task Time_that_is_up_can_be_an_event_of_its_own()
    {
        await StartAsync(new JoinConfig { Mode = JoinMode.All, TimeoutNs = 1_000_000, OnTimeout = JoinTimeoutAction.Error });
        Send("b", 2);
        var joined = Assert.IsType<JoinedEvent>(Receive());
        Assert.True(joined.IsTimedOut);
        Assert.Equal(["a"], joined.Missing);
        Assert.Equal(1UL, joined.DroppedOf("b"));
        Assert.Equal(0, joined.Count);
    }

    [Fact]
    public async Task A_set_of_the_newest_has_what_is_newest_when_it_is_received()
    {
        await StartAsync(new JoinConfig { Mode = JoinMode.All });
        for (byte i = 1; i <= 5; i++)
            Send("a", i);
        Send("b", 9);
        var joined = Assert.IsType<JoinedEvent>(Receive());
        Assert.Equal([5], joined["a"]!.Data.ToArray());
        Assert.Equal(4UL, joined.DroppedOf("a"));
    }

    [Fact]
    public async Task Latest_shares_a_message_among_sets()
    {
        await StartAsync(new JoinConfig { Mode = JoinMode.Latest, Trigger = "a" });
        Send("b", 9);
        for (byte i = 1; i <= 3; i++)
            Send("a", i);
        for (byte i = 1; i <= 3; i++)
        {
            var joined = Assert.IsType<JoinedEvent>(Receive());
            Assert.Equal([i], joined["a"]!.Data.ToArray());
            Assert.Equal([9], joined["b"]!.Data.ToArray());
        }
    }

    [Fact]
    public async Task A_stamp_may_be_a_parameter()
    {
        await StartAsync(new JoinConfig { Mode = JoinMode.Exact, Stamp = JoinStamp.Parameter, StampParameter = "frame" });
        Send("a", 1, frame: 10);
        Send("a", 2, frame: 11);
        Send("b", 3, frame: 11);
        Send("b", 4); // has none
        var joined = Assert.IsType<JoinedEvent>(Receive());
        Assert.Equal([2], joined["a"]!.Data.ToArray());
        Assert.Equal([3], joined["b"]!.Data.ToArray());
        Assert.Equal(0, joined.SpreadNs);
        Assert.Equal(11, joined["a"]!.Metadata.Parameters["frame"].AsInteger);
    }

    [Fact]
    public async Task Messages_wait_in_the_edge_when_a_lossless_member_is_full()
    {
        await StartAsync(new JoinConfig { Mode = JoinMode.Zip }, queueSize: 2, policy: QueuePolicy.Backpressure);
        for (byte i = 1; i <= 4; i++)
        {
            Send("a", i);
            Assert.Null(_sink.Recv(TimeSpan.Zero));
        }

        Assert.Equal(SendStatus.BackPressured, _source.TrySendOutput("a", [5]));
        for (byte i = 1; i <= 4; i++)
        {
            Send("b", i);
            var joined = Assert.IsType<JoinedEvent>(Receive());
            Assert.Equal([i], joined["a"]!.Data.ToArray());
            Assert.Equal(0UL, joined.Dropped);
        }
    }

    [Fact]
    public async Task What_waits_is_settled_before_the_input_is_closed_and_told_to_the_daemon()
    {
        await StartAsync(new JoinConfig { Mode = JoinMode.Window, WindowCount = 10 });
        Send("a", 1);
        Send("b", 2);
        foreach (var edge in _edges.Values)
        {
            FakeDaemon.CloseInput(edge, "done");
        }

        var joined = Assert.IsType<JoinedEvent>(Receive());
        Assert.Equal(2, joined.Count);
        List<string> closed = [];
        for (var i = 0; i < 3; i++)
            closed.Add(Assert.IsType<InputClosedEvent>(Receive()).Id);
        Assert.Equal(["a", "b", "single"], closed.Order());
        _sink.Dispose();
        JoinReport report;
        do
            report = _sinkSession.Expect(NodeToDaemon.BodyOneofCase.JoinReport).JoinReport;
        while (report.CompleteSets == 0);
        Assert.Equal([1UL, 1UL], report.Inputs.Select(i => i.Used));
    }

    [Fact]
    public async Task Steady_receiving_of_sets_allocates_nothing()
    {
        await StartAsync(new JoinConfig { Mode = JoinMode.Approximate, ToleranceNs = 1_000_000_000 });
        for (var i = 0; i < 2000; i++)
            Exchange();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 200; i++)
            Exchange();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096); // a report to the daemon may fall into it

        void Exchange()
        {
            Send("a", 1);
            Send("b", 2);
            while (_sink.Recv(TimeSpan.Zero) is JoinedEvent)
            {
            }
        }
    }

    private async Task StartAsync(JoinConfig join, int queueSize = 10, QueuePolicy policy = QueuePolicy.DropOldest)
    {
        join.Inputs.Add(["a", "b"]);
        _daemon = new FakeDaemon();
        var source = _daemon.Node("source", outputs: ["a", "b", "single"]);
        _sinkSession = _daemon.Node("sink", inputs: ["a", "b", "single"], configure: config =>
        {
            config.Join = join;
            foreach (var input in config.Inputs)
                (input.QueueSize, input.QueuePolicy) = ((uint)queueSize, policy);
        });
        foreach (var id in new[] { "a", "b", "single" })
            _edges[id] = _daemon.Edge(source, id, _sinkSession, id, queueSize, policy);
        var nodes = await _daemon.StartAsync(source, _sinkSession);
        (_source, _sink) = (nodes[0], nodes[1]);
    }

    private DoraEvent Receive() => _sink.Recv(FakeSession.Patience) ?? throw new TimeoutException("nothing came");

    private void Send(string output, byte data, long? frame = null) =>
        _source.SendOutput(output, [data], frame is { } f ? new Dora.Protocol.MetadataParameters { ["frame"] = f } : null);
}
