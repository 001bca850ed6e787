// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.SharedMemory;

/// <summary>Offsets in a doorbell's memory, as specified in docs/formats/shared-memory.md (a test compares the two).</summary>
internal static class DoorbellLayout
{
    internal const ulong Magic = 0x314C_4542_4152_4F44; // "DORABEL1", little endian
    internal const uint Version = 2;

    internal const int Header = 0;
    internal const int Sequence = 128;
    internal const int Sleeping = 256;
    internal const int Pending = 384;
    internal const int PendingWords = 8; // one line of 64 bytes
    internal const int Running = 512;
    internal const int RunningStride = 64; // a line for each thread that notes
    internal const int RunningThreads = 32;
    internal const int TotalBytes = 4096;

    internal static DoorbellHeader NewHeader()
    {
        var header = new DoorbellHeader { Magic = Magic, Version = Version };
        header.Checksum = header.ComputeChecksum();
        return header;
    }
}

/// <summary>First line of a doorbell's memory. Written once by the daemon.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct DoorbellHeader
{
    [FieldOffset(0)]
    internal ulong Magic;

    [FieldOffset(8)]
    internal uint Version;

    [FieldOffset(32)]
    internal uint Checksum;

    internal const int ChecksumOffset = 32;

    internal readonly uint ComputeChecksum() =>
        HeaderChecksum.Compute(MemoryMarshal.AsBytes(new ReadOnlySpan<DoorbellHeader>(in this))[..ChecksumOffset]);

    /// <summary>Says what is wrong with a header that came from shared memory, or null.</summary>
    internal readonly string? FindFault(long memoryBytes)
    {
        if (Magic != DoorbellLayout.Magic)
            return "not a doorbell (magic)";
        if (Version != DoorbellLayout.Version)
            return $"doorbell of version {Version}, understood is {DoorbellLayout.Version}";
        if (Checksum != ComputeChecksum())
            return "doorbell header is corrupt (checksum)";
        return memoryBytes < DoorbellLayout.TotalBytes ? $"doorbell of {memoryBytes} bytes" : null;
    }
}
