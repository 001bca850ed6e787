// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using Dora.Platform.Synchronization;
using Dora.SharedMemory;

namespace Dora.Middleware;

/// <summary>A subscription over a connected stream socket. A thread reads messages into a bounded queue, where they are taken from.</summary>
/// <remarks>
/// The end of the connection closes the subscription. Two threads: one reads, one writes reports, so that neither a silent
/// publisher nor one that does not read can hold up the thread that takes.
/// </remarks>
public sealed class SocketSubscription : Subscription
{
    private readonly Socket _socket;
    private readonly Doorbell _doorbell;
    private readonly OverflowPolicy _policy;
    private readonly int _queueSize;
    private readonly AutoResetEvent _reportDue = new(initialState: false); // not disposed: two threads and the taker use it to the end
    private readonly MessagePool _storages = new(); // its taking thread is the reading thread

    private readonly Lock _lock = new(); // guards all below; nothing is called under it
    private readonly BufferPool _buffers = new(bytesMax: long.MaxValue);
    private readonly MessageQueue<Storage> _queue = new();
    private readonly ulong[] _ages = new ulong[EdgeLayout.AgeBucketCount];
    private DeliveryReport _report;
    private ulong _arrived;
    private ulong _arrivedBytes;
    private bool _isDisposed;

    /// <summary>Starts receiving.</summary>
    /// <param name="edgeId">Unique in the dataflow.</param>
    /// <param name="socket">Connected and blocking; owned by the subscription from now on.</param>
    /// <param name="policy">What happens when the queue is full; the publisher is told the same.</param>
    /// <param name="queueSize">How many messages the queue holds.</param>
    /// <param name="doorbell">Rung when there is news; outlives the subscription.</param>
    public SocketSubscription(uint edgeId, Socket socket, OverflowPolicy policy, int queueSize, Doorbell doorbell)
        : base(edgeId)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(queueSize, 1);
        (_socket, _policy, _queueSize, _doorbell) = (socket, policy, queueSize, doorbell);
        SocketIo.StartThread($"dora-edge-{edgeId}-read", RunReader);
        SocketIo.StartThread($"dora-edge-{edgeId}-report", RunReporter);
    }

    /// <inheritdoc/>
    public override bool HasData
    {
        get
        {
            lock (_lock)
                return _queue.Count > 0 && !IsPoisoned;
        }
    }

    /// <inheritdoc/>
    public override bool TryTake(out Message message)
    {
        message = default;
        lock (_lock)
        {
            if (IsPoisoned || !_queue.TryRemove(out var storage))
                return false;
            message = new Message(storage);
            var now = (ulong)Math.Max(0, Clocks.UnixNs); // a clock may stand before 1970
            _ages[AgeHistogram.BucketOf(now > storage.TimestampNs ? now - storage.TimestampNs : 0)]++;
            _report = _report with
            {
                Received = _report.Received + 1,
                ReceivedCorrelated = _report.ReceivedCorrelated + ((storage.Flags & MessageFlags.Correlated) != 0 ? 1UL : 0),
            };
        }

        _reportDue.Set();
        return true;
    }

    /// <inheritdoc/>
    public override EdgeCounters GetCounters()
    {
        lock (_lock)
        {
            var (p50, p99) = AgeHistogram.Percentiles(_ages);
            return new EdgeCounters
            {
                Sent = _arrived,
                SentBytes = _arrivedBytes,
                Received = _report.Received,
                DroppedOldest = _report.DroppedOldest,
                DroppedFull = _report.DroppedFull,
                Queued = (ulong)_queue.Count,
                AgeP50Ns = p50,
                AgeP99Ns = p99,
            };
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        lock (_lock)
        {
            _isDisposed = true;
            while (_queue.TryRemove(out _))
            {
                // what nobody took is nobody's
            }
        }

        SocketIo.Close(_socket);
        _reportDue.Set();
    }

    private void RunReader()
    {
        Span<byte> bytes = stackalloc byte[FrameHeader.Bytes];
        var lastSequence = 0UL;
        while (SocketIo.TryReceiveAll(_socket, bytes))
        {
            if (FrameHeader.TryRead(bytes, lastSequence, out var header) is { } fault)
            {
                Poison(fault);
                break;
            }

            lastSequence = header.Sequence;
            if (!TryReceiveBody(header))
                break;
            _doorbell.Ring();
        }

        Close("connection ended");
        SocketIo.Close(_socket);
        _reportDue.Set(); // ends the other thread
        _doorbell.Ring();
    }

    private bool TryReceiveBody(in FrameHeader header)
    {
        var storage = (Storage?)_storages.TryRemove() ?? new Storage(this);
        PooledBuffer buffer;
        lock (_lock)
            buffer = _buffers.TryRent((long)header.PayloadLength, (int)header.MetadataLength)!; // its pool has no bound
        if (!SocketIo.TryReceiveAll(_socket, buffer.Metadata.Span) || !SocketIo.TryReceiveAll(_socket, buffer.Payload.Span))
            return false;
        storage.Set(header, buffer);
        lock (_lock)
        {
            if (_isDisposed)
                return false;
            _arrived++;
            _arrivedBytes += header.PayloadLength;
            Enqueue(storage);
        }

        return true;
    }

    /// <summary>The same policy as a shared-memory queue, but that a correlated message is here already and so always finds a place.</summary>
    private void Enqueue(Storage storage)
    {
        var isCorrelated = (storage.Flags & MessageFlags.Correlated) != 0;
        if (_queue.Count >= _queueSize && _policy == OverflowPolicy.DropOldest)
        {
            if (!isCorrelated && _queue.OrdinaryCount == 0)
            {
                storage.Abandon();
                CountDrop(oldest: 0, full: 1);
                return;
            }

            // The publisher lets no more than a queue full of correlated messages out, so if this is one there is an ordinary one.
            if (_queue.TryRemoveOrdinary(out var oldest))
            {
                oldest.Abandon();
                CountDrop(oldest: 1, full: 0);
            }
        }

        _queue.Add(storage, isCorrelated);
    }

    private void CountDrop(ulong oldest, ulong full)
    {
        _report = _report with { DroppedOldest = _report.DroppedOldest + oldest, DroppedFull = _report.DroppedFull + full };
        _reportDue.Set();
    }

    private void RunReporter()
    {
        Span<byte> bytes = stackalloc byte[DeliveryReport.Bytes];
        while (true)
        {
            _reportDue.WaitOne();
            DeliveryReport report;
            lock (_lock)
                report = _report;
            report.Write(bytes);
            if (!SocketIo.TrySendAll(_socket, bytes))
                return;
        }
    }

    private sealed class Storage(SocketSubscription owner) : MessageStorage(owner._storages)
    {
        private PooledBuffer? _buffer;

        internal override ReadOnlySpan<byte> Payload => _buffer!.Payload.Span;

        internal override ReadOnlySpan<byte> Metadata => _buffer!.Metadata.Span;

        internal override ReadOnlyMemory<byte> PayloadMemory => _buffer!.Payload;

        internal override ReadOnlyMemory<byte> MetadataMemory => _buffer!.Metadata;

        internal void Set(in FrameHeader header, PooledBuffer buffer)
        {
            _buffer = buffer;
            Sequence = header.Sequence;
            TimestampNs = header.TimestampNs;
            Flags = header.Flags;
        }

        /// <summary>Back to the pools, unread. Under the owner's lock (which may be taken again by its holder).</summary>
        internal void Abandon() => Return(Generation);

        protected override void Release()
        {
            lock (owner._lock)
                owner._buffers.Return(_buffer!);
            _buffer = null;
        }
    }
}
