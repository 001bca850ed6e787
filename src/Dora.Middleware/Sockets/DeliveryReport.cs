// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;

namespace Dora.Middleware;

/// <summary>What a subscriber tells its publisher: totals since the edge began, 40 bytes, little endian (docs/formats/socket-edge.md).</summary>
/// <remarks>Totals, not differences: the latest report says everything, so reports that pile up may be merged. The publisher's credit is the
/// queue size less what it has sent and is not accounted for here.</remarks>
/// <param name="Received">Messages taken.</param>
/// <param name="ReceivedCorrelated">Of those, correlated ones.</param>
/// <param name="DroppedOldest">Messages that gave way to newer ones.</param>
/// <param name="DroppedFull">Messages that found the queue full of correlated ones.</param>
internal readonly record struct DeliveryReport(ulong Received, ulong ReceivedCorrelated, ulong DroppedOldest, ulong DroppedFull)
{
    internal const int Bytes = 40;

    private const ulong Magic = 0x3150_4552_4152_4F44; // "DORAREP1", little endian

    internal ulong Dropped => DroppedOldest + DroppedFull;

    internal void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], Received);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], ReceivedCorrelated);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], DroppedOldest);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[32..], DroppedFull);
    }

    /// <summary>Reads a report.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    internal static string? TryRead(ReadOnlySpan<byte> source, out DeliveryReport report)
    {
        report = new DeliveryReport(
            BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[32..]));
        var magic = BinaryPrimitives.ReadUInt64LittleEndian(source);
        return magic == Magic ? null : $"report begins with 0x{magic:x16}";
    }

    /// <summary>Whether this report can follow an earlier one when this many messages were sent: nothing shrinks, nothing exceeds.</summary>
    internal string? FindFault(in DeliveryReport earlier, ulong sent, ulong sentCorrelated) =>
        Received < earlier.Received || ReceivedCorrelated < earlier.ReceivedCorrelated
        || DroppedOldest < earlier.DroppedOldest || DroppedFull < earlier.DroppedFull
            ? "report takes back an earlier one"
            : Received > sent || DroppedOldest > sent || DroppedFull > sent || Received + Dropped > sent || ReceivedCorrelated > sentCorrelated
                ? $"report of {Received} + {Dropped} messages, {sent} were sent"
                : null;
}
