// SPDX-License-Identifier: Apache-2.0

namespace Dora.Protocol;

/// <summary>Reads encoded MessageMetadata in place, without allocating. Total: hostile bytes give a false, never a read past their end.</summary>
/// <remarks>
/// <para>What a newer peer added is stepped over. When a key occurs twice, the first is the one that counts.</para>
/// <para>The bytes must not change while they are read: metadata in shared memory that its writer could still alter is copied first.</para>
/// </remarks>
public ref struct MetadataReader
{
    private readonly ReadOnlySpan<byte> _encoded;
    private WireReader _reader;
    private int _count;

    /// <summary>Starts at the first parameter of <paramref name="encoded"/>; empty bytes are metadata without parameters.</summary>
    public MetadataReader(ReadOnlySpan<byte> encoded)
    {
        _encoded = encoded;
        _reader = new WireReader(encoded);
        IsMalformed = encoded.Length > MetadataLimits.BytesMax;
    }

    /// <summary>Whether reading stopped because the bytes are not metadata or exceed <see cref="MetadataLimits"/>.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>The next parameter; false after the last one and when <see cref="IsMalformed"/>.</summary>
    public bool TryRead(out MetadataParameter parameter)
    {
        parameter = default;
        while (!IsMalformed && !_reader.AtEnd)
        {
            if (!_reader.TryReadTag(out var field, out var wireType))
            {
                IsMalformed = true;
            }
            else if (field == Wire.MetadataParameters && wireType == Wire.Bytes)
            {
                IsMalformed = !_reader.TryReadBytes(out var encoded)
                    || ++_count > MetadataLimits.ParametersMax
                    || !MetadataParameter.TryParse(encoded, out parameter);
                return !IsMalformed;
            }
            else
            {
                IsMalformed = !_reader.TrySkip(wireType);
            }
        }

        return false;
    }

    /// <summary>The description of an Arrow payload; false when there is none (plain bytes) or it is malformed.</summary>
    /// <remarks>Does not move the reader; <see cref="IsMalformed"/> tells the two reasons for false apart.</remarks>
    public bool TryGetArrow(out ArrowLayoutReader layout)
    {
        layout = default;
        var reader = new WireReader(_encoded);
        var seen = false;
        while (!IsMalformed && !reader.AtEnd)
        {
            if (!reader.TryReadTag(out var field, out var wireType))
            {
                IsMalformed = true;
            }
            else if (field == Wire.MetadataArrow && wireType == Wire.Bytes)
            {
                IsMalformed = seen || !reader.TryReadBytes(out var encoded) || !ArrowLayoutReader.TryParse(encoded, out layout);
                seen = true;
            }
            else
            {
                IsMalformed = !reader.TrySkip(wireType);
            }
        }

        return seen && !IsMalformed;
    }

    /// <summary>Finds one parameter by its UTF-8 key; false when there is none, or something before it is malformed.</summary>
    public static bool TryFind(ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> key, out MetadataParameter parameter)
    {
        var reader = new MetadataReader(encoded);
        while (reader.TryRead(out parameter))
        {
            if (parameter.Key.SequenceEqual(key))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether all of <paramref name="encoded"/> is metadata within the limits.</summary>
    public static bool IsValid(ReadOnlySpan<byte> encoded)
    {
        var reader = new MetadataReader(encoded);
        while (reader.TryRead(out _))
        {
        }

        if (!reader.IsMalformed)
        {
            reader.TryGetArrow(out _);
        }

        return !reader.IsMalformed;
    }
}
