// SPDX-License-Identifier: Apache-2.0

namespace Dora.Protocol;

/// <summary>The Arrow description of a payload, seen in place. Checked when it was read; bounds against the payload are <see cref="FitsIn"/>.</summary>
public readonly ref struct ArrowLayoutReader
{
    private readonly ReadOnlySpan<byte> _encoded;

    private ArrowLayoutReader(ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> schema, int nodeCount, int bufferCount, ulong endMax)
    {
        _encoded = encoded;
        Schema = schema;
        NodeCount = nodeCount;
        BufferCount = bufferCount;
        PayloadLengthMin = endMax;
    }

    /// <summary>An encoded ArrowField; the same bytes mean the same type, so they serve as the key of a cache.</summary>
    public ReadOnlySpan<byte> Schema { get; }

    /// <summary>Fields of all levels.</summary>
    public int NodeCount { get; }

    /// <summary>Buffers of all fields.</summary>
    public int BufferCount { get; }

    /// <summary>Bytes that the payload must have at least to contain every buffer.</summary>
    public ulong PayloadLengthMin { get; }

    /// <summary>Whether every buffer lies within a payload of this many bytes.</summary>
    public bool FitsIn(long payloadLengthBytes) => payloadLengthBytes >= 0 && PayloadLengthMin <= (ulong)payloadLengthBytes;

    /// <summary>Writes all fields and buffers; the spans have room for <see cref="NodeCount"/> and <see cref="BufferCount"/>.</summary>
    public void CopyTo(Span<ArrowNodeLayout> nodes, Span<ArrowBufferLayout> buffers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(nodes.Length, NodeCount, nameof(nodes));
        ArgumentOutOfRangeException.ThrowIfLessThan(buffers.Length, BufferCount, nameof(buffers));
        var reader = new WireReader(_encoded);
        var node = 0;
        var buffer = 0;
        while (!reader.AtEnd && reader.TryReadTag(out var field, out var wireType))
        {
            if (field == Wire.ArrowNodes && wireType == Wire.Bytes)
            {
                reader.TryReadBytes(out var encoded);
                _ = TryParseNode(encoded, out nodes[node], buffers[buffer..], out _); // checked by TryParse
                buffer += nodes[node++].BufferCount;
            }
            else
            {
                reader.TrySkip(wireType);
            }
        }
    }

    /// <summary>Reads and checks an encoded ArrowLayout message.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> encoded, out ArrowLayoutReader layout)
    {
        layout = default;
        var reader = new WireReader(encoded);
        ReadOnlySpan<byte> schema = default;
        var nodeCount = 0;
        var bufferCount = 0;
        ulong endMax = 0;
        while (!reader.AtEnd)
        {
            if (!reader.TryReadTag(out var field, out var wireType))
            {
                return false;
            }

            if (field == Wire.ArrowSchema && wireType == Wire.Bytes)
            {
                if (!reader.TryReadBytes(out schema) || schema.Length > MetadataLimits.ArrowSchemaBytesMax)
                {
                    return false;
                }
            }
            else if (field == Wire.ArrowNodes && wireType == Wire.Bytes)
            {
                if (!reader.TryReadBytes(out var body) || !TryParseNode(body, out var node, [], out var end))
                {
                    return false;
                }

                nodeCount++;
                bufferCount += node.BufferCount;
                endMax = Math.Max(endMax, end);
                if (nodeCount > MetadataLimits.ArrowNodesMax || bufferCount > MetadataLimits.ArrowBuffersMax)
                {
                    return false;
                }
            }
            else if (!reader.TrySkip(wireType))
            {
                return false;
            }
        }

        layout = new ArrowLayoutReader(encoded, schema, nodeCount, bufferCount, endMax);
        return true;
    }

    // With an empty destination it only checks and counts.
    private static bool TryParseNode(ReadOnlySpan<byte> encoded, out ArrowNodeLayout node, Span<ArrowBufferLayout> buffers, out ulong endMax)
    {
        node = default;
        endMax = 0;
        ulong length = 0, nullCount = 0, offset = 0;
        var count = 0;
        var reader = new WireReader(encoded);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadTag(out var field, out var wireType))
            {
                return false;
            }

            var ok = (field, wireType) switch
            {
                (Wire.NodeLength, Wire.Varint) => reader.TryReadVarint(out length),
                (Wire.NodeNullCount, Wire.Varint) => reader.TryReadVarint(out nullCount),
                (Wire.NodeOffset, Wire.Varint) => reader.TryReadVarint(out offset),
                (Wire.NodeBuffers, Wire.Bytes) => TryReadBuffer(ref reader, buffers, count++, ref endMax),
                _ => reader.TrySkip(wireType),
            };
            if (!ok)
            {
                return false;
            }
        }

        node = new ArrowNodeLayout((long)length, (long)nullCount, (long)offset, count);
        return node is { Length: >= 0, NullCount: >= -1, Offset: >= 0 };
    }

    private static bool TryReadBuffer(ref WireReader reader, Span<ArrowBufferLayout> buffers, int index, ref ulong endMax)
    {
        if (!reader.TryReadBytes(out var encoded))
        {
            return false;
        }

        ulong offset = 0, length = 0;
        var fields = new WireReader(encoded);
        while (!fields.AtEnd)
        {
            if (!fields.TryReadTag(out var field, out var wireType))
            {
                return false;
            }

            var ok = (field, wireType) switch
            {
                (Wire.RangeOffset, Wire.Varint) => fields.TryReadVarint(out offset),
                (Wire.RangeLength, Wire.Varint) => fields.TryReadVarint(out length),
                _ => fields.TrySkip(wireType),
            };
            if (!ok)
            {
                return false;
            }
        }

        if (offset > long.MaxValue || length > long.MaxValue)
        {
            return false; // their sum must not overflow
        }

        endMax = Math.Max(endMax, offset + length);
        if (!buffers.IsEmpty)
        {
            buffers[index] = new ArrowBufferLayout(offset, length);
        }

        return true;
    }
}
