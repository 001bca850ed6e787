// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;

namespace Dora.UnitTests.Nodes;

/// <summary>The most common arrangement: <c>source/data</c> feeds <c>sink/data</c>, both nodes in this process.</summary>
internal sealed class NodePair : IDisposable
{
    private NodePair(FakeDaemon daemon, FakeEdge edge, DoraNode source, DoraNode sink)
    {
        Daemon = daemon;
        Edge = edge;
        Source = source;
        Sink = sink;
    }

    public FakeDaemon Daemon { get; }

    public FakeEdge Edge { get; }

    public DoraNode Source { get; }

    public DoraNode Sink { get; }

    public FakeSession SourceSession => Edge.Publisher;

    public FakeSession SinkSession => Edge.Subscriber;

    public static async Task<NodePair> StartAsync(
        int queueSize = 10,
        Dora.Protocol.Messages.QueuePolicy policy = Dora.Protocol.Messages.QueuePolicy.DropOldest,
        Action<Dora.Protocol.Messages.NodeConfig>? configureSink = null,
        Action<Dora.Protocol.Messages.NodeConfig>? configureSource = null)
    {
        var daemon = new FakeDaemon();
        var source = daemon.Node("source", outputs: ["data"], configure: configureSource);
        var sink = daemon.Node("sink", inputs: ["data"], configure: configureSink);
        var edge = daemon.Edge(source, "data", sink, "data", queueSize, policy);
        var nodes = await daemon.StartAsync(source, sink);
        return new NodePair(daemon, edge, nodes[0], nodes[1]);
    }

    /// <summary>Receives the next event, which must be a message on <c>data</c>.</summary>
    public InputEvent ReceiveInput() => Assert.IsType<InputEvent>(Sink.Recv(FakeSession.Patience));

    public void Dispose()
    {
        Source.Dispose();
        Sink.Dispose();
        Daemon.Dispose();
    }
}
