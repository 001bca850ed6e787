// SPDX-License-Identifier: Apache-2.0

using Apache.Arrow;
using Apache.Arrow.Types;
using Dora.Protocol;

namespace Dora.Nodes.Arrow;

/// <summary>Builds Apache.Arrow arrays over received payloads, without copying a buffer.</summary>
/// <remarks>Everything comes from a peer: counts, offsets and lengths are checked against the type and the payload before they are used.</remarks>
internal static class ArrowReader
{
    /// <summary>Whether the metadata describes an Arrow array.</summary>
    public static bool IsTyped(ReadOnlySpan<byte> metadata) => !metadata.IsEmpty && new MetadataReader(metadata).TryGetArrow(out _);

    /// <summary>The array that an event carries.</summary>
    /// <exception cref="ArrowDataException">The description is broken.</exception>
    public static IArrowArray Read(InputEvent owner, uint generation)
    {
        owner.Use(generation);
        return Read(new EventMemory(owner, generation).Memory, owner.EncodedMetadata(generation));
    }

    /// <summary>The array that a payload and its metadata are.</summary>
    /// <param name="memory">The payload; the array's buffers are slices of it.</param>
    /// <param name="metadata">Encoded; not used after the call.</param>
    /// <exception cref="ArrowDataException">The description is broken.</exception>
    public static IArrowArray Read(ReadOnlyMemory<byte> memory, ReadOnlySpan<byte> metadata)
    {
        var length = memory.Length;
        var reader = new MetadataReader(metadata);
        if (!reader.TryGetArrow(out var layout))
        {
            return reader.IsMalformed
                ? throw new ArrowDataException("its metadata is malformed")
                : new UInt8Array(new ArrowBuffer(memory), ArrowBuffer.Empty, length, nullCount: 0, offset: 0);
        }

        if (!layout.FitsIn(length))
            throw new ArrowDataException($"its buffers need {layout.PayloadLengthMin} bytes, the message has {length}");

        var nodes = new ArrowNodeLayout[layout.NodeCount];
        var ranges = new ArrowBufferLayout[layout.BufferCount];
        layout.CopyTo(nodes, ranges);
        var data = new Assembly(memory, nodes, ranges).Build(ArrowSchemaCache.Resolve(layout.Schema));
        try
        {
            return ArrowArrayFactory.BuildArray(data);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or NotSupportedException or NotImplementedException)
        {
            throw new ArrowDataException($"Apache.Arrow refuses it ({e.Message})");
        }
    }

    /// <summary>Walks nodes and buffers depth first, along with the type.</summary>
    private sealed class Assembly(ReadOnlyMemory<byte> payload, ArrowNodeLayout[] nodes, ArrowBufferLayout[] ranges)
    {
        private int _node;
        private int _range;

        public ArrayData Build(IArrowType type)
        {
            var data = BuildNode(type);
            return _node == nodes.Length
                ? data
                : throw new ArrowDataException($"it has {nodes.Length} fields where its type has {_node}");
        }

        private ArrayData BuildNode(IArrowType type)
        {
            if (_node == nodes.Length)
                throw new ArrowDataException($"it has {nodes.Length} fields, fewer than its type");
            var node = nodes[_node++];
            if (node.Length + node.Offset > int.MaxValue || node.NullCount > node.Length)
                throw new ArrowDataException($"a field of {node.Length} elements at {node.Offset} with {node.NullCount} nulls is not possible");

            var buffers = new ArrowBuffer[node.BufferCount];
            for (var i = 0; i < buffers.Length; i++)
                buffers[i] = Slice(ranges[_range++]);
            ArrowShape.Check(type, node, buffers);

            var childTypes = ArrowShape.ChildTypes(type);
            var children = new ArrayData[childTypes.Count];
            for (var i = 0; i < children.Length; i++)
                children[i] = BuildNode(childTypes[i]);
            var dictionary = type is DictionaryType dictionaryType ? BuildNode(dictionaryType.ValueType) : null;
            ArrowShape.CheckChildren(type, node, children);
            return new ArrayData(type, (int)node.Length, (int)node.NullCount, (int)node.Offset, buffers, children, dictionary);
        }

        private ArrowBuffer Slice(ArrowBufferLayout range) =>
            range.Length == 0 ? ArrowBuffer.Empty : new ArrowBuffer(payload.Slice((int)range.Offset, (int)range.Length)); // FitsIn was checked
    }
}

/// <summary>Types that were parsed before, by their encoded description: an output's type is the same in every message.</summary>
internal static class ArrowSchemaCache
{
    private const int EntriesMax = 64; // of hostile peers, and of programs that send a new type each time

    private static readonly Lock Lock = new();
    private static readonly List<(byte[] Schema, IArrowType Type)> Entries = [];

    public static IArrowType Resolve(ReadOnlySpan<byte> schema)
    {
        lock (Lock)
        {
            foreach (var (known, type) in Entries)
            {
                if (schema.SequenceEqual(known))
                    return type;
            }
        }

        var parsed = Parse(schema);
        lock (Lock)
        {
            if (Entries.Count == EntriesMax)
                Entries.Clear();
            Entries.Add((schema.ToArray(), parsed));
        }

        return parsed;
    }

    private static IArrowType Parse(ReadOnlySpan<byte> schema)
    {
        try
        {
            return ArrowTypeCodec.Parse(MessageDecoder.DecodeArrowField(schema));
        }
        catch (ProtocolException e)
        {
            throw new ArrowDataException($"its type cannot be decoded ({e.Message})");
        }
    }
}
