// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.SharedMemory;

namespace Dora.Middleware;

/// <summary>A subscription that reads messages in the publisher's memory.</summary>
/// <remarks>
/// Segments arrive on the control connection: one that a message refers to was sent before the message was published, so when a
/// segment is missing it is waiting to be read there. The callback <c>segmentMissing</c> is called then, on the taking thread, with the
/// id: it reads the control connection and returns true once everything that had arrived has been applied; on false the message stays
/// in the queue and the next take tries again. True with the segment still missing is the publisher's fault.
/// </remarks>
public sealed class SharedMemorySubscription : Subscription
{
    private readonly EdgeReceiver _edge;
    private readonly Func<uint, bool> _segmentMissing;
    private readonly MessagePool _pool = new();
    private Storage? _next; // taking thread: for the next message
    private volatile bool _isDisposed;

    /// <summary>Maps an edge for receiving.</summary>
    /// <param name="edgeId">Unique in the dataflow.</param>
    /// <param name="edge">The edge's memory; may be closed afterwards.</param>
    /// <param name="segmentMissing">See the remarks.</param>
    /// <exception cref="SharedMemoryFormatException">Not a sound edge.</exception>
    /// <exception cref="Platform.PlatformException">No room for another mapping.</exception>
    public SharedMemorySubscription(uint edgeId, SafeHandle edge, Func<uint, bool> segmentMissing)
        : base(edgeId)
    {
        _edge = EdgeReceiver.Map(edge);
        _segmentMissing = segmentMissing;
    }

    /// <inheritdoc/>
    public override bool HasData => !_isDisposed && !IsPoisoned && _edge.HasData;

    /// <summary>Adds a segment of the publisher's. Any thread; idempotent.</summary>
    /// <param name="segmentId">Its id.</param>
    /// <param name="segment">Its memory; may be closed afterwards.</param>
    /// <exception cref="SharedMemoryFormatException">Not a sound segment.</exception>
    /// <exception cref="Platform.PlatformException">No room for another mapping.</exception>
    public void AddSegment(uint segmentId, SafeHandle segment) => _edge.AddSegment(segmentId, segment);

    /// <summary>Forgets a segment that the publisher has retired. Held samples in it stay readable. Any thread; idempotent.</summary>
    /// <remarks>A closed edge keeps its segments until it is disposed: its publisher may have struck it before all was taken.</remarks>
    public void RemoveSegment(uint segmentId)
    {
        if (!IsClosed)
            _edge.RemoveSegment(segmentId);
    }

    /// <inheritdoc/>
    public override EdgeCounters GetCounters() => _edge.ReadCounters();

    /// <inheritdoc/>
    public override bool TryTake(out Message message)
    {
        message = default;
        if (_isDisposed || IsPoisoned)
            return false;
        var storage = _next ??= (Storage?)_pool.TryRemove() ?? new Storage(this);
        var result = _edge.TryTake(storage.Sample, out var missingSegment);
        if (result == TakeResult.MissingSegment && _segmentMissing(missingSegment))
        {
            result = _edge.TryTake(storage.Sample, out var stillMissing);
            if (result == TakeResult.MissingSegment && stillMissing == missingSegment)
                Poison($"message in segment {missingSegment}, which does not exist");
        }

        if (result == TakeResult.Taken)
        {
            _next = null;
            storage.TakeHeader();
            message = new Message(storage);
            return true;
        }

        if (result == TakeResult.Fault)
            Poison(_edge.Fault!);
        return false;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        _edge.Dispose();
    }

    private sealed class Storage(SharedMemorySubscription owner) : MessageStorage(owner._pool)
    {
        internal readonly ReceivedSample Sample = new();

        internal override ReadOnlySpan<byte> Payload => Sample.Payload;

        internal override ReadOnlySpan<byte> Metadata => Sample.Metadata;

        internal override ReadOnlyMemory<byte> PayloadMemory => Sample.PayloadMemory;

        internal override ReadOnlyMemory<byte> MetadataMemory => Sample.MetadataMemory;

        internal void TakeHeader()
        {
            Sequence = Sample.Sequence;
            TimestampNs = Sample.TimestampNs;
            TakenNs = Sample.TakenNs;
            Flags = (MessageFlags)Sample.Flags;
        }

        protected override void Release() => owner._edge.Return(Sample);
    }
}
