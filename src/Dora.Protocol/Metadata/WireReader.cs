// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;

namespace Dora.Protocol;

/// <summary>Walks one protobuf message in a span. Total: every method answers false instead of reading past the end.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    public readonly bool AtEnd => _position >= _bytes.Length;
    public readonly int Position => _position;

    public bool TryReadTag(out int field, out uint wireType)
    {
        field = 0;
        wireType = 0;
        if (!TryReadVarint(out var tag) || tag > uint.MaxValue || tag >> 3 == 0)
        {
            return false;
        }

        field = (int)(tag >> 3);
        wireType = (uint)(tag & 7);
        return true;
    }

    public bool TryReadVarint(out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_position >= _bytes.Length)
            {
                return false;
            }

            var b = _bytes[_position++];
            if (shift == 63 && b > 1)
            {
                return false; // more than 64 bits
            }

            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    public bool TryReadFixed64(out ulong value)
    {
        if (_bytes.Length - _position < sizeof(ulong))
        {
            value = 0;
            return false;
        }

        value = BinaryPrimitives.ReadUInt64LittleEndian(_bytes[_position..]);
        _position += sizeof(ulong);
        return true;
    }

    public bool TryReadBytes(out ReadOnlySpan<byte> value)
    {
        if (!TryReadVarint(out var length) || length > (ulong)(_bytes.Length - _position))
        {
            value = default;
            return false;
        }

        value = _bytes.Slice(_position, (int)length);
        _position += (int)length;
        return true;
    }

    /// <summary>Steps over a field that a newer peer added. Groups left the language before this protocol began: malformed.</summary>
    public bool TrySkip(uint wireType) => wireType switch
    {
        Wire.Varint => TryReadVarint(out _),
        Wire.Fixed64 => TryAdvance(8),
        Wire.Bytes => TryReadBytes(out _),
        Wire.Fixed32 => TryAdvance(4),
        _ => false,
    };

    private bool TryAdvance(int count)
    {
        if (_bytes.Length - _position < count)
        {
            return false;
        }

        _position += count;
        return true;
    }
}
