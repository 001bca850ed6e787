// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;
using Dora.SharedMemory;
using Microsoft.Win32.SafeHandles;

namespace Dora.Testing.PubSub;

/// <summary>A rig over shared memory: plays the daemon's part of creating memory and handing it out.</summary>
public sealed class SharedMemoryRig : PubSubRig
{
    private readonly SafeFileHandle _doorbellMemory = DoorbellMemory.Create();
    private readonly SharedDoorbell _doorbell;
    private readonly Dictionary<uint, SafeFileHandle> _segments = [];
    private readonly Dictionary<uint, SafeFileHandle> _edges = [];
    private readonly List<SharedMemorySubscription> _subscriptions = [];
    private readonly Lock _lock = new();
    private uint _lastId;

    /// <summary>Makes a publisher.</summary>
    /// <param name="poolBytesMax">Its bound.</param>
    public SharedMemoryRig(long poolBytesMax = 2L << 30)
    {
        Budget = new PoolBudget(poolBytesMax);
        _doorbell = new SharedDoorbell(_doorbellMemory);
        SharedMemoryPublisher = new SharedMemoryPublisher(
            new LocalSegmentSource(() => Interlocked.Increment(ref _lastId), Share, Retire), Budget)
        {
            EdgeFaulted = OnFault,
        };
    }

    /// <summary>The pool's bound and use.</summary>
    public PoolBudget Budget { get; }

    /// <summary>The publisher as what it is.</summary>
    public SharedMemoryPublisher SharedMemoryPublisher { get; }

    /// <summary>Segments that exist, with their memory.</summary>
    public IReadOnlyDictionary<uint, SafeFileHandle> Segments => _segments;

    /// <summary>When set, segments are handed to subscriptions only when they ask for a missing one.</summary>
    public bool AreSegmentsLate { get; set; }

    /// <inheritdoc/>
    public override Publisher Publisher => SharedMemoryPublisher;

    /// <inheritdoc/>
    public override Doorbell Doorbell => _doorbell;

    /// <summary>Memory of an edge, for tests that look inside or scribble.</summary>
    public SafeFileHandle EdgeMemoryOf(uint edgeId) => _edges[edgeId];

    /// <inheritdoc/>
    public override Subscription Subscribe(int queueSize = 10, OverflowPolicy policy = OverflowPolicy.DropOldest) =>
        SubscribeShared(queueSize, policy);

    /// <summary>Adds an input.</summary>
    public SharedMemorySubscription SubscribeShared(int queueSize = 10, OverflowPolicy policy = OverflowPolicy.DropOldest)
    {
        lock (_lock)
        {
            var id = (uint)_edges.Count + 1;
            var memory = EdgeMemory.Create(queueSize);
            _edges.Add(id, memory);
            SharedMemorySubscription subscription = null!;
            subscription = new SharedMemorySubscription(id, memory, segment => AddMissing(subscription, segment));
            foreach (var (segmentId, fd) in AreSegmentsLate ? [] : _segments)
                subscription.AddSegment(segmentId, fd);
            _subscriptions.Add(subscription);
            SharedMemoryPublisher.AddEdge(id, memory, _doorbellMemory, policy);
            return subscription;
        }
    }

    /// <inheritdoc/>
    public override void Settle(Subscription subscription)
    {
        // Publishing is queueing here: nothing is under way.
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        SharedMemoryPublisher.Dispose();
        foreach (var subscription in _subscriptions)
            subscription.Dispose();
        foreach (var fd in _edges.Values.Concat(_segments.Values))
            fd.Dispose();
        _doorbell.Dispose();
        _doorbellMemory.Dispose();
    }

    private void Share(uint id, SafeFileHandle fd)
    {
        lock (_lock)
        {
            _segments.Add(id, fd);
            foreach (var subscription in AreSegmentsLate ? [] : _subscriptions)
                subscription.AddSegment(id, fd);
        }
    }

    private void Retire(uint id)
    {
        lock (_lock)
        {
            _segments.Remove(id, out var fd);
            fd!.Dispose();
            foreach (var subscription in _subscriptions)
                subscription.RemoveSegment(id);
        }
    }

    private bool AddMissing(SharedMemorySubscription subscription, uint segment)
    {
        lock (_lock)
        {
            if (_segments.TryGetValue(segment, out var fd))
                subscription.AddSegment(segment, fd);
            return true;
        }
    }
}
