// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Dora.TestNodes;

/// <summary>Payloads that prove themselves: sequence number, sender, checksum, then bytes that follow from the number.</summary>
/// <remarks>u64 sequence, u32 sender, u32 CRC-32C of all other bytes. Shorter payloads hold as many bytes of the sequence number as fit.</remarks>
internal static class TestPayload
{
    public const int HeaderBytes = 16;

    public static void Write(Span<byte> payload, ulong sequence, uint sender)
    {
        if (payload.Length < HeaderBytes)
        {
            Span<byte> number = stackalloc byte[HeaderBytes];
            BinaryPrimitives.WriteUInt64LittleEndian(number, sequence);
            number[..payload.Length].CopyTo(payload);
            return;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(payload, sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[8..], sender);
        Fill(payload[HeaderBytes..], sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[12..], Checksum(payload));
    }

    /// <summary>Null when the payload is right, else what is wrong with it.</summary>
    public static string? Verify(ReadOnlySpan<byte> payload, out ulong sequence, out uint sender)
    {
        Span<byte> number = stackalloc byte[8];
        number.Clear();
        payload[..Math.Min(payload.Length, 8)].CopyTo(number);
        sequence = BinaryPrimitives.ReadUInt64LittleEndian(number);
        sender = 0;
        if (payload.Length < HeaderBytes)
            return null;
        sender = BinaryPrimitives.ReadUInt32LittleEndian(payload[8..]);
        var expected = BinaryPrimitives.ReadUInt32LittleEndian(payload[12..]);
        var actual = Checksum(payload);
        return actual == expected ? null : $"checksum of message {sequence} of {payload.Length} bytes is {actual:x8} instead of {expected:x8}";
    }

    private static void Fill(Span<byte> bytes, ulong seed)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        var state = seed * 0x9E3779B97F4A7C15 | 1;
        for (var i = 0; i < words.Length; i++)
        {
            state += 0x9E3779B97F4A7C15;
            words[i] = state;
        }

        bytes[(words.Length * sizeof(ulong))..].Fill((byte)seed);
    }

    private static uint Checksum(ReadOnlySpan<byte> payload)
    {
        var crc = BitOperations.Crc32C(~0u, BinaryPrimitives.ReadUInt64LittleEndian(payload));
        crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt32LittleEndian(payload[8..]));
        var rest = payload[HeaderBytes..];
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(rest))
            crc = BitOperations.Crc32C(crc, word);
        foreach (var b in rest[(rest.Length & ~7)..])
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
