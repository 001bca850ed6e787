// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.Platform.Memory;
using Microsoft.Win32.SafeHandles;

namespace Dora.SharedMemory;

/// <summary>The memory of one segment (payload slots), as its creator, the daemon, sees it.</summary>
/// <remarks>Order: create → the publisher maps it read-write → <see cref="SealForReaders"/> → readers get it and can map it read-only only.</remarks>
public static class SegmentMemory
{
    /// <summary>Largest slot.</summary>
    public const long SlotBytesMax = SegmentLayout.SlotBytesMax;

    /// <summary>Most slots of one segment.</summary>
    public const int SlotCountMax = SegmentLayout.SlotCountMax;

    /// <summary>Creates a segment.</summary>
    /// <param name="slotBytes">Size of a slot, headers included: a multiple of 4096, at most <see cref="SlotBytesMax"/>.</param>
    /// <param name="slotCount">1 to <see cref="SlotCountMax"/>.</param>
    /// <param name="name">Shown in <c>/proc/PID/maps</c>.</param>
    /// <returns>A descriptor owned by the caller.</returns>
    /// <exception cref="ArgumentException">Sizes that no segment may have; the daemon checks what nodes ask for with <see cref="IsValid"/>.</exception>
    /// <exception cref="SharedMemoryExhaustedException">Not enough memory or descriptors.</exception>
    public static SafeFileHandle Create(long slotBytes, int slotCount, string name = "dora-segment")
    {
        if (!IsValid(slotBytes, slotCount))
            throw new ArgumentException($"a segment can't have {slotCount} slots of {slotBytes} bytes");
        var header = SegmentLayout.HeaderFor(slotBytes, slotCount);
        return SharedRegion.Create(name, (long)header.TotalBytes, header);
    }

    /// <summary>Whether a segment may have these sizes. They may come from a hostile node.</summary>
    public static bool IsValid(long slotBytes, int slotCount) =>
        slotBytes is >= SegmentLayout.PageBytes and <= SlotBytesMax
        && slotBytes % SegmentLayout.PageBytes == 0
        && slotCount is >= 1 and <= SlotCountMax;

    /// <summary>Bytes that a segment of these sizes takes.</summary>
    public static long TotalBytes(long slotBytes, int slotCount) => checked(SegmentLayout.FirstSlot + (slotBytes * slotCount));

    /// <summary>From now on nobody can map the segment writable; the publisher's mapping, made before, goes on writing.</summary>
    public static void SealForReaders(SafeHandle fd) => MemFd.AddSeals(fd, MemFdSeals.FutureWrite | MemFdSeals.Seal);
}
