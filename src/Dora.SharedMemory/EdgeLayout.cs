// SPDX-License-Identifier: Apache-2.0

using System.Numerics;
using System.Runtime.InteropServices;

namespace Dora.SharedMemory;

/// <summary>Offsets in an edge's memory, as specified in docs/formats/shared-memory.md (a test compares the two).</summary>
/// <remarks>
/// Lines of 128 bytes, since x64 prefetches cache lines in pairs and arm64 servers have lines of 128. What different threads
/// write lies on different lines: <see cref="Head"/> (both sides, by compare-and-swap), <see cref="Tail"/> and counters
/// (publisher), <see cref="SenderWaiting"/> (both, only when the publisher sleeps), <see cref="ReturnTail"/> and counters (subscriber).
/// </remarks>
internal static class EdgeLayout
{
    internal const ulong Magic = 0x3147_4445_4152_4F44; // "DORAEDG1", little endian
    internal const uint Version = 1;

    internal const int Header = 0;
    internal const int Head = 128;
    internal const int Tail = 256;
    internal const int Sent = Tail + 8;
    internal const int SentBytes = Tail + 16;
    internal const int DroppedOldest = Tail + 24;
    internal const int DroppedFull = Tail + 32;
    internal const int DroppedPool = Tail + 40;
    internal const int SenderWaiting = 384;
    internal const int ReturnTail = 512;
    internal const int Received = ReturnTail + 8;
    internal const int AgeBuckets = 640;
    internal const int AgeBucketCount = 176; // 176 * 8 = 1408 = 11 lines, which ends at 2048
    internal const int DeliveryRing = 2048;

    internal const int CellBytes = 128;
    internal const int InlineBytes = 80;
    internal const uint InlineSlot = uint.MaxValue;

    /// <summary>Queues from this size on wake a waiting sender when half of them is empty, shorter ones with every message taken.</summary>
    internal const int LongQueue = 16;

    internal const int QueueSizeMax = 1 << 20;
    internal const int ReturnCapacityMin = 64;

    /// <summary>Capacities for a queue: powers of two, so that a position becomes an index by masking.</summary>
    internal static EdgeHeader HeaderFor(int queueSize)
    {
        var delivery = BitOperations.RoundUpToPowerOf2((uint)queueSize);
        var returns = Math.Max(ReturnCapacityMin, BitOperations.RoundUpToPowerOf2(4 * (uint)queueSize));
        var header = new EdgeHeader
        {
            Magic = Magic,
            Version = Version,
            QueueSize = (uint)queueSize,
            DeliveryCapacity = delivery,
            ReturnCapacity = returns,
        };
        header.TotalBytes = (ulong)header.ReturnRing + (returns * sizeof(ulong));
        header.Checksum = header.ComputeChecksum();
        return header;
    }
}

/// <summary>First line of an edge's memory. Written once by the daemon; both sides read it once and go by their copy.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct EdgeHeader
{
    [FieldOffset(0)]
    internal ulong Magic;

    [FieldOffset(8)]
    internal uint Version;

    [FieldOffset(12)]
    internal uint QueueSize;

    [FieldOffset(16)]
    internal uint DeliveryCapacity;

    [FieldOffset(20)]
    internal uint ReturnCapacity;

    [FieldOffset(24)]
    internal ulong TotalBytes;

    [FieldOffset(32)]
    internal uint Checksum;

    internal const int ChecksumOffset = 32;

    internal readonly long ReturnRing => EdgeLayout.DeliveryRing + ((long)DeliveryCapacity * EdgeLayout.CellBytes);

    internal readonly uint ComputeChecksum() =>
        HeaderChecksum.Compute(MemoryMarshal.AsBytes(new ReadOnlySpan<EdgeHeader>(in this))[..ChecksumOffset]);

    /// <summary>Says what is wrong with a header that came from shared memory, or null. Everything later relies on what this checks.</summary>
    internal readonly string? FindFault(long memoryBytes)
    {
        if (Magic != EdgeLayout.Magic)
            return "not an edge (magic)";
        if (Version != EdgeLayout.Version)
            return $"edge of version {Version}, understood is {EdgeLayout.Version}";
        if (Checksum != ComputeChecksum())
            return "edge header is corrupt (checksum)";
        if (QueueSize is 0 or > EdgeLayout.QueueSizeMax)
            return $"edge with queue size {QueueSize}";
        var expected = EdgeLayout.HeaderFor((int)QueueSize);
        if (DeliveryCapacity != expected.DeliveryCapacity || ReturnCapacity != expected.ReturnCapacity || TotalBytes != expected.TotalBytes)
            return "edge with impossible capacities";
        return (ulong)memoryBytes < TotalBytes ? $"edge of {memoryBytes} bytes, its header says {TotalBytes}" : null;
    }
}
