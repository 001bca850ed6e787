// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Text.Unicode;

namespace Dora.Protocol;

/// <summary>Walks the elements of a list of strings in place.</summary>
public ref struct ParameterStrings
{
    private WireReader _reader;

    internal ParameterStrings(ReadOnlySpan<byte> content) => _reader = new WireReader(content);

    /// <summary>The next element, UTF-8; false after the last.</summary>
    public bool TryRead(out ReadOnlySpan<byte> text)
    {
        while (!_reader.AtEnd && _reader.TryReadTag(out var field, out var wireType))
        {
            if (field == Wire.ListValues && wireType == Wire.Bytes)
            {
                return _reader.TryReadBytes(out text);
            }

            if (!_reader.TrySkip(wireType))
            {
                break; // was checked before; only here to be total
            }
        }

        text = default;
        return false;
    }
}

/// <summary>Bodies of IntegerList, FloatList and StringList. Numbers may come packed or one by one, as protobuf demands of readers.</summary>
internal static class ParameterLists
{
    public static bool TryCount(ReadOnlySpan<byte> content, ParameterKind kind, out int count)
    {
        count = 0;
        var reader = new WireReader(content);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadTag(out var field, out var wireType))
            {
                return false;
            }

            var ok = field != Wire.ListValues ? reader.TrySkip(wireType) : kind switch
            {
                ParameterKind.Strings when wireType == Wire.Bytes => TryCountString(ref reader, ref count),
                ParameterKind.Integers when wireType == Wire.Bytes => TryCountPackedIntegers(ref reader, ref count),
                ParameterKind.Floats when wireType == Wire.Bytes => TryCountPackedFloats(ref reader, ref count),
                ParameterKind.Integers when wireType == Wire.Varint => reader.TryReadVarint(out _) && ++count > 0,
                ParameterKind.Floats when wireType == Wire.Fixed64 => reader.TryReadFixed64(out _) && ++count > 0,
                _ => reader.TrySkip(wireType),
            };
            if (!ok || count > MetadataLimits.ListLengthMax)
            {
                return false;
            }
        }

        return true;
    }

    public static void CopyIntegers(ReadOnlySpan<byte> content, Span<long> destination)
    {
        var reader = new WireReader(content);
        var n = 0;
        while (!reader.AtEnd && reader.TryReadTag(out var field, out var wireType))
        {
            if (field == Wire.ListValues && wireType == Wire.Bytes && reader.TryReadBytes(out var packed))
            {
                var values = new WireReader(packed);
                while (!values.AtEnd && values.TryReadVarint(out var value))
                {
                    destination[n++] = (long)value;
                }
            }
            else if (field == Wire.ListValues && wireType == Wire.Varint && reader.TryReadVarint(out var value))
            {
                destination[n++] = (long)value;
            }
            else
            {
                reader.TrySkip(wireType);
            }
        }
    }

    public static void CopyFloats(ReadOnlySpan<byte> content, Span<double> destination)
    {
        var reader = new WireReader(content);
        var n = 0;
        while (!reader.AtEnd && reader.TryReadTag(out var field, out var wireType))
        {
            if (field == Wire.ListValues && wireType == Wire.Bytes && reader.TryReadBytes(out var packed))
            {
                for (; packed.Length >= sizeof(double); packed = packed[sizeof(double)..])
                {
                    destination[n++] = BinaryPrimitives.ReadDoubleLittleEndian(packed);
                }
            }
            else if (field == Wire.ListValues && wireType == Wire.Fixed64 && reader.TryReadFixed64(out var bits))
            {
                destination[n++] = BitConverter.UInt64BitsToDouble(bits);
            }
            else
            {
                reader.TrySkip(wireType);
            }
        }
    }

    private static bool TryCountString(ref WireReader reader, ref int count)
    {
        count++;
        return reader.TryReadBytes(out var text) && Utf8.IsValid(text);
    }

    private static bool TryCountPackedFloats(ref WireReader reader, ref int count)
    {
        if (!reader.TryReadBytes(out var packed) || packed.Length % sizeof(double) != 0)
        {
            return false;
        }

        count += packed.Length / sizeof(double);
        return true;
    }

    private static bool TryCountPackedIntegers(ref WireReader reader, ref int count)
    {
        if (!reader.TryReadBytes(out var packed))
        {
            return false;
        }

        for (var values = new WireReader(packed); !values.AtEnd; count++)
        {
            if (!values.TryReadVarint(out _))
            {
                return false;
            }
        }

        return true;
    }
}
