// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dora.SharedMemory;

/// <summary>One entry of the delivery ring: a message, or where to find it.</summary>
[StructLayout(LayoutKind.Explicit, Size = EdgeLayout.CellBytes)]
internal struct EdgeCell
{
    [FieldOffset(0)]
    internal ulong Sequence;

    [FieldOffset(8)]
    internal ulong TimestampNs;

    [FieldOffset(16)]
    internal uint Segment;

    /// <summary>Slot in the segment, or <see cref="EdgeLayout.InlineSlot"/> when the message is in <see cref="Inline"/>.</summary>
    [FieldOffset(20)]
    internal uint Slot;

    [FieldOffset(24)]
    internal ulong PayloadLength;

    [FieldOffset(32)]
    internal uint MetadataLength;

    [FieldOffset(36)]
    internal uint Generation;

    [FieldOffset(40)]
    internal uint Flags;

    /// <summary>Where the payload begins, from the start of the slot; the metadata begins right after the slot's header.</summary>
    [FieldOffset(44)]
    internal uint PayloadOffset;

    /// <summary>Metadata, then payload, without a gap.</summary>
    [FieldOffset(48)]
    internal InlineArea Inline;

    /// <summary>Whether an inline message goes beyond the first 64 bytes. The lengths may be anybody's: a message in a slot, or one longer than a cell, says what it likes.</summary>
    internal readonly bool ReachesSecondHalf => Slot == EdgeLayout.InlineSlot && PayloadLength + MetadataLength > (EdgeLayout.CellBytes / 2) - InlineOffset;

    private const int InlineOffset = EdgeLayout.CellBytes - EdgeLayout.InlineBytes;

    [InlineArray(EdgeLayout.InlineBytes)]
    internal struct InlineArea
    {
        private byte _first;
    }
}
