// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Daemon.Core;
using Dora.Daemon.Shell;
using Dora.Daemon.Timers;
using Dora.Dataflows.Graph;
using Dora.Middleware;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Dora.SharedMemory;
using QueuePolicy = Dora.Dataflows.Graph.QueuePolicy;

namespace Dora.Daemon.Edges;

/// <summary>The edges of one dataflow: makes their memory, gives it to both ends, takes it away, counts what went over it.</summary>
/// <remarks>Threading: the daemon's thread. Ownership: the board holds each edge's memory until its counters are final.</remarks>
internal sealed class EdgeBoard(DataflowGraph graph, SegmentBoard segments, TimerService timers, LogTopics logs) : IDisposable
{
    private readonly Dictionary<EdgeId, Edge> _edges = [];
    private readonly EdgeLedger _ledger = new(graph);

    /// <summary>What joins did with the messages that came over edges.</summary>
    public JoinLedger Joins { get; } = new(graph);

    private uint _lastId; // edges are numbered upward

    /// <summary>Makes an edge and hands it to its ends. The subscriber is told first, so it knows all segments before the first message.</summary>
    /// <exception cref="SharedMemoryExhaustedException">No memory or descriptors left.</exception>
    public void Open(EdgeId id, LiveNode? publisher, LiveNode subscriber, GraphInput input)
    {
        RetireDrained(new InputId(subscriber.Who.Node, input.Id));
        var memory = EdgeMemory.Create(input.QueueSize, $"dora-edge-{id.Value}");
        var edge = new Edge(id, publisher, subscriber, input, memory);
        _edges.Add(id, edge);
        _lastId = Math.Max(_lastId, id.Value);

        var readable = publisher is null ? [] : segments.ReadableBy(publisher, edge.Output!.Value.Output);
        var toSubscriber = new AddInputEdge
        {
            EdgeId = id.Value,
            InputId = input.Id.Value,
            Publisher = input.Source.ToString(),
            Fds = 1 + (uint)readable.Length,
        };
        toSubscriber.SegmentIds.AddRange(readable.Select(s => s.Id));
        subscriber.Send(new DaemonToNode { AddInputEdge = toSubscriber }, [memory, .. readable.Select(s => s.Memory)]);

        if (publisher is not null)
            GiveToPublisher(edge, publisher);
        else
            edge.Local = OpenLocal(edge);
    }

    /// <summary>Ticks of a node's timers begin when the node does.</summary>
    public void StartTimersOf(LiveNode node)
    {
        foreach (var edge in _edges.Values)
        {
            if (edge.Subscriber == node && edge.Input.Source is InputSource.Timer timer && edge.Local is { } local)
                timers.Add(timer.IntervalNs, local);
        }
    }

    /// <summary>Takes an edge away from both ends; the subscriber drains it first.</summary>
    public void Close(EdgeId id, string reason)
    {
        if (!_edges.TryGetValue(id, out var edge) || edge.IsClosed)
            return;
        edge.IsClosed = true;
        if (edge.Local is { } local)
        {
            timers.Remove(id.Value);
            logs.Remove(id.Value);
            local.Dispose();
        }

        var message = new DaemonToNode { CloseEdge = new CloseEdge { EdgeId = id.Value, Reason = reason } };
        edge.Publisher?.Send(message, []);
        edge.Subscriber.Send(message, []);
        if (edge.Subscriber.IsGone)
            Retire(edge);
    }

    /// <summary>A node's process is gone: what it had not taken is lost, and its edges' counters are final.</summary>
    public void Forget(LiveNode node)
    {
        foreach (var edge in _edges.Values.Where(e => e.Subscriber == node && e.IsClosed).ToArray())
            Retire(edge);
    }

    /// <summary>A runtime tells what its operators have sent each other.</summary>
    public void CountSiblings(LiveNode runtime, OperatorReport report)
    {
        foreach (var counts in report.Siblings)
        {
            var input = new InputId(runtime.Who.Node, new DataId($"{report.OperatorId}/{counts.InputId}"));
            _ledger.SetInProcess(input, runtime.Who.Number, counts);
        }

        foreach (var counts in report.Expired)
        {
            var input = new InputId(runtime.Who.Node, new DataId($"{report.OperatorId}/{counts.InputId}"));
            _ledger.SetExpired(input, runtime.Who.Number, counts.DroppedExpired);
        }
    }

    /// <summary>Open edges that read an output of a node.</summary>
    public IEnumerable<(EdgeId Id, LiveNode Subscriber)> ReadersOf(LiveNode publisher, DataId output) =>
        _edges.Values
            .Where(e => !e.IsClosed && e.Publisher == publisher && e.Output!.Value.Output == output)
            .Select(e => (e.Id, e.Subscriber));

    /// <summary>Whether a node may talk about an edge: it is one of its ends, or the edge is so long gone that nobody knows any more.</summary>
    public bool WasGiven(LiveNode node, EdgeId id) =>
        _edges.TryGetValue(id, out var edge) ? edge.Publisher == node || edge.Subscriber == node : id.Value > 0 && id.Value <= _lastId;

    /// <summary>Closes the books: one row for each input, all incarnations added up. Last call.</summary>
    public ImmutableArray<EdgeReport> Finish()
    {
        foreach (var edge in _edges.Values.ToArray())
            Retire(edge);
        return _ledger.Report();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var edge in _edges.Values)
        {
            edge.Local?.Dispose();
            edge.Memory.Dispose();
        }

        _edges.Clear();
    }

    private static void GiveToPublisher(Edge edge, LiveNode publisher) => publisher.Send(
        new DaemonToNode
        {
            AddOutputEdge = new AddOutputEdge
            {
                EdgeId = edge.Id.Value,
                OutputId = edge.Output!.Value.Output.Value,
                QueuePolicy = NodeConfigs.PolicyOf(edge.Input),
                QueueSize = (uint)edge.Input.QueueSize,
                Subscriber = edge.Target.ToString(),
                Fds = 2,
            },
        },
        [edge.Memory, edge.Subscriber.Doorbell]);

    private LocalEdge OpenLocal(Edge edge)
    {
        var local = new LocalEdge(
            edge.Id.Value,
            edge.Memory,
            edge.Subscriber.Doorbell,
            edge.Input.QueuePolicy == QueuePolicy.BackPressure ? OverflowPolicy.BackPressure : OverflowPolicy.DropOldest,
            segments.LocalSource(edge.Id, edge.Subscriber));
        switch (edge.Input.Source)
        {
            case InputSource.Logs source:
                logs.AddTopic(source, edge.Subscriber.Who.Node, local);
                break;
            case InputSource.Node(var output):
                logs.AddRelay(output, local);
                break;
        }

        return local; // timers start with the node: StartTimersOf
    }

    /// <summary>Earlier edges of an input whose publisher was restarted, so that a node that restarts for years holds no memory for it.</summary>
    private void RetireDrained(InputId target)
    {
        foreach (var edge in _edges.Values.Where(e => e.IsClosed && e.Target == target && e.Counters().Queued == 0).ToArray())
            Retire(edge);
    }

    private void Retire(Edge edge)
    {
        _ledger.Add(edge.Target, edge.Counters());
        _edges.Remove(edge.Id);
        edge.Local?.Dispose();
        edge.Memory.Dispose();
    }
}
