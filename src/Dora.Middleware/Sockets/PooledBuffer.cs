// SPDX-License-Identifier: Apache-2.0

namespace Dora.Middleware;

/// <summary>Bytes of one message on a socket edge: header, metadata area, payload area. Reused, so it carries a generation.</summary>
/// <remarks>Fields that change are guarded by the owner of the pool.</remarks>
internal sealed class PooledBuffer
{
    private const int Alignment = 64;
    private const int MetadataStart = FrameHeader.Bytes;

    private readonly int _shift; // makes MetadataStart + _shift + a multiple of 64 an aligned address

    internal PooledBuffer(int capacity)
    {
        Capacity = capacity;
        // Pinned, so that what is aligned once stays aligned: payloads hold Arrow buffers.
        Array = GC.AllocateUninitializedArray<byte>(capacity, pinned: true);
        _shift = AlignmentShift(Array);
    }

    internal byte[] Array { get; }

    internal int Capacity { get; }

    /// <summary>One more each time the buffer is lent for sending.</summary>
    internal uint Generation { get; set; }

    internal bool IsLent { get; set; }

    /// <summary>How many edges' queues it is in.</summary>
    internal int References { get; set; }

    /// <summary>Room for metadata in front of the payload.</summary>
    internal int MetadataArea { get; private set; }

    internal int PayloadLength { get; set; }

    internal int MetadataLength { get; set; }

    internal Span<byte> Header => Array.AsSpan(_shift, FrameHeader.Bytes);

    internal Memory<byte> HeaderAndMetadata => Array.AsMemory(_shift, FrameHeader.Bytes + MetadataLength);

    internal Memory<byte> Metadata => Array.AsMemory(_shift + MetadataStart, MetadataLength);

    internal Memory<byte> Payload => Array.AsMemory(PayloadStart, PayloadLength);

    private int PayloadStart => _shift + MetadataStart + MetadataArea;

    /// <summary>Bytes of capacity that a message may need, whatever the array's address is.</summary>
    internal static long CapacityFor(long payloadBytes, int metadataBytes) =>
        Alignment + MetadataStart + AreaFor(metadataBytes) + payloadBytes;

    /// <summary>Lays the buffer out for a message.</summary>
    internal void Prepare(int payloadBytes, int metadataBytes)
    {
        MetadataArea = (int)AreaFor(metadataBytes);
        PayloadLength = payloadBytes;
        MetadataLength = metadataBytes;
    }

    private static long AreaFor(int metadataBytes) => (metadataBytes + (long)Alignment - 1) & -Alignment;

    private static int AlignmentShift(byte[] array)
    {
        var start = System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(array, MetadataStart);
        return (int)(-start & (Alignment - 1));
    }
}
