// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.SharedMemory;

namespace Dora.Middleware;

/// <summary>A publisher whose subscribers read its memory in place.</summary>
/// <remarks>
/// <para>Cost of a message: one lock, one cell of 128 bytes for each edge, one fence, and a system call for each subscriber that sleeps.
/// Small messages (80 bytes with metadata) travel in the cell; larger ones lie in a slot of a segment.</para>
/// <para>Memory: segments come from an <see cref="ISegmentSource"/> when messages need them, within a <see cref="PoolBudget"/>, and go back
/// when idle (<see cref="TrimIdleSegments"/>). At the bound the oldest undelivered messages of edges that may drop give way.</para>
/// <para>Locks, in this order: growth (held across the source's round trip), then state (never held across anything slow).</para>
/// </remarks>
public sealed partial class SharedMemoryPublisher : Publisher
{
    private readonly ISegmentSource _source;
    private readonly PoolBudget _budget;
    private readonly SpinBudget _spin = new(WaitPolicy.Default); // senders that wait for space
    private readonly Lock _growthLock = new();
    private readonly Lock _lock = new(); // guards everything below

    private readonly SlotPool _pool = new();
    private EdgeSender[] _edges = []; // replaced as a whole: walked for every message
    private List<(uint EdgeId, string Reason)>? _faults; // found under the lock, reported after it
    private ulong _sequence;
    private volatile bool _isClosed; // never becomes false again

    /// <summary>Makes a publisher without edges and without memory.</summary>
    /// <param name="source">Where memory comes from.</param>
    /// <param name="budget">How much there may be; shared by the publishers of a node.</param>
    public SharedMemoryPublisher(ISegmentSource source, PoolBudget budget)
    {
        _source = source;
        _budget = budget;
        budget.Add(this);
    }

    /// <summary>How senders wait for space in full queues.</summary>
    public WaitPolicy Wait
    {
        init => _spin = new SpinBudget(value);
    }

    /// <inheritdoc/>
    public override int EdgeCount
    {
        get
        {
            lock (_lock)
                return _edges.Length;
        }
    }

    /// <summary>Adds a subscriber; it gets every message from now on.</summary>
    /// <param name="edgeId">Unique in the dataflow.</param>
    /// <param name="edge">The edge's memory; may be closed afterwards.</param>
    /// <param name="doorbell">The subscriber's doorbell; may be closed afterwards.</param>
    /// <param name="policy">What to do when its queue is full. The queue's size is a property of the edge's memory.</param>
    /// <exception cref="SharedMemoryFormatException">The memory is not what it should be.</exception>
    /// <exception cref="Platform.PlatformException">No room for another mapping.</exception>
    /// <exception cref="ArgumentException">The id is in use.</exception>
    public void AddEdge(uint edgeId, SafeHandle edge, SafeHandle doorbell, OverflowPolicy policy)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (Array.Exists(_edges, e => e.Id == edgeId))
                throw new ArgumentException($"edge {edgeId} exists already");
            var index = _pool.AddEdge();
            try
            {
                _edges = [.. _edges, EdgeSender.Map(edgeId, index, edge, doorbell, mayDrop: policy == OverflowPolicy.DropOldest)];
            }
            catch
            {
                _pool.RemoveEdge(index);
                throw;
            }
        }
    }

    /// <inheritdoc/>
    public override void CloseEdge(uint edgeId, string reason)
    {
        lock (_lock)
        {
            var place = Array.FindIndex(_edges, e => e.Id == edgeId);
            if (place >= 0)
                RemoveEdgeAt(place);
        }
    }

    /// <inheritdoc/>
    public override bool TryGetCounters(uint edgeId, out EdgeCounters counters)
    {
        lock (_lock)
        {
            var edge = Array.Find(_edges, e => e.Id == edgeId);
            counters = edge?.ReadCounters() ?? default;
            return edge is not null;
        }
    }

    /// <summary>Gives back the segments that no message has used since the last call. Call it every ten seconds or so; any thread.</summary>
    public void TrimIdleSegments()
    {
        RetireIdle(onlyUnusedSinceLastCall: true);
        ReportFaults();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _budget.Remove(this);
        lock (_lock)
        {
            _isClosed = true;
            for (var i = _edges.Length - 1; i >= 0; i--)
                RemoveEdgeAt(i);
        }

        // With the edges gone every slot is free, but for those on loan: their segments go when the loans end.
        RetireIdle(onlyUnusedSinceLastCall: false);
        ReportFaults();
    }

    private void RemoveEdgeAt(int place)
    {
        var edge = _edges[place];
        _edges = [.. _edges[..place], .. _edges[(place + 1)..]];
        _pool.RemoveEdge(edge.Index);
        edge.Dispose();
    }

    /// <summary>Removes edges that a peer broke; the caller reports them with <see cref="ReportFaults"/> after the lock.</summary>
    private void RemoveFaultyEdges()
    {
        for (var i = _edges.Length - 1; i >= 0; i--)
        {
            if (_edges[i].Fault is not { } reason)
                continue;
            (_faults ??= []).Add((_edges[i].Id, reason));
            RemoveEdgeAt(i);
        }
    }

    /// <summary>Reports faulty edges, if any. Without the lock.</summary>
    internal void ReportFaults()
    {
        if (Volatile.Read(ref _faults) is null)
            return;
        List<(uint EdgeId, string Reason)>? faults;
        lock (_lock)
            (faults, _faults) = (_faults, null);
        foreach (var (edgeId, reason) in faults ?? [])
            EdgeFaulted?.Invoke(edgeId, reason);
    }
}
