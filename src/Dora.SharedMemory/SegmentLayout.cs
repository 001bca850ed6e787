// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.SharedMemory;

/// <summary>Offsets in a segment's memory, as specified in docs/formats/shared-memory.md (a test compares the two).</summary>
internal static class SegmentLayout
{
    internal const ulong Magic = 0x3147_4553_4152_4F44; // "DORASEG1", little endian
    internal const uint Version = 1;

    internal const int PageBytes = 4096;
    internal const int FirstSlot = PageBytes;
    internal const int SlotHeaderBytes = 128;
    internal const int PayloadAlignment = 128;

    internal const long SlotBytesMax = int.MaxValue - PageBytes + 1;
    internal const int SlotCountMax = 1 << 20;

    /// <summary>Bytes that a slot needs for a message.</summary>
    internal static long SlotBytesFor(long payloadBytes, int metadataBytes) => PayloadOffset(metadataBytes) + payloadBytes;

    /// <summary>Where the payload begins in a slot whose metadata area is this long.</summary>
    internal static long PayloadOffset(int metadataBytes) =>
        SlotHeaderBytes + (((long)metadataBytes + PayloadAlignment - 1) & -PayloadAlignment);

    internal static SegmentHeader HeaderFor(long slotBytes, int slotCount)
    {
        var header = new SegmentHeader
        {
            Magic = Magic,
            Version = Version,
            SlotCount = (uint)slotCount,
            SlotBytes = (ulong)slotBytes,
            TotalBytes = FirstSlot + ((ulong)slotBytes * (uint)slotCount),
        };
        header.Checksum = header.ComputeChecksum();
        return header;
    }
}

/// <summary>First bytes of a segment. Written once by the daemon.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct SegmentHeader
{
    [FieldOffset(0)]
    internal ulong Magic;

    [FieldOffset(8)]
    internal uint Version;

    [FieldOffset(12)]
    internal uint SlotCount;

    [FieldOffset(16)]
    internal ulong SlotBytes;

    [FieldOffset(24)]
    internal ulong TotalBytes;

    [FieldOffset(32)]
    internal uint Checksum;

    internal const int ChecksumOffset = 32;

    internal readonly uint ComputeChecksum() =>
        HeaderChecksum.Compute(MemoryMarshal.AsBytes(new ReadOnlySpan<SegmentHeader>(in this))[..ChecksumOffset]);

    /// <summary>Says what is wrong with a header that came from shared memory, or null.</summary>
    internal readonly string? FindFault(long memoryBytes)
    {
        if (Magic != SegmentLayout.Magic)
            return "not a segment (magic)";
        if (Version != SegmentLayout.Version)
            return $"segment of version {Version}, understood is {SegmentLayout.Version}";
        if (Checksum != ComputeChecksum())
            return "segment header is corrupt (checksum)";
        if (SlotCount is 0 or > SegmentLayout.SlotCountMax)
            return $"segment of {SlotCount} slots";
        if (SlotBytes is < SegmentLayout.PageBytes or > (ulong)SegmentLayout.SlotBytesMax || SlotBytes % SegmentLayout.PageBytes != 0)
            return $"segment with slots of {SlotBytes} bytes";
        if (TotalBytes != SegmentLayout.FirstSlot + (SlotBytes * SlotCount))
            return "segment with an impossible size";
        return (ulong)memoryBytes < TotalBytes ? $"segment of {memoryBytes} bytes, its header says {TotalBytes}" : null;
    }
}

/// <summary>First line of a slot. Written by the publisher before the slot is published.</summary>
[StructLayout(LayoutKind.Explicit, Size = SegmentLayout.SlotHeaderBytes)]
internal struct SlotHeader
{
    /// <summary>One more each time the slot is lent; a cell that names another generation is stale or forged.</summary>
    [FieldOffset(0)]
    internal uint Generation;

    [FieldOffset(4)]
    internal uint PayloadOffset;

    [FieldOffset(8)]
    internal ulong PayloadLength;

    [FieldOffset(16)]
    internal uint MetadataLength;
}
