// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using Dora.Platform.Synchronization;
using Dora.SharedMemory;

namespace Dora.Middleware;

/// <summary>A publisher with one connected stream socket for each subscriber: for systems without shared memory, and as a second opinion
/// on the contract.</summary>
/// <remarks>Cost of a message: one copy into a buffer (none for a loan), shared by all edges, and the socket's two copies for each.
/// Two threads for each edge.</remarks>
public sealed class SocketPublisher : Publisher
{
    private readonly BufferPool _pool;
    private readonly List<SocketEdge> _edges = [];
    private ulong _sequence;
    private bool _isClosed;
    private bool _isPoolShort; // a loan failed and no buffer has come back since

    /// <summary>Makes a publisher without edges.</summary>
    /// <param name="poolBytesMax">Bound on its buffers together.</param>
    public SocketPublisher(long poolBytesMax) => _pool = new BufferPool(poolBytesMax);

    /// <inheritdoc/>
    public override int EdgeCount
    {
        get
        {
            lock (Gate)
                return _edges.Count;
        }
    }

    /// <summary>Guards all state of the publisher and its edges; pulsed when there may be space. A monitor, because senders wait on it.</summary>
    internal object Gate { get; } = new();

    /// <summary>Adds a subscriber; it gets every message from now on.</summary>
    /// <param name="edgeId">Unique in the dataflow.</param>
    /// <param name="socket">Connected and blocking; owned by the publisher from now on.</param>
    /// <param name="policy">What to do when its queue is full.</param>
    /// <param name="queueSize">How many messages its queue holds; the subscriber is told the same.</param>
    /// <exception cref="ArgumentException">The id is in use.</exception>
    public void AddEdge(uint edgeId, Socket socket, OverflowPolicy policy, int queueSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(queueSize, 1);
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (_edges.Exists(e => e.Id == edgeId))
                throw new ArgumentException($"edge {edgeId} exists already");
            var edge = new SocketEdge(this, edgeId, socket, policy, queueSize);
            _edges.Add(edge);
            edge.Start();
        }
    }

    /// <inheritdoc/>
    public override SendStatus TryLoan(long payloadBytes, int metadataBytes, out Loan loan)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payloadBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(metadataBytes);
        loan = default;
        lock (Gate)
        {
            var status = TryLend(payloadBytes, metadataBytes, out var buffer);
            if (status == SendStatus.Sent)
                loan = new Loan(this, new LoanToken(buffer!, 0, buffer!.Generation), buffer.Payload.Span, buffer.Metadata.Span);
            return status;
        }
    }

    /// <inheritdoc/>
    public override SendStatus TryCommit(
        ref Loan loan, int payloadLength, int metadataLength, ulong timestampNs, MessageFlags flags = MessageFlags.None)
    {
        loan.ThrowUnlessFrom(this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)payloadLength, (uint)loan.Payload.Length, nameof(payloadLength));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)metadataLength, (uint)loan.Metadata.Length, nameof(metadataLength));
        lock (Gate)
        {
            var buffer = (PooledBuffer)loan.Token.Home;
            ObjectDisposedException.ThrowIf(!buffer.IsLent || buffer.Generation != loan.Token.Generation, typeof(Loan));
            if (!_isClosed && MustWait(flags))
                return SendStatus.BackPressured;
            loan.Clear();
            buffer.PayloadLength = payloadLength;
            buffer.MetadataLength = metadataLength;
            return Publish(buffer, timestampNs, flags);
        }
    }

    /// <inheritdoc/>
    public override SendStatus TrySend(
        ReadOnlySpan<byte> payload, ReadOnlySpan<byte> metadata, ulong timestampNs, MessageFlags flags = MessageFlags.None)
    {
        PooledBuffer buffer;
        lock (Gate)
        {
            if (!_isClosed && MustWait(flags))
                return SendStatus.BackPressured;
            var status = TryLend(payload.Length, metadata.Length, out var lent);
            if (status != SendStatus.Sent)
                return status;
            buffer = lent!;
        }

        payload.CopyTo(buffer.Payload.Span);
        metadata.CopyTo(buffer.Metadata.Span);
        lock (Gate)
        {
            if (!_isClosed && MustWait(flags)) // another thread was faster
            {
                EndLoan(buffer);
                return SendStatus.BackPressured;
            }

            return Publish(buffer, timestampNs, flags);
        }
    }

    /// <inheritdoc/>
    public override bool WaitForSpace(TimeSpan timeout, MessageFlags flags = MessageFlags.None)
    {
        var startNs = Clocks.MonotonicNs;
        lock (Gate)
        {
            while (!_isClosed && (_isPoolShort || MustWait(flags)))
            {
                var left = timeout < TimeSpan.Zero
                    ? TimeSpan.FromSeconds(1)
                    : timeout - TimeSpan.FromTicks((Clocks.MonotonicNs - startNs) / TimeSpan.NanosecondsPerTick);
                if (left <= TimeSpan.Zero)
                    return false;
                Monitor.Wait(Gate, left < Doorbell.SleepMax ? left : Doorbell.SleepMax);
            }

            return true;
        }
    }

    /// <inheritdoc/>
    public override void CloseEdge(uint edgeId, string reason)
    {
        lock (Gate)
        {
            var place = _edges.FindIndex(e => e.Id == edgeId);
            if (place < 0)
                return;
            var edge = _edges[place];
            _edges.RemoveAt(place);
            edge.End(drain: false);
            Monitor.PulseAll(Gate);
        }
    }

    /// <inheritdoc/>
    public override bool TryGetCounters(uint edgeId, out EdgeCounters counters)
    {
        lock (Gate)
        {
            var edge = _edges.Find(e => e.Id == edgeId);
            counters = edge?.ReadCounters() ?? default;
            return edge is not null;
        }
    }

    /// <summary>Messages that were or will be written to an edge's socket; null if there is no such edge. For tests.</summary>
    internal ulong? ForwardedCount(uint edgeId)
    {
        lock (Gate)
            return _edges.Find(e => e.Id == edgeId)?.ForwardedCount;
    }

    /// <summary>Cuts off a subscriber that broke the rules.</summary>
    internal void Fault(uint edgeId, string reason)
    {
        CloseEdge(edgeId, reason);
        EdgeFaulted?.Invoke(edgeId, reason);
    }

    /// <summary>An edge is done with a buffer. Under the gate.</summary>
    internal void Release(PooledBuffer buffer)
    {
        buffer.References--;
        ReturnIfUnused(buffer);
    }

    /// <inheritdoc/>
    internal override void ReturnLoan(in LoanToken token)
    {
        var buffer = (PooledBuffer)token.Home;
        lock (Gate)
        {
            if (buffer.IsLent && buffer.Generation == token.Generation)
                EndLoan(buffer);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        lock (Gate)
        {
            _isClosed = true;
            foreach (var edge in _edges)
                edge.End(drain: true);
            _edges.Clear();
            Monitor.PulseAll(Gate);
        }
    }

    private SendStatus TryLend(long payloadBytes, int metadataBytes, out PooledBuffer? buffer)
    {
        buffer = null;
        if (_isClosed)
            return SendStatus.Closed;
        if (payloadBytes > PayloadBytesMax || metadataBytes > MetadataBytesMax || !_pool.Fits(payloadBytes, metadataBytes))
            return SendStatus.TooLarge;
        buffer = _pool.TryRent(payloadBytes, metadataBytes);
        if (buffer is null)
        {
            _isPoolShort = true;
            return SendStatus.PoolExhausted;
        }

        buffer.IsLent = true;
        buffer.Generation++;
        return SendStatus.Sent;
    }

    private SendStatus Publish(PooledBuffer buffer, ulong timestampNs, MessageFlags flags)
    {
        if (_isClosed)
        {
            EndLoan(buffer);
            return SendStatus.Closed;
        }

        var header = new FrameHeader(++_sequence, timestampNs, (ulong)buffer.PayloadLength, (uint)buffer.MetadataLength, flags);
        header.Write(buffer.Header);
        foreach (var edge in _edges)
            edge.Enqueue(buffer, (flags & MessageFlags.Correlated) != 0);
        EndLoan(buffer);
        return SendStatus.Sent;
    }

    private bool MustWait(MessageFlags flags)
    {
        foreach (var edge in _edges)
        {
            if (edge.MustWait((flags & MessageFlags.Correlated) != 0))
                return true;
        }

        return false;
    }

    private void EndLoan(PooledBuffer buffer)
    {
        buffer.IsLent = false;
        ReturnIfUnused(buffer);
    }

    private void ReturnIfUnused(PooledBuffer buffer)
    {
        if (buffer.IsLent || buffer.References > 0)
            return;
        _pool.Return(buffer);
        if (_isPoolShort)
        {
            _isPoolShort = false;
            Monitor.PulseAll(Gate);
        }
    }
}
