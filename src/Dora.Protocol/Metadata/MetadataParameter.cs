// SPDX-License-Identifier: Apache-2.0

using System.Text.Unicode;

namespace Dora.Protocol;

/// <summary>One parameter, seen in place in the encoded metadata: valid as long as those bytes are.</summary>
/// <remarks>
/// Everything was checked when it was read, so accessors cannot fail on the bytes, only on a kind other than asked for.
/// The checks are stricter than protobuf: text must be valid UTF-8 and a parameter has one key and one value.
/// </remarks>
public readonly ref struct MetadataParameter
{
    private readonly ulong _bits;
    private readonly ReadOnlySpan<byte> _content; // text, or the body of a list message
    private readonly int _count;

    private MetadataParameter(ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> key, ParameterKind kind, ulong bits, ReadOnlySpan<byte> content, int count)
    {
        Encoded = encoded;
        Key = key;
        Kind = kind;
        _bits = bits;
        _content = content;
        _count = count;
    }

    /// <summary>The whole parameter as encoded; <see cref="MetadataWriter.TryAdd(in MetadataParameter)"/> passes it on unchanged.</summary>
    public ReadOnlySpan<byte> Encoded { get; }

    /// <summary>UTF-8.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>Which accessor applies.</summary>
    public ParameterKind Kind { get; }

    /// <summary>The value of a <see cref="ParameterKind.Bool"/>.</summary>
    public bool Bool => Expect(ParameterKind.Bool) != 0;

    /// <summary>The value of an <see cref="ParameterKind.Integer"/>.</summary>
    public long Integer => (long)Expect(ParameterKind.Integer);

    /// <summary>The value of a <see cref="ParameterKind.Float"/>.</summary>
    public double Float => BitConverter.UInt64BitsToDouble(Expect(ParameterKind.Float));

    /// <summary>The value of a <see cref="ParameterKind.Timestamp"/>: nanoseconds since 1970 UTC.</summary>
    public ulong TimestampNs => Expect(ParameterKind.Timestamp);

    /// <summary>The value of a <see cref="ParameterKind.String"/>, UTF-8.</summary>
    public ReadOnlySpan<byte> Text
    {
        get
        {
            Expect(ParameterKind.String);
            return _content;
        }
    }

    /// <summary>Elements of a list; 1 for other values, 0 for <see cref="ParameterKind.None"/>.</summary>
    public int Count => _count;

    /// <summary>Writes all elements of an <see cref="ParameterKind.Integers"/> list; <paramref name="destination"/> has room for <see cref="Count"/>.</summary>
    public void CopyIntegers(Span<long> destination)
    {
        Expect(ParameterKind.Integers);
        ParameterLists.CopyIntegers(_content, destination);
    }

    /// <summary>Writes all elements of a <see cref="ParameterKind.Floats"/> list; <paramref name="destination"/> has room for <see cref="Count"/>.</summary>
    public void CopyFloats(Span<double> destination)
    {
        Expect(ParameterKind.Floats);
        ParameterLists.CopyFloats(_content, destination);
    }

    /// <summary>The elements of a <see cref="ParameterKind.Strings"/> list, one by one.</summary>
    public ParameterStrings Strings
    {
        get
        {
            Expect(ParameterKind.Strings);
            return new ParameterStrings(_content);
        }
    }

    /// <summary>Reads and checks one encoded Parameter message.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> encoded, out MetadataParameter parameter)
    {
        parameter = default;
        var reader = new WireReader(encoded);
        ReadOnlySpan<byte> key = default;
        ReadOnlySpan<byte> content = default;
        var keySeen = false;
        var kind = ParameterKind.None;
        ulong bits = 0;
        var count = 0;
        while (!reader.AtEnd)
        {
            if (!reader.TryReadTag(out var field, out var wireType))
            {
                return false;
            }

            if (field == Wire.ParameterKey && wireType == Wire.Bytes)
            {
                if (keySeen || !reader.TryReadBytes(out key) || key.Length > MetadataLimits.KeyBytesMax || !Utf8.IsValid(key))
                {
                    return false;
                }

                keySeen = true;
            }
            else if (field is >= (int)ParameterKind.Bool and <= (int)ParameterKind.Timestamp && wireType == WireTypeOf((ParameterKind)field))
            {
                if (kind != ParameterKind.None || !TryReadValue(ref reader, (ParameterKind)field, out bits, out content, out count))
                {
                    return false;
                }

                kind = (ParameterKind)field;
            }
            else if (!reader.TrySkip(wireType))
            {
                return false;
            }
        }

        parameter = new MetadataParameter(encoded, key, kind, bits, content, count);
        return true;
    }

    private static uint WireTypeOf(ParameterKind kind) => kind switch
    {
        ParameterKind.Bool or ParameterKind.Integer or ParameterKind.Timestamp => Wire.Varint,
        ParameterKind.Float => Wire.Fixed64,
        _ => Wire.Bytes,
    };

    private static bool TryReadValue(scoped ref WireReader reader, ParameterKind kind, out ulong bits, out ReadOnlySpan<byte> content, out int count)
    {
        bits = 0;
        content = default;
        count = 1;
        return kind switch
        {
            ParameterKind.Bool or ParameterKind.Integer or ParameterKind.Timestamp => reader.TryReadVarint(out bits),
            ParameterKind.Float => reader.TryReadFixed64(out bits),
            ParameterKind.String => reader.TryReadBytes(out content) && Utf8.IsValid(content),
            _ => reader.TryReadBytes(out content) && ParameterLists.TryCount(content, kind, out count),
        };
    }

    private ulong Expect(ParameterKind kind) => Kind == kind
        ? _bits
        : throw new InvalidOperationException($"The parameter is of kind {Kind}, not {kind}.");
}
