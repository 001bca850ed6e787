// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Text;

namespace Dora.Protocol;

/// <summary>Writes MessageMetadata into a span without allocating: byte for byte what the generated protobuf classes write.</summary>
/// <remarks>
/// Every <c>TryAdd</c> writes one whole parameter, or nothing and answers false when the span is too small. Parameters keep the order in
/// which they are added; the Arrow layout comes last. Nobody looks for repeated keys: readers take the first.
/// </remarks>
public ref struct MetadataWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;
    private int _position;

    /// <summary>Bytes written so far.</summary>
    public readonly int Length => _position;

    /// <summary>What was written so far.</summary>
    public readonly ReadOnlySpan<byte> Written => _destination[.._position];

    /// <summary>Adds a <see cref="ParameterKind.Bool"/>.</summary>
    public bool TryAdd(scoped ReadOnlySpan<char> key, bool value) => TryAddVarint(key, ParameterKind.Bool, value ? 1UL : 0);

    /// <summary>Adds an <see cref="ParameterKind.Integer"/>.</summary>
    public bool TryAdd(scoped ReadOnlySpan<char> key, long value) => TryAddVarint(key, ParameterKind.Integer, (ulong)value);

    /// <summary>Adds a <see cref="ParameterKind.Timestamp"/> of this many nanoseconds since 1970 UTC.</summary>
    public bool TryAddTimestamp(scoped ReadOnlySpan<char> key, ulong unixNs) => TryAddVarint(key, ParameterKind.Timestamp, unixNs);

    /// <summary>Adds a <see cref="ParameterKind.Float"/>.</summary>
    public bool TryAdd(scoped ReadOnlySpan<char> key, double value)
    {
        if (!TryBegin(key, 1 + sizeof(double)))
        {
            return false;
        }

        WriteTag(ParameterKind.Float, Wire.Fixed64);
        WriteDouble(value);
        return true;
    }

    /// <summary>Adds a <see cref="ParameterKind.String"/>.</summary>
    public bool TryAdd(scoped ReadOnlySpan<char> key, scoped ReadOnlySpan<char> value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        if (!TryBegin(key, Wire.BytesFieldSize(length)))
        {
            return false;
        }

        WriteTag(ParameterKind.String, Wire.Bytes);
        WriteVarint((ulong)length);
        _position += Encoding.UTF8.GetBytes(value, _destination[_position..]);
        return true;
    }

    /// <summary>Adds an <see cref="ParameterKind.Integers"/> list.</summary>
    public bool TryAdd(scoped ReadOnlySpan<char> key, scoped ReadOnlySpan<long> values)
    {
        var packed = MetadataSize.PackedIntegers(values);
        if (!TryBeginList(key, ParameterKind.Integers, values.Length, packed))
        {
            return false;
        }

        foreach (var value in values)
        {
            WriteVarint((ulong)value);
        }

        return true;
    }

    /// <summary>Adds a <see cref="ParameterKind.Floats"/> list.</summary>
    public bool TryAdd(scoped ReadOnlySpan<char> key, scoped ReadOnlySpan<double> values)
    {
        if (!TryBeginList(key, ParameterKind.Floats, values.Length, checked(values.Length * sizeof(double))))
        {
            return false;
        }

        foreach (var value in values)
        {
            WriteDouble(value);
        }

        return true;
    }

    /// <summary>Adds a <see cref="ParameterKind.Strings"/> list.</summary>
    public bool TryAdd(scoped ReadOnlySpan<char> key, scoped ReadOnlySpan<string> values)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values.Length, MetadataLimits.ListLengthMax, nameof(values));
        var content = MetadataSize.Strings(values);
        if (!TryBegin(key, Wire.BytesFieldSize(content)))
        {
            return false;
        }

        WriteTag(ParameterKind.Strings, Wire.Bytes);
        WriteVarint((ulong)content);
        foreach (var value in values)
        {
            WriteTag(Wire.ListValues, Wire.Bytes);
            WriteVarint((ulong)Encoding.UTF8.GetByteCount(value));
            _position += Encoding.UTF8.GetBytes(value, _destination[_position..]);
        }

        return true;
    }

    /// <summary>Passes on a parameter that was received, as it is.</summary>
    public bool TryAdd(scoped in MetadataParameter parameter)
    {
        if (!HasRoom(Wire.BytesFieldSize(parameter.Encoded.Length)))
        {
            return false;
        }

        WriteTag(Wire.MetadataParameters, Wire.Bytes);
        WriteVarint((ulong)parameter.Encoded.Length);
        parameter.Encoded.CopyTo(_destination[_position..]);
        _position += parameter.Encoded.Length;
        return true;
    }

    /// <summary>Adds the description of an Arrow payload; at most once, after the parameters.</summary>
    /// <param name="schema">An encoded ArrowField.</param>
    /// <param name="nodes">Depth first; their buffer counts add up to the number of <paramref name="buffers"/>.</param>
    /// <param name="buffers">In the order of the nodes.</param>
    public bool TryAddArrow(scoped ReadOnlySpan<byte> schema, scoped ReadOnlySpan<ArrowNodeLayout> nodes, scoped ReadOnlySpan<ArrowBufferLayout> buffers)
    {
        var content = MetadataSize.ArrowContent(schema, nodes, buffers);
        if (!HasRoom(Wire.BytesFieldSize(content)))
        {
            return false;
        }

        WriteTag(Wire.MetadataArrow, Wire.Bytes);
        WriteVarint((ulong)content);
        if (!schema.IsEmpty)
        {
            WriteTag(Wire.ArrowSchema, Wire.Bytes);
            WriteVarint((ulong)schema.Length);
            schema.CopyTo(_destination[_position..]);
            _position += schema.Length;
        }

        foreach (var node in nodes)
        {
            var own = buffers[..node.BufferCount];
            buffers = buffers[node.BufferCount..];
            WriteNode(node, own);
        }

        return true;
    }

    private void WriteNode(in ArrowNodeLayout node, scoped ReadOnlySpan<ArrowBufferLayout> buffers)
    {
        WriteTag(Wire.ArrowNodes, Wire.Bytes);
        WriteVarint((ulong)MetadataSize.NodeContent(node, buffers));
        WriteImplicitVarint(Wire.NodeLength, (ulong)node.Length);
        WriteImplicitVarint(Wire.NodeNullCount, (ulong)node.NullCount);
        WriteImplicitVarint(Wire.NodeOffset, (ulong)node.Offset);
        foreach (var buffer in buffers)
        {
            WriteTag(Wire.NodeBuffers, Wire.Bytes);
            WriteVarint((ulong)MetadataSize.BufferContent(buffer));
            WriteImplicitVarint(Wire.RangeOffset, buffer.Offset);
            WriteImplicitVarint(Wire.RangeLength, buffer.Length);
        }
    }

    private bool TryAddVarint(scoped ReadOnlySpan<char> key, ParameterKind kind, ulong value)
    {
        if (!TryBegin(key, 1 + Wire.VarintSize(value)))
        {
            return false;
        }

        WriteTag(kind, Wire.Varint);
        WriteVarint(value);
        return true;
    }

    private bool TryBeginList(scoped ReadOnlySpan<char> key, ParameterKind kind, int count, int packed)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MetadataLimits.ListLengthMax, nameof(count));
        var content = count == 0 ? 0 : Wire.BytesFieldSize(packed);
        if (!TryBegin(key, Wire.BytesFieldSize(content)))
        {
            return false;
        }

        WriteTag(kind, Wire.Bytes);
        WriteVarint((ulong)content);
        if (count > 0)
        {
            WriteTag(Wire.ListValues, Wire.Bytes);
            WriteVarint((ulong)packed);
        }

        return true;
    }

    // Writes everything of a parameter that comes before its value, once the whole of it is known to fit.
    private bool TryBegin(scoped ReadOnlySpan<char> key, int valueSize)
    {
        var keyLength = MetadataSize.Key(key);
        var content = (keyLength == 0 ? 0 : Wire.BytesFieldSize(keyLength)) + valueSize;
        if (!HasRoom(Wire.BytesFieldSize(content)))
        {
            return false;
        }

        WriteTag(Wire.MetadataParameters, Wire.Bytes);
        WriteVarint((ulong)content);
        if (keyLength > 0)
        {
            WriteTag(Wire.ParameterKey, Wire.Bytes);
            WriteVarint((ulong)keyLength);
            _position += Encoding.UTF8.GetBytes(key, _destination[_position..]);
        }

        return true;
    }

    private readonly bool HasRoom(int size) => size <= Math.Min(_destination.Length, MetadataLimits.BytesMax) - _position;

    private void WriteTag(ParameterKind kind, uint wireType) => WriteTag((int)kind, wireType);

    private void WriteTag(int field, uint wireType) => _destination[_position++] = (byte)(((uint)field << 3) | wireType); // fields are below 16

    private void WriteImplicitVarint(int field, ulong value)
    {
        if (value != 0)
        {
            WriteTag(field, Wire.Varint);
            WriteVarint(value);
        }
    }

    private void WriteVarint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _destination[_position++] = (byte)(value | 0x80);
        }

        _destination[_position++] = (byte)value;
    }

    private void WriteDouble(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(_destination[_position..], value);
        _position += sizeof(double);
    }
}
