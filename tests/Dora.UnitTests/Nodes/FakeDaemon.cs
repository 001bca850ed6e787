// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;
using Dora.Protocol.Messages;
using Dora.SharedMemory;
using Microsoft.Win32.SafeHandles;

namespace Dora.UnitTests.Nodes;

/// <summary>As much of a daemon as nodes need: it creates memory and connects edges. Sockets, descriptors and memory are real.</summary>
internal sealed class FakeDaemon : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<FakeSession> _sessions = [];
    private readonly List<FakeEdge> _edges = [];
    private readonly Dictionary<uint, (string Output, SafeFileHandle Memory)> _segments = [];
    private uint _lastId;

    /// <summary>Describes a node.</summary>
    public FakeSession Node(string id, string[]? inputs = null, string[]? outputs = null, Action<Dora.Protocol.Messages.NodeConfig>? configure = null)
    {
        var session = new FakeSession(this, Describe(id, inputs, outputs, configure));
        _sessions.Add(session);
        return session;
    }

    /// <summary>A node in a process of its own, which has connected.</summary>
    public FakeSession Attach(Dora.Protocol.Messages.NodeConfig config, Dora.Platform.Sockets.UnixSocket accepted)
    {
        var session = new FakeSession(this, config, accepted);
        _sessions.Add(session);
        return session;
    }

    public static Dora.Protocol.Messages.NodeConfig Describe(
        string id, string[]? inputs, string[]? outputs, Action<Dora.Protocol.Messages.NodeConfig>? configure = null)
    {
        var config = new Dora.Protocol.Messages.NodeConfig { DataflowId = "0198-test", NodeId = id, PoolBytesMax = 256 << 20, DescriptorYaml = "nodes: []" };
        foreach (var input in inputs ?? [])
        {
            config.Inputs.Add(new InputConfig { InputId = input, Source = "somebody/something", QueueSize = 10, QueuePolicy = Dora.Protocol.Messages.QueuePolicy.DropOldest });
        }

        foreach (var output in outputs ?? [])
            config.Outputs.Add(new OutputConfig { OutputId = output });
        configure?.Invoke(config);
        return config;
    }

    /// <summary>An edge that is wired when both ends have connected, or now if they have.</summary>
    public FakeEdge Edge(
        FakeSession publisher, string output, FakeSession subscriber, string input, int queueSize = 10,
        Dora.Protocol.Messages.QueuePolicy policy = Dora.Protocol.Messages.QueuePolicy.DropOldest)
    {
        var edge = new FakeEdge(++_lastId, publisher, output, subscriber, input, queueSize, policy);
        lock (_lock)
            _edges.Add(edge);
        return edge;
    }

    /// <summary>Connects all nodes and starts the dataflow.</summary>
    public async Task<DoraNode[]> StartAsync(params FakeSession[] sessions)
    {
        var nodes = sessions.Select(session => session.ConnectAsync()).ToArray();
        Start(sessions);
        return await Task.WhenAll(nodes).WaitAsync(FakeSession.Patience);
    }

    /// <summary>Wires what was described and opens the barrier for nodes that are connecting.</summary>
    public void Start(params FakeSession[] sessions)
    {
        foreach (var session in sessions)
            session.Expect(NodeToDaemon.BodyOneofCase.Hello);
        foreach (var edge in _edges.Where(edge => !edge.IsOpen))
            Open(edge);
        foreach (var session in sessions)
            session.Send(new DaemonToNode { WiringDone = new WiringDone() });
        foreach (var session in sessions)
            session.Expect(NodeToDaemon.BodyOneofCase.Ready);
        foreach (var session in sessions)
            session.Send(new DaemonToNode { Start = new Start() });
    }

    /// <summary>Wires an edge between nodes that are connected.</summary>
    public void Open(FakeEdge edge)
    {
        edge.IsOpen = true;
        edge.Publisher.Send(
            new DaemonToNode
            {
                AddOutputEdge = new AddOutputEdge
                {
                    EdgeId = edge.Id,
                    OutputId = edge.Output,
                    QueuePolicy = edge.Policy,
                    QueueSize = (uint)edge.QueueSize,
                    Subscriber = $"{edge.Subscriber.Config.NodeId}/{edge.Input}",
                    Fds = 2,
                },
            },
            edge.Memory,
            edge.Subscriber.Doorbell);
        var add = new AddInputEdge { EdgeId = edge.Id, InputId = edge.Input, Publisher = edge.Source };
        var descriptors = new List<SafeFileHandle> { edge.Memory };
        lock (_lock)
        {
            foreach (var (id, segment) in _segments.Where(segment => segment.Value.Output == edge.Source))
            {
                add.SegmentIds.Add(id);
                descriptors.Add(segment.Memory);
            }
        }

        add.Fds = (uint)descriptors.Count;
        edge.Subscriber.Send(new DaemonToNode { AddInputEdge = add }, [.. descriptors]);
    }

    /// <summary>Cuts an edge; the subscriber drains it.</summary>
    public static void Close(FakeEdge edge, string reason)
    {
        var close = new DaemonToNode { CloseEdge = new CloseEdge { EdgeId = edge.Id, Reason = reason } };
        edge.Publisher.Send(close);
        edge.Subscriber.Send(close);
    }

    /// <summary>Ends an input for good.</summary>
    public static void CloseInput(FakeEdge edge, string reason)
    {
        Close(edge, reason);
        edge.Subscriber.Send(new DaemonToNode { InputClosed = new InputClosed { InputId = edge.Input, Reason = reason } });
    }

    public void RequestSegment(FakeSession session, RequestSegment request)
    {
        if (!session.GrantsSegments)
        {
            session.Send(new DaemonToNode { SegmentRefused = new SegmentRefused { RequestId = request.RequestId, Reason = "test" } });
            return;
        }

        var memory = SegmentMemory.Create((long)request.SlotBytes, (int)request.SlotCount);
        uint id;
        lock (_lock)
        {
            id = ++_lastId;
            _segments.Add(id, ($"{session.Config.NodeId}/{request.OutputId}", memory));
        }

        session.Send(
            new DaemonToNode
            {
                AddOutputSegment = new AddOutputSegment
                {
                    RequestId = request.RequestId,
                    SegmentId = id,
                    SlotBytes = request.SlotBytes,
                    SlotCount = request.SlotCount,
                    Fds = 1,
                },
            },
            memory);
    }

    public void SegmentMapped(FakeSession session, uint segmentId)
    {
        lock (_lock)
        {
            var (output, memory) = _segments[segmentId];
            SegmentMemory.SealForReaders(memory);
            foreach (var edge in _edges.Where(edge => edge.IsOpen && edge.Source == output))
            {
                void Share() => edge.Subscriber.Send(
                    new DaemonToNode { AddInputSegment = new AddInputSegment { EdgeId = edge.Id, SegmentId = segmentId, Fds = 1 } },
                    memory);
                if (edge.Subscriber.HoldsInputSegments)
                    edge.Subscriber.HeldInputSegments.Enqueue(Share);
                else
                    Share();
            }
        }

        session.Send(new DaemonToNode { SegmentShared = new SegmentShared { SegmentId = segmentId } });
    }

    public void RetireSegment(uint segmentId)
    {
        lock (_lock)
        {
            if (!_segments.Remove(segmentId, out var segment))
                return;
            foreach (var edge in _edges.Where(edge => edge.IsOpen && edge.Source == segment.Output))
                edge.Subscriber.Send(new DaemonToNode { RemoveInputSegment = new RemoveInputSegment { EdgeId = edge.Id, SegmentId = segmentId } });
            segment.Memory.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var session in _sessions)
            session.Dispose();
        foreach (var edge in _edges)
            edge.Memory.Dispose();
        foreach (var (_, memory) in _segments.Values)
            memory.Dispose();
    }
}

/// <summary>One edge between two sessions.</summary>
internal sealed class FakeEdge(
    uint id, FakeSession publisher, string output, FakeSession subscriber, string input, int queueSize, Dora.Protocol.Messages.QueuePolicy policy)
{
    public uint Id => id;

    public FakeSession Publisher => publisher;

    public string Output => output;

    public FakeSession Subscriber => subscriber;

    public string Input => input;

    public int QueueSize => queueSize;

    public Dora.Protocol.Messages.QueuePolicy Policy => policy;

    public string Source => $"{publisher.Config.NodeId}/{output}";

    public SafeFileHandle Memory { get; } = EdgeMemory.Create(queueSize);

    public bool IsOpen { get; set; }

    public EdgeCounters Counters => EdgeMemory.ReadCounters(Memory);
}
