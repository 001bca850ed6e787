// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Daemon.Core;
using Dora.Daemon.Shell;
using Dora.Middleware;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Dora.SharedMemory;
using Microsoft.Win32.SafeHandles;

namespace Dora.Daemon.Edges;

/// <summary>The payload memory of one dataflow: who asked for which segment, who may read it.</summary>
/// <remarks>
/// <para>Life of a segment: a publisher asks (<see cref="Request"/>) → it gets the descriptor and maps it writable → it says so
/// (<see cref="Mapped"/>) → sealed, sent to every reader, and only then the publisher may publish from it → retired or forgotten.</para>
/// <para>Ownership: the board keeps each descriptor as long as a new reader may come. Threading: the daemon's thread, except for
/// <see cref="LocalSource"/>.</para>
/// </remarks>
internal sealed class SegmentBoard : IDisposable
{
    /// <summary>Shared memory of one node's outputs unless its <c>shared_memory_pool_size</c> says otherwise.</summary>
    public const long DefaultPoolBytesMax = 4L << 30;

    private readonly Dictionary<uint, Segment> _segments = [];
    private uint _lastId; // interlocked: local sources make segments on their senders' threads

    /// <summary>Who reads an output now; set by the shell before any node connects.</summary>
    public Func<LiveNode, DataId, IEnumerable<(EdgeId Edge, LiveNode Subscriber)>> ReadersOf { get; set; } = (_, _) => [];

    internal sealed record Segment(uint Id, LiveNode Publisher, DataId Output, SafeFileHandle Memory, long Bytes)
    {
        /// <summary>Sealed and known to all readers.</summary>
        public bool IsShared { get; set; }
    }

    /// <summary>What a new reader of an output must be given.</summary>
    public ImmutableArray<Segment> ReadableBy(LiveNode publisher, DataId output) =>
        [.. _segments.Values.Where(s => s.IsShared && s.Publisher == publisher && s.Output == output)];

    /// <summary>A segment of this publisher's; null: it has none with that id.</summary>
    public Segment? Find(LiveNode publisher, uint id) =>
        _segments.TryGetValue(id, out var segment) && segment.Publisher == publisher ? segment : null;

    /// <summary>A publisher's pool must grow. Everything in the request is the node's word and checked.</summary>
    public void Request(LiveNode node, RequestSegment request)
    {
        var output = new DataId(request.OutputId);
        var refusal = Check(node, output, request);
        SafeFileHandle? memory = null;
        if (refusal is null)
        {
            try
            {
                memory = SegmentMemory.Create((long)request.SlotBytes, (int)request.SlotCount, $"dora-{node.Who.Node}");
            }
            catch (SharedMemoryExhaustedException e)
            {
                refusal = e.Message;
            }
        }

        if (memory is null)
        {
            node.Send(new DaemonToNode { SegmentRefused = new SegmentRefused { RequestId = request.RequestId, Reason = refusal } }, []);
            return;
        }

        var bytes = SegmentMemory.TotalBytes((long)request.SlotBytes, (int)request.SlotCount);
        var segment = new Segment(NextId(), node, output, memory, bytes);
        _segments.Add(segment.Id, segment);
        var answer = new AddOutputSegment
        {
            RequestId = request.RequestId,
            SegmentId = segment.Id,
            SlotBytes = request.SlotBytes,
            SlotCount = request.SlotCount,
            Fds = 1,
        };
        node.Send(new DaemonToNode { AddOutputSegment = answer }, [memory]);
    }

    /// <summary>The publisher has its writable mapping: from now on nobody can make another one, and readers may have it.</summary>
    public void Mapped(LiveNode node, uint segmentId)
    {
        if (!_segments.TryGetValue(segmentId, out var segment) || segment.Publisher != node || segment.IsShared)
            return;
        SegmentMemory.SealForReaders(segment.Memory);
        segment.IsShared = true;
        foreach (var (edge, subscriber) in ReadersOf(node, segment.Output))
            Give(subscriber, edge, segment.Id, segment.Memory);
        node.Send(new DaemonToNode { SegmentShared = new SegmentShared { SegmentId = segmentId } }, []);
    }

    /// <summary>The publisher uses a segment no more: readers unmap it, and its memory is free when the last one has.</summary>
    public void Retire(LiveNode node, uint segmentId)
    {
        if (!_segments.TryGetValue(segmentId, out var segment) || segment.Publisher != node)
            return;
        if (segment.IsShared)
        {
            foreach (var (edge, subscriber) in ReadersOf(node, segment.Output))
                Take(subscriber, edge, segmentId);
        }

        Drop(segment);
    }

    /// <summary>A node is gone: nobody new will read what it published.</summary>
    public void Forget(LiveNode node)
    {
        foreach (var segment in _segments.Values.Where(s => s.Publisher == node).ToArray())
            Drop(segment);
    }

    /// <summary>Memory for messages of the daemon's own, for one edge. Its members run on the sender's thread.</summary>
    public ISegmentSource LocalSource(EdgeId edge, LiveNode subscriber) => new LocalSegmentSource(
        NextId,
        (id, memory) =>
        {
            using (memory)
                Give(subscriber, edge, id, memory);
        },
        id => Take(subscriber, edge, id));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var segment in _segments.Values)
            segment.Memory.Dispose();
        _segments.Clear();
    }

    private string? Check(LiveNode node, DataId output, RequestSegment request)
    {
        if (!node.Spec.Outputs.Contains(output))
            return $"node '{node.Who.Node}' has no output '{output}'";
        if (request.SlotBytes > long.MaxValue || request.SlotCount > int.MaxValue
            || !SegmentMemory.IsValid((long)request.SlotBytes, (int)request.SlotCount))
            return $"no segment can have {request.SlotCount} slots of {request.SlotBytes} bytes";
        var bytes = SegmentMemory.TotalBytes((long)request.SlotBytes, (int)request.SlotCount);
        var used = _segments.Values.Where(s => s.Publisher == node).Sum(s => s.Bytes);
        var bound = PoolBytesMax(node.Spec.SharedMemoryPoolBytes);
        return used + bytes > bound
            ? $"the outputs of '{node.Who.Node}' would take {used + bytes} bytes, its shared_memory_pool_size is {bound}"
            : null;
    }

    /// <summary>The bound that holds for a node.</summary>
    public static long PoolBytesMax(long? configured) => configured ?? DefaultPoolBytesMax;

    private uint NextId() => Interlocked.Increment(ref _lastId);

    private void Drop(Segment segment)
    {
        _segments.Remove(segment.Id);
        segment.Memory.Dispose();
    }

    private static void Give(LiveNode subscriber, EdgeId edge, uint segmentId, SafeFileHandle memory) => subscriber.Send(
        new DaemonToNode { AddInputSegment = new AddInputSegment { EdgeId = edge.Value, SegmentId = segmentId, Fds = 1 } }, [memory]);

    private static void Take(LiveNode subscriber, EdgeId edge, uint segmentId) => subscriber.Send(
        new DaemonToNode { RemoveInputSegment = new RemoveInputSegment { EdgeId = edge.Value, SegmentId = segmentId } }, []);
}
