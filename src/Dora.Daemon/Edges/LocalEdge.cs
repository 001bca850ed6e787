// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;
using Microsoft.Win32.SafeHandles;

namespace Dora.Daemon.Edges;

/// <summary>An edge whose publisher is the daemon itself: a timer's tick, a log line.</summary>
/// <remarks>
/// <para>Each has a publisher of its own, because a publisher sends to all of its edges or to none: a subscriber that pushes back must
/// not hold up another one's ticks.</para>
/// <para>Threading: any thread sends; messages of several threads take turns.</para>
/// </remarks>
internal sealed class LocalEdge : IDisposable
{
    /// <summary>Log lines wait in slots; this many bytes of them, at most, for one subscriber.</summary>
    private const long PoolBytesMax = 64 << 20;

    private readonly SharedMemoryPublisher _publisher;
    private ulong _refusedFull; // interlocked
    private ulong _refusedPool; // interlocked

    /// <param name="edgeId">Unique in the dataflow.</param>
    /// <param name="edge">The edge's memory; borrowed for the call.</param>
    /// <param name="doorbell">The subscriber's doorbell; borrowed for the call.</param>
    /// <param name="policy">Of the input.</param>
    /// <param name="segments">Where slots for messages that don't fit into the ring come from.</param>
    public LocalEdge(uint edgeId, SafeFileHandle edge, SafeFileHandle doorbell, OverflowPolicy policy, ISegmentSource segments)
    {
        EdgeId = edgeId;
        _publisher = new SharedMemoryPublisher(segments, new PoolBudget(PoolBytesMax));
        _publisher.AddEdge(edgeId, edge, doorbell, policy);
    }

    public uint EdgeId { get; }

    /// <summary>Messages that could not even be queued, because the subscriber pushed back: the daemon never waits for one.</summary>
    public ulong RefusedFull => Volatile.Read(ref _refusedFull);

    /// <summary>Messages for which there was no memory.</summary>
    public ulong RefusedPool => Volatile.Read(ref _refusedPool);

    /// <summary>Sends one message, or counts it as refused. Never waits.</summary>
    public bool TrySend(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> metadata, ulong timestampNs)
    {
        switch (_publisher.TrySend(payload, metadata, timestampNs))
        {
            case SendStatus.Sent:
                return true;
            case SendStatus.BackPressured:
                Interlocked.Increment(ref _refusedFull);
                return false;
            case SendStatus.PoolExhausted or SendStatus.TooLarge or SendStatus.OutOfMemory:
                Interlocked.Increment(ref _refusedPool);
                return false;
            default: // closed: this was never sent to anybody
                return false;
        }
    }

    /// <summary>Closes the edge; what is queued stays readable.</summary>
    public void Dispose() => _publisher.Dispose();
}
