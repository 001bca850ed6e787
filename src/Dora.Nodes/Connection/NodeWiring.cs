// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;
using Dora.Nodes.Receiving;
using Dora.Nodes.Sending;
using Dora.Platform;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Dora.SharedMemory;
using Microsoft.Win32.SafeHandles;
using Wire = Dora.Protocol.Messages;

namespace Dora.Nodes.Connection;

/// <summary>Inputs and outputs of one node, and the edges that the daemon connects them with.</summary>
/// <remarks>Threading: the control thread applies; lookups by others are of collections that never change.</remarks>
internal sealed class NodeWiring : IDisposable
{
    private static readonly TimeSpan TrimInterval = TimeSpan.FromSeconds(10);

    // A first segment of this class takes 260 KiB and serves messages from 81 bytes to 4 KiB with metadata. Nodes with very many outputs are
    // mostly runtimes, which send through few of them: those grow with their first message.
    private const int FirstPayloadBytes = 4096;
    private const int ReservingOutputsMax = 16;

    private readonly DaemonLink _link;
    private readonly SegmentArrivals _arrivals = new();
    private readonly Dictionary<uint, InputPort> _inputOfEdge = [];
    private readonly Dictionary<uint, NodeOutput> _outputOfEdge = [];
    private readonly List<DaemonSegmentSource> _sources = [];
    private readonly ITimer _trimmer; // gives memory back that no message has needed for a while

    public NodeWiring(NodeConfig config, DaemonLink link, SendContext context, TimeProvider time)
    {
        _link = link;
        Requests = new SegmentRequests(link);
        Inputs = config.Inputs.ToDictionary(input => input.Id, input => new InputPort(input, PeerFaulted));
        var budget = new PoolBudget(config.PoolBytesMax);
        Outputs = config.Outputs.ToDictionary(id => id, id => CreateOutput(id, budget, config.Wait, context));
        var interval = config.Outputs.IsEmpty ? Timeout.InfiniteTimeSpan : TrimInterval;
        _trimmer = time.CreateTimer(static wiring => ((NodeWiring)wiring!).Trim(), this, interval, interval);
    }

    /// <summary>By id.</summary>
    public IReadOnlyDictionary<string, InputPort> Inputs { get; }

    /// <summary>By id.</summary>
    public IReadOnlyDictionary<string, NodeOutput> Outputs { get; }

    /// <summary>What outputs have asked the daemon for.</summary>
    public SegmentRequests Requests { get; }

    /// <summary>Called on any thread when a peer broke the rules of its edge, which is gone then.</summary>
    public Action<uint, string>? PeerFault { get; set; }

    /// <summary>Applies a message if it is about edges or memory. False: it is about something else.</summary>
    public bool TryApply(DaemonToNode message)
    {
        switch (message.BodyCase)
        {
            case DaemonToNode.BodyOneofCase.AddOutputEdge:
                AddOutputEdge(message.AddOutputEdge);
                return true;
            case DaemonToNode.BodyOneofCase.AddInputEdge:
                AddInputEdge(message.AddInputEdge);
                return true;
            case DaemonToNode.BodyOneofCase.CloseEdge:
                CloseEdge(message.CloseEdge);
                return true;
            case DaemonToNode.BodyOneofCase.AddInputSegment:
                AddInputSegment(message.AddInputSegment);
                return true;
            case DaemonToNode.BodyOneofCase.RemoveInputSegment:
                RemoveInputSegment(message.RemoveInputSegment);
                return true;
            case DaemonToNode.BodyOneofCase.AddOutputSegment:
                var granted = message.AddOutputSegment;
                Requests.Granted(granted.RequestId, granted.SegmentId, Take(granted.Fds, 1)[0]);
                return true;
            case DaemonToNode.BodyOneofCase.SegmentRefused:
                Requests.Refused(message.SegmentRefused.RequestId);
                return true;
            case DaemonToNode.BodyOneofCase.SegmentShared:
                Requests.Shared(message.SegmentShared.SegmentId);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Gets memory for the small messages of connected outputs, so that the first one need not wait for the daemon. Not the control thread.</summary>
    /// <remarks>A refusal is no failure: the first message asks again. What no message uses goes back with the first trimming.</remarks>
    public void ReserveFirstSegments()
    {
        if (Outputs.Count > ReservingOutputsMax)
            return;
        foreach (var output in Outputs.Values)
        {
            if (output.SubscriberCount > 0)
                output.Publisher.Reserve(FirstPayloadBytes, metadataBytes: 0);
        }
    }

    /// <summary>The daemon is gone: nobody waits for it any more. Edges go on.</summary>
    public void DaemonLost()
    {
        Requests.End();
        _arrivals.End();
    }

    /// <summary>The node ends: what subscribers have queued stays theirs.</summary>
    public void Leave()
    {
        foreach (var source in _sources)
            source.Leave();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _trimmer.Dispose();
        foreach (var output in Outputs.Values)
            output.Publisher.Dispose();
        foreach (var input in Inputs.Values)
            input.Dispose();
    }

    private void Trim()
    {
        foreach (var output in Outputs.Values)
        {
            if (!output.IsClosed) // what was sent last may still lie in queues that the book no longer knows
                output.Publisher.TrimIdleSegments();
        }
    }

    private NodeOutput CreateOutput(string id, PoolBudget budget, WaitPolicy wait, SendContext context)
    {
        var source = new DaemonSegmentSource(id, Requests);
        _sources.Add(source);
        return new NodeOutput(id, new SharedMemoryPublisher(source, budget) { EdgeFaulted = PeerFaulted, Wait = wait }, context);
    }

    private void AddOutputEdge(AddOutputEdge edge)
    {
        using var descriptors = new Descriptors(Take(edge.Fds, 2));
        var output = Outputs.TryGetValue(edge.OutputId, out var found)
            ? found
            : throw new ProtocolException($"The daemon connected output '{edge.OutputId}', which this node does not have.");
        var policy = edge.QueuePolicy == Wire.QueuePolicy.Backpressure ? OverflowPolicy.BackPressure : OverflowPolicy.DropOldest;
        var (memory, doorbell) = (descriptors[0], descriptors[1]);
        if (!TryMap(edge.EdgeId, () => output.Publisher.AddEdge(edge.EdgeId, memory, doorbell, policy)))
            return;
        _outputOfEdge[edge.EdgeId] = output;
        output.Stalls.Connected(edge.EdgeId, edge.Subscriber);
    }

    private void AddInputEdge(AddInputEdge edge)
    {
        using var descriptors = new Descriptors(Take(edge.Fds, 1 + edge.SegmentIds.Count));
        var input = Inputs.TryGetValue(edge.InputId, out var found)
            ? found
            : throw new ProtocolException($"The daemon connected input '{edge.InputId}', which this node does not have.");
        var id = edge.EdgeId;
        var handles = descriptors;
        TryMap(id, () =>
        {
            var subscription = new SharedMemorySubscription(id, handles[0], segment => WaitForSegment(id, segment));
            input.Add(subscription);
            _inputOfEdge[id] = input;
            for (var i = 0; i < edge.SegmentIds.Count; i++)
            {
                subscription.AddSegment(edge.SegmentIds[i], handles[1 + i]);
                _arrivals.Add(id, edge.SegmentIds[i]);
            }
        });
    }

    private void CloseEdge(CloseEdge close)
    {
        if (_outputOfEdge.Remove(close.EdgeId, out var output))
        {
            output.Publisher.CloseEdge(close.EdgeId, close.Reason);
            output.Stalls.Disconnected(close.EdgeId);
        }

        if (_inputOfEdge.Remove(close.EdgeId, out var input))
            input.Find(close.EdgeId)?.Close(close.Reason);
        _arrivals.RemoveEdge(close.EdgeId);
    }

    private void AddInputSegment(AddInputSegment segment)
    {
        using var descriptors = new Descriptors(Take(segment.Fds, 1));
        if (FindSubscription(segment.EdgeId) is not { } subscription)
            return; // drained and forgotten while this was under way
        var memory = descriptors[0];
        if (TryMap(segment.EdgeId, () => subscription.AddSegment(segment.SegmentId, memory)))
            _arrivals.Add(segment.EdgeId, segment.SegmentId);
    }

    private void RemoveInputSegment(RemoveInputSegment segment)
    {
        FindSubscription(segment.EdgeId)?.RemoveSegment(segment.SegmentId);
        _arrivals.Remove(segment.EdgeId, segment.SegmentId);
    }

    /// <summary>Memory that cannot be mapped costs one edge, not the node.</summary>
    private bool TryMap(uint edgeId, Action map)
    {
        try
        {
            map();
            return true;
        }
        catch (Exception e) when (e is SharedMemoryException or PlatformException)
        {
            PeerFaulted(edgeId, e.Message);
            return false;
        }
    }

    private SharedMemorySubscription? FindSubscription(uint edgeId) =>
        _inputOfEdge.TryGetValue(edgeId, out var input) ? input.Find(edgeId) as SharedMemorySubscription : null;

    private bool WaitForSegment(uint edgeId, uint segmentId)
    {
        _arrivals.Wait(edgeId, segmentId);
        return true; // if it still is not there, the publisher invented it
    }

    private void PeerFaulted(uint edgeId, string reason)
    {
        _link.TrySend(new NodeToDaemon { PeerFault = new ReportPeerFault { EdgeId = edgeId, Reason = reason } });
        PeerFault?.Invoke(edgeId, reason);
    }

    private SafeFileHandle[] Take(uint count, int expected)
    {
        var descriptors = _link.TakeDescriptors(count);
        if (descriptors.Length == expected)
            return descriptors;
        new Descriptors(descriptors).Dispose();
        throw new ProtocolException($"The daemon sent {count} descriptors where {expected} belong.");
    }

    /// <summary>Descriptors that are only needed until they are mapped.</summary>
    private readonly struct Descriptors(SafeFileHandle[] handles) : IDisposable
    {
        public SafeFileHandle this[int index] => handles[index];

        public void Dispose()
        {
            foreach (var handle in handles)
                handle.Dispose();
        }
    }
}
