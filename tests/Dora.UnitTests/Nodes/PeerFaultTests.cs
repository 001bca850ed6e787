// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;
using Dora.Platform.Memory;
using Dora.Protocol.Messages;
using Dora.SharedMemory;

namespace Dora.UnitTests.Nodes;

public sealed class PeerFaultTests
{
    [Fact]
    public async Task A_publisher_that_breaks_the_ring_loses_its_edge_and_the_node_goes_on()
    {
        using var daemon = new FakeDaemon();
        var bad = daemon.Node("bad", outputs: ["data"]);
        var good = daemon.Node("good", outputs: ["data"]);
        var sink = daemon.Node("sink", inputs: ["bad", "good"]);
        var edge = daemon.Edge(bad, "data", sink, "bad");
        daemon.Edge(good, "data", sink, "good");
        var nodes = await daemon.StartAsync(bad, good, sink);

        Scribble(edge);
        nodes[1].SendOutput("data", "still here"u8);

        var events = new[] { nodes[2].Recv(FakeSession.Patience), nodes[2].Recv(FakeSession.Patience) };
        Assert.Single(events.OfType<ErrorEvent>());
        Assert.Equal("good", Assert.Single(events.OfType<InputEvent>()).Id);
        Assert.Equal(edge.Id, sink.Expect(NodeToDaemon.BodyOneofCase.PeerFault).PeerFault.EdgeId);
        foreach (var node in nodes)
            node.Dispose();
    }

    [Fact]
    public async Task Memory_that_cannot_be_mapped_costs_one_edge()
    {
        using var pair = await NodePair.StartAsync();
        using var nonsense = MemFd.Create("nonsense", 4096);

        pair.SinkSession.Send(new DaemonToNode { AddInputEdge = new AddInputEdge { EdgeId = 99, InputId = "data", Fds = 1 } }, nonsense);

        Assert.Equal(99u, pair.SinkSession.Expect(NodeToDaemon.BodyOneofCase.PeerFault).PeerFault.EdgeId);
        Assert.IsType<ErrorEvent>(pair.Sink.Recv(FakeSession.Patience));
        pair.Source.SendOutput("data", "still here"u8);
        pair.ReceiveInput();
    }

    [Fact]
    public async Task An_edge_of_an_unknown_input_ends_the_session()
    {
        using var pair = await NodePair.StartAsync();

        pair.SinkSession.Send(new DaemonToNode { AddInputEdge = new AddInputEdge { EdgeId = 99, InputId = "made up", Fds = 1 } }, pair.Edge.Memory);

        var error = Assert.IsType<ErrorEvent>(pair.Sink.Recv(FakeSession.Patience));
        Assert.Contains("made up", error.Exception!.Message, StringComparison.Ordinal);
        Assert.Equal(Dora.Nodes.StopCause.DaemonLost, Assert.IsType<StopEvent>(pair.Sink.Recv(FakeSession.Patience)).Cause);
    }

    private static unsafe void Scribble(FakeEdge edge)
    {
        using var mapping = MemoryMapping.Map(edge.Memory, MemFd.GetLength(edge.Memory), writable: true);
        // SAFETY: a word within the mapping of a whole edge.
        Volatile.Write(ref *(ulong*)(mapping.Address + EdgeLayout.Tail), 1UL << 40);
    }
}
