// SPDX-License-Identifier: Apache-2.0

using System.Numerics;

namespace Dora.SharedMemory;

/// <summary>Which slot sizes exist, and how many slots a new segment gets.</summary>
/// <remarks>
/// A slot is one page, or a power of two for the payload plus a page for headers and metadata, so that the usual powers of two don't take
/// twice their size; from 1 MiB on in quarter steps, which wastes a fifth at most.
/// 1 KiB → 4 KiB, 4 KiB → 8 KiB, 1 MiB → 1 MiB + 4 KiB, 6.2 MB → 6 MiB + 4 KiB.
/// </remarks>
internal static class SlotSizes
{
    private const long SmallestPayload = 4 << 10;
    private const long QuarterStepsFrom = 1 << 20;
    private const long FirstSegmentBytes = 512 << 10;
    private const long SegmentBytesMax = 64 << 20;
    private const int FirstSegmentSlotsMax = 32;

    /// <summary>Size of the smallest slot class that holds this many bytes (headers included), or 0 if none does.</summary>
    internal static long ClassFor(long bytes)
    {
        if (bytes <= SegmentLayout.PageBytes)
            return SegmentLayout.PageBytes;
        var room = Math.Max(SmallestPayload, bytes - SegmentLayout.PageBytes);
        var upper = (long)BitOperations.RoundUpToPowerOf2((ulong)room);
        if (upper > QuarterStepsFrom)
        {
            var step = upper / 8; // a quarter of the power below
            upper = (room + step - 1) / step * step;
        }

        var size = upper + SegmentLayout.PageBytes;
        if (size <= SegmentLayout.SlotBytesMax)
            return size;
        return bytes <= SegmentLayout.SlotBytesMax ? SegmentLayout.SlotBytesMax : 0;
    }

    /// <summary>Slots of a new segment: few at first, then as many as there are already, so that growth takes few steps.</summary>
    internal static int CountFor(long slotBytes, int slotsOfThisSize)
    {
        var first = Math.Clamp(FirstSegmentBytes / slotBytes, 1, FirstSegmentSlotsMax);
        var most = Math.Clamp(SegmentBytesMax / slotBytes, 1, SegmentLayout.SlotCountMax);
        return (int)Math.Min(most, Math.Max(first, slotsOfThisSize));
    }
}
