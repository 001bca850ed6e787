// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Dora.SharedMemory;

namespace Dora.Middleware;

/// <summary>The publisher's end of one socket edge: a queue of what is not yet written, and what the subscriber has reported.</summary>
/// <remarks>
/// <para>The queue that counts is the subscriber's; this one only absorbs what the socket does not take at once. It overflows by the same
/// policy.</para>
/// <para>Threading: everything is guarded by the publisher's gate, except that <see cref="RunWriter"/> and <see cref="RunReader"/>, each
/// on a thread of its own, use the socket outside of it.</para>
/// </remarks>
internal sealed class SocketEdge(
    SocketPublisher owner, uint id, Socket socket, OverflowPolicy policy, int queueSize)
{
    private readonly MessageQueue<PooledBuffer> _queue = new();

    private DeliveryReport _report;
    private ulong _sent; // all messages, whatever became of them
    private ulong _sentBytes;
    private ulong _sentCorrelated;
    private ulong _droppedHere;
    private bool _isEnding; // no more messages; the writer ends when the queue is empty
    private bool _isGone; // nothing more is written

    internal uint Id => id;

    private ulong Outstanding => _sent - _droppedHere - _report.Received - _report.Dropped;

    internal bool MustWait(bool isCorrelated) =>
        policy == OverflowPolicy.BackPressure ? Outstanding >= (ulong)queueSize
        : isCorrelated && _sentCorrelated - _report.ReceivedCorrelated >= (ulong)queueSize;

    internal void Enqueue(PooledBuffer buffer, bool isCorrelated)
    {
        _sent++;
        _sentBytes += (ulong)buffer.PayloadLength;
        if (isCorrelated)
            _sentCorrelated++;
        else if (policy == OverflowPolicy.DropOldest && _queue.OrdinaryCount >= queueSize && _queue.TryRemoveOrdinary(out var oldest))
        {
            _droppedHere++;
            owner.Release(oldest);
        }

        buffer.References++;
        _queue.Add(buffer, isCorrelated);
        Monitor.PulseAll(owner.Gate);
    }

    internal EdgeCounters ReadCounters() => new()
    {
        Sent = _sent,
        SentBytes = _sentBytes,
        Received = _report.Received,
        DroppedOldest = _report.DroppedOldest + _droppedHere,
        DroppedFull = _report.DroppedFull,
        Queued = Outstanding,
    };

    /// <summary>How many messages have been, or will be, written to the socket. For tests.</summary>
    internal ulong ForwardedCount => _sent - _droppedHere;

    /// <summary>Starts the two threads.</summary>
    internal void Start()
    {
        SocketIo.StartThread($"dora-edge-{id}-out", RunWriter);
        SocketIo.StartThread($"dora-edge-{id}-in", RunReader);
    }

    /// <summary>Ends the edge: at once, or once what is queued is written.</summary>
    internal void End(bool drain)
    {
        _isEnding = true;
        Monitor.PulseAll(owner.Gate);
        if (drain)
            return;
        _isGone = true;
        while (_queue.TryRemove(out var buffer))
            owner.Release(buffer);
        SocketIo.Close(socket);
    }

    private void RunWriter()
    {
        while (TryGetNext(out var buffer))
        {
            var isSent = SocketIo.TrySendAll(socket, buffer.HeaderAndMetadata.Span) && SocketIo.TrySendAll(socket, buffer.Payload.Span);
            lock (owner.Gate)
                owner.Release(buffer);
            if (!isSent)
                owner.CloseEdge(id, "subscriber is gone");
        }

        // The reading thread closes the socket when the subscriber has read all and closed its end: closing now could lose what is under way.
        SocketIo.EndSending(socket);
    }

    private bool TryGetNext([NotNullWhen(true)] out PooledBuffer? buffer)
    {
        lock (owner.Gate)
        {
            while (!_queue.TryRemove(out buffer))
            {
                if (_isEnding || _isGone)
                    return false;
                Monitor.Wait(owner.Gate);
            }

            return true;
        }
    }

    private void RunReader()
    {
        Span<byte> bytes = stackalloc byte[DeliveryReport.Bytes];
        while (SocketIo.TryReceiveAll(socket, bytes))
        {
            var fault = DeliveryReport.TryRead(bytes, out var report);
            lock (owner.Gate)
            {
                fault ??= report.FindFault(_report, ForwardedCount, _sentCorrelated);
                if (fault is null)
                {
                    _report = report;
                    Monitor.PulseAll(owner.Gate);
                }
            }

            if (fault is not null)
            {
                owner.Fault(id, fault);
                return;
            }
        }

        owner.CloseEdge(id, "subscriber is gone");
        SocketIo.Close(socket);
    }
}
