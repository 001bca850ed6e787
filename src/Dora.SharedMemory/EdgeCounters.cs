// SPDX-License-Identifier: Apache-2.0

namespace Dora.SharedMemory;

/// <summary>What has happened on one edge. Sent = received + dropped (all three kinds) + queued, once both sides are at rest; more if one of
/// them was killed between two instructions, never less.</summary>
public readonly record struct EdgeCounters
{
    /// <summary>Messages that the publisher sent to this edge, dropped ones included.</summary>
    public ulong Sent { get; init; }

    /// <summary>Payload bytes of those.</summary>
    public ulong SentBytes { get; init; }

    /// <summary>Messages that the subscriber took.</summary>
    public ulong Received { get; init; }

    /// <summary>Messages taken back from the queue because newer ones needed the place.</summary>
    public ulong DroppedOldest { get; init; }

    /// <summary>Messages that found no place: the subscriber holds as many samples as it may, or its queue is full of correlated messages.</summary>
    public ulong DroppedFull { get; init; }

    /// <summary>Messages taken back from the queue because the publisher's pool was at its bound.</summary>
    public ulong DroppedPool { get; init; }

    /// <summary>Messages sent, but neither received nor dropped.</summary>
    public ulong Queued { get; init; }

    /// <summary>Median of message ages when taken (now minus time stamp), nanoseconds; 0 when nothing was received.</summary>
    public ulong AgeP50Ns { get; init; }

    /// <summary>99th percentile of the same.</summary>
    public ulong AgeP99Ns { get; init; }

    /// <summary>All drops.</summary>
    public ulong Dropped => DroppedOldest + DroppedFull + DroppedPool;
}
