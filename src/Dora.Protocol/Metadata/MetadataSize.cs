// SPDX-License-Identifier: Apache-2.0

using System.Text;

namespace Dora.Protocol;

/// <summary>Encoded sizes, needed before writing because protobuf puts a message's length in front of it. Also where writers meet the caps.</summary>
internal static class MetadataSize
{
    public static int Key(ReadOnlySpan<char> key)
    {
        var length = Encoding.UTF8.GetByteCount(key);
        return length <= MetadataLimits.KeyBytesMax
            ? length
            : throw new ArgumentException($"A parameter's key has at most {MetadataLimits.KeyBytesMax} bytes, this one has {length}.", nameof(key));
    }

    /// <summary>A whole parameter with its tag and length, given the size of its value field.</summary>
    public static int Parameter(ReadOnlySpan<char> key, int valueSize)
    {
        var keyLength = Key(key);
        return Wire.BytesFieldSize((keyLength == 0 ? 0 : Wire.BytesFieldSize(keyLength)) + valueSize);
    }

    public static int PackedIntegers(ReadOnlySpan<long> values)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values.Length, MetadataLimits.ListLengthMax, nameof(values));
        var size = 0;
        foreach (var value in values)
        {
            size += Wire.VarintSize((ulong)value);
        }

        return size;
    }

    public static int Strings(ReadOnlySpan<string> values)
    {
        var size = 0;
        foreach (var value in values)
        {
            size = checked(size + Wire.BytesFieldSize(Encoding.UTF8.GetByteCount(value)));
        }

        return size;
    }

    /// <summary>A number list's field with tag and length.</summary>
    public static int PackedList(int count, int packed) => Wire.BytesFieldSize(count == 0 ? 0 : Wire.BytesFieldSize(packed));

    public static int ArrowContent(ReadOnlySpan<byte> schema, ReadOnlySpan<ArrowNodeLayout> nodes, ReadOnlySpan<ArrowBufferLayout> buffers)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(schema.Length, MetadataLimits.ArrowSchemaBytesMax, nameof(schema));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nodes.Length, MetadataLimits.ArrowNodesMax, nameof(nodes));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(buffers.Length, MetadataLimits.ArrowBuffersMax, nameof(buffers));
        var size = schema.IsEmpty ? 0 : Wire.BytesFieldSize(schema.Length);
        foreach (var node in nodes)
        {
            if (node.BufferCount < 0 || node.BufferCount > buffers.Length)
            {
                throw new ArgumentException("The buffer counts of the nodes exceed the buffers given.", nameof(nodes));
            }

            size += Wire.BytesFieldSize(NodeContent(node, buffers[..node.BufferCount]));
            buffers = buffers[node.BufferCount..];
        }

        return buffers.IsEmpty ? size : throw new ArgumentException("There are more buffers than the nodes count.", nameof(buffers));
    }

    public static int NodeContent(in ArrowNodeLayout node, ReadOnlySpan<ArrowBufferLayout> buffers)
    {
        var size = Wire.ImplicitVarintFieldSize((ulong)node.Length)
            + Wire.ImplicitVarintFieldSize((ulong)node.NullCount)
            + Wire.ImplicitVarintFieldSize((ulong)node.Offset);
        foreach (var buffer in buffers)
        {
            size += Wire.BytesFieldSize(BufferContent(buffer));
        }

        return size;
    }

    public static int BufferContent(in ArrowBufferLayout buffer) =>
        Wire.ImplicitVarintFieldSize(buffer.Offset) + Wire.ImplicitVarintFieldSize(buffer.Length);
}
