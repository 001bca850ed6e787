// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Dora.Runtime.State;

/// <summary>How an operator's state lies in a store: <c>operator NUL kind key</c>, and a checksum before each value. See docs/formats/state.md.</summary>
internal static class StateRecords
{
    public const int ChecksumBytes = sizeof(uint);

    private const char Separator = '\0'; // no id holds one, so no prefix of one operator is a prefix of another

    /// <summary>Prefix of everything that an operator has.</summary>
    public static string Prefix(string operatorId) => operatorId + Separator;

    /// <summary>What the operator saved, followed by its key.</summary>
    public static string EntryPrefix(string operatorId) => $"{operatorId}{Separator}s";

    /// <summary>What the runtime notes about the state.</summary>
    public static string HeadKey(string operatorId) => $"{operatorId}{Separator}h";

    /// <summary>The event that is being handled, for operators that get it again.</summary>
    public static string EventKey(string operatorId) => $"{operatorId}{Separator}e";

    /// <summary>Over key and value, so that a value under another key is noticed too. CRC-32C.</summary>
    public static uint Checksum(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => ~Add(Add(uint.MaxValue, key), value);

    /// <summary>Takes a value out of its record.</summary>
    /// <returns>False: it is not what was written.</returns>
    public static bool TryOpen(ReadOnlySpan<byte> key, ReadOnlySpan<byte> record, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (record.Length < ChecksumBytes)
        {
            return false;
        }

        value = record[ChecksumBytes..];
        return BinaryPrimitives.ReadUInt32LittleEndian(record) == Checksum(key, value);
    }

    public static byte[] Utf8(string key) => Encoding.UTF8.GetBytes(key);

    private static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return crc;
    }
}

/// <summary>What the runtime notes about one operator's state.</summary>
/// <param name="Incarnation">Of the present instance.</param>
/// <param name="Version">The descriptor's, at the last commit.</param>
/// <param name="Restoring">Instances in a row that began to restore and did not come to its end.</param>
/// <param name="Run">The run that wrote it.</param>
internal readonly record struct StateHead(int Incarnation, int Version, int Restoring, Guid Run)
{
    public const int Bytes = (3 * sizeof(int)) + 16;

    public void WriteTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Incarnation);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], Restoring);
        Run.TryWriteBytes(bytes[12..]);
    }

    public static StateHead? Read(ReadOnlySpan<byte> bytes) => bytes.Length < Bytes
        ? null
        : new StateHead(
            BinaryPrimitives.ReadInt32LittleEndian(bytes),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            new Guid(bytes.Slice(12, 16)));
}
