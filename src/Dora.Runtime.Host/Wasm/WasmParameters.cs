// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Dora.Protocol;

namespace Dora.Runtime.Host.Wasm;

/// <summary>Parameters as bytes in a module's memory, little-endian: <c>docs/formats/wasm-operator.md</c>.</summary>
internal static class WasmParameters
{
    /// <summary>Answer: there is no such parameter.</summary>
    public const int Absent = -1;

    /// <summary>Answer: it is of another kind.</summary>
    public const int OtherKind = -2;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A kind as the module sees it: as in dora.h.</summary>
    public static int NumberOf(ParameterKind kind) => kind == ParameterKind.None ? 0 : (int)kind - 1;

    /// <summary>A key that the module gave.</summary>
    public static string Key(WasmOperator op, int address, int length) =>
        (uint)length > MetadataLimits.BytesMax
            ? throw new WasmOperatorException($"a key of {(uint)length} bytes is too long")
            : Text(op.Guest((uint)address, (uint)length, "a parameter's key"), "a parameter's key");

    /// <summary>Puts bytes into the module's buffer if they fit; returns how many there are.</summary>
    public static int Write(WasmOperator op, ReadOnlySpan<byte> bytes, uint buffer, uint capacity)
    {
        var room = op.Guest(buffer, capacity, "the buffer for a parameter");
        if (bytes.Length <= room.Length)
            bytes.CopyTo(room);
        return bytes.Length;
    }

    /// <summary>A value as the module sees it.</summary>
    public static byte[] Bytes(in ParameterValue value) => value.Kind switch
    {
        ParameterKind.Bool => [value.AsBool ? (byte)1 : (byte)0],
        ParameterKind.Integer => MemoryMarshal.AsBytes(new ReadOnlySpan<long>([value.AsInteger])).ToArray(),
        ParameterKind.Float => MemoryMarshal.AsBytes(new ReadOnlySpan<double>([value.AsFloat])).ToArray(),
        ParameterKind.String => Encoding.UTF8.GetBytes(value.AsString),
        ParameterKind.Integers => MemoryMarshal.AsBytes(value.AsIntegers.AsSpan()).ToArray(),
        ParameterKind.Floats => MemoryMarshal.AsBytes(value.AsFloats.AsSpan()).ToArray(),
        ParameterKind.Strings => Joined(value.AsStrings),
        ParameterKind.Timestamp => MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>([value.AsTimestampNs])).ToArray(),
        _ => [],
    };

    /// <summary>A value that the module gave.</summary>
    /// <param name="key">Its name, for messages.</param>
    /// <param name="number">Its kind, as in dora.h.</param>
    /// <param name="bytes">In the module's memory.</param>
    /// <exception cref="WasmOperatorException">The bytes are no value of that kind.</exception>
    public static ParameterValue Value(string key, int number, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MetadataLimits.BytesMax)
            throw new WasmOperatorException($"parameter '{key}' has {bytes.Length} bytes; all of a message together may have {MetadataLimits.BytesMax}");
        switch ((ParameterKind)(number + 1))
        {
            case ParameterKind.Bool when bytes.Length == 1:
                return bytes[0] != 0;
            case ParameterKind.Integer when bytes.Length == sizeof(long):
                return BinaryPrimitives.ReadInt64LittleEndian(bytes);
            case ParameterKind.Float when bytes.Length == sizeof(double):
                return BinaryPrimitives.ReadDoubleLittleEndian(bytes);
            case ParameterKind.String:
                return Text(bytes, $"parameter '{key}'");
            case ParameterKind.Integers when bytes.Length % sizeof(long) == 0:
                return MemoryMarshal.Cast<byte, long>(bytes).ToArray();
            case ParameterKind.Floats when bytes.Length % sizeof(double) == 0:
                return MemoryMarshal.Cast<byte, double>(bytes).ToArray();
            case ParameterKind.Strings:
                return Split(key, bytes);
            case ParameterKind.Timestamp when bytes.Length == sizeof(ulong):
                return ParameterValue.FromTimestampNs(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            default:
                throw new WasmOperatorException($"parameter '{key}' cannot be set: {bytes.Length} bytes are no value of kind {number}");
        }
    }

    // Each text with its length in front, 32 bits.
    private static byte[] Joined(string[] texts)
    {
        using var joined = new MemoryStream();
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var text in texts)
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
            joined.Write(length);
            joined.Write(utf8);
        }

        return joined.ToArray();
    }

    private static string[] Split(string key, ReadOnlySpan<byte> bytes)
    {
        var texts = new List<string>();
        while (bytes.Length > 0)
        {
            if (bytes.Length < sizeof(int) || BinaryPrimitives.ReadUInt32LittleEndian(bytes) is var length && length > bytes.Length - sizeof(int))
                throw new WasmOperatorException($"parameter '{key}' cannot be set: a text of the list is longer than the list");
            var end = sizeof(int) + BinaryPrimitives.ReadInt32LittleEndian(bytes);
            texts.Add(Text(bytes[sizeof(int)..end], $"parameter '{key}'"));
            bytes = bytes[end..];
        }

        return [.. texts];
    }

    private static string Text(ReadOnlySpan<byte> utf8, string what)
    {
        try
        {
            return s_strict.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            throw new WasmOperatorException($"{what} is no UTF-8 text");
        }
    }
}
