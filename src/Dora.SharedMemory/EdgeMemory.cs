// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.Platform.Memory;
using Microsoft.Win32.SafeHandles;

namespace Dora.SharedMemory;

/// <summary>The memory of one edge (delivery ring, return ring, counters), as its creator, the daemon, sees it.</summary>
public static unsafe class EdgeMemory
{
    /// <summary>Largest <c>queue_size</c>.</summary>
    public const int QueueSizeMax = EdgeLayout.QueueSizeMax;

    /// <summary>Payload and metadata up to this many bytes together travel in the ring itself, without a slot.</summary>
    public const int InlineBytes = EdgeLayout.InlineBytes;

    /// <summary>Creates an edge. Both sides map it read-write; what one of them breaks is this edge only.</summary>
    /// <param name="queueSize">Undelivered messages it holds: 1 to <see cref="QueueSizeMax"/>.</param>
    /// <param name="name">Shown in <c>/proc/PID/maps</c>.</param>
    /// <returns>A descriptor owned by the caller.</returns>
    /// <exception cref="SharedMemoryExhaustedException">Not enough memory or descriptors.</exception>
    public static SafeFileHandle Create(int queueSize, string name = "dora-edge")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(queueSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(queueSize, QueueSizeMax);
        var header = EdgeLayout.HeaderFor(queueSize);
        var fd = SharedRegion.Create(name, (long)header.TotalBytes, header);
        MemFd.AddSeals(fd, MemFdSeals.Seal); // and nobody adds seals that would shut a peer out
        return fd;
    }

    /// <summary>Reads an edge's counters, whatever state its two ends are in, also after both were killed.</summary>
    /// <exception cref="SharedMemoryFormatException">Not an edge.</exception>
    public static EdgeCounters ReadCounters(SafeHandle fd)
    {
        var header = SharedRegion.ReadHeader<EdgeHeader>(fd, "edge", out var length);
        SharedRegion.ThrowOnFault(header.FindFault(length));
        using var mapping = MemoryMapping.Map(fd, EdgeLayout.DeliveryRing, writable: false);
        return ReadCounters((byte*)mapping.Address);
    }

    /// <summary>The same from a mapping. Not a snapshot: neither side is stopped; any value may be nonsense if a peer is hostile.</summary>
    internal static EdgeCounters ReadCounters(byte* edge)
    {
        // SAFETY: all offsets are below EdgeLayout.DeliveryRing, which every mapping of an edge covers. Ends before beginnings: what
        // became of messages is read before the queue, and that before Sent. So no message counts twice while both sides go on,
        // and Sent is never less than the sum; the publisher writes Sent before its drops.
        var received = Volatile.Read(ref *(ulong*)(edge + EdgeLayout.Received));
        var droppedOldest = Volatile.Read(ref *(ulong*)(edge + EdgeLayout.DroppedOldest));
        var droppedFull = Volatile.Read(ref *(ulong*)(edge + EdgeLayout.DroppedFull));
        var droppedPool = Volatile.Read(ref *(ulong*)(edge + EdgeLayout.DroppedPool));
        var head = Volatile.Read(ref *(ulong*)(edge + EdgeLayout.Head));
        var tail = Volatile.Read(ref *(ulong*)(edge + EdgeLayout.Tail));
        Span<ulong> ages = stackalloc ulong[EdgeLayout.AgeBucketCount]; // copied, so that both percentiles see the same counts
        new ReadOnlySpan<ulong>(edge + EdgeLayout.AgeBuckets, EdgeLayout.AgeBucketCount).CopyTo(ages);
        var (p50, p99) = AgeHistogram.Percentiles(ages);
        return new EdgeCounters
        {
            Received = received,
            Sent = Volatile.Read(ref *(ulong*)(edge + EdgeLayout.Sent)),
            SentBytes = Volatile.Read(ref *(ulong*)(edge + EdgeLayout.SentBytes)),
            DroppedOldest = droppedOldest,
            DroppedFull = droppedFull,
            DroppedPool = droppedPool,
            Queued = tail >= head ? tail - head : 0,
            AgeP50Ns = p50,
            AgeP99Ns = p99,
        };
    }
}
