// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;

namespace Dora.Middleware;

/// <summary>What precedes each message on a socket edge: 40 bytes, little endian; metadata and payload follow (docs/formats/socket-edge.md).</summary>
internal readonly record struct FrameHeader(
    ulong Sequence, ulong TimestampNs, ulong PayloadLength, uint MetadataLength, MessageFlags Flags)
{
    internal const int Bytes = 40;

    private const uint Magic = 0x4D52_4F44; // "DORM", little endian

    internal void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], MetadataLength);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], PayloadLength);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], TimestampNs);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[32..], (uint)Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[36..], 0);
    }

    /// <summary>Reads and checks a header.</summary>
    /// <param name="source">At least <see cref="Bytes"/> bytes.</param>
    /// <param name="lastSequence">Of the message before.</param>
    /// <param name="header">The header, if there is no fault.</param>
    /// <returns>What is wrong with it, or null.</returns>
    internal static string? TryRead(ReadOnlySpan<byte> source, ulong lastSequence, out FrameHeader header)
    {
        header = new FrameHeader(
            Sequence: BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
            TimestampNs: BinaryPrimitives.ReadUInt64LittleEndian(source[24..]),
            PayloadLength: BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
            MetadataLength: BinaryPrimitives.ReadUInt32LittleEndian(source[4..]),
            Flags: (MessageFlags)BinaryPrimitives.ReadUInt32LittleEndian(source[32..]));
        var magic = BinaryPrimitives.ReadUInt32LittleEndian(source);
        if (magic != Magic)
            return $"frame begins with 0x{magic:x8}";
        if (header.PayloadLength > Publisher.PayloadBytesMax || header.MetadataLength > Publisher.MetadataBytesMax)
            return $"message of {header.MetadataLength} + {header.PayloadLength} bytes";
        if (header.Sequence <= lastSequence)
            return $"message {header.Sequence} after message {lastSequence}";
        return (header.Flags & ~MessageFlags.Correlated) != 0 ? $"unknown flags 0x{(uint)header.Flags:x}" : null;
    }
}
