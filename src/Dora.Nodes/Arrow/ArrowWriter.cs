// SPDX-License-Identifier: Apache-2.0

using Apache.Arrow;
using Apache.Arrow.Types;
using Dora.Protocol;
using Google.Protobuf;

namespace Dora.Nodes.Arrow;

/// <summary>Plans how an Arrow array lies in a payload, then copies its buffers there: once, each aligned to 64 bytes.</summary>
/// <remarks>One per output; keeps its lists, so that sending arrays of the same type allocates nothing of its own. Not thread-safe.</remarks>
internal sealed class ArrowWriter
{
    /// <summary>What Arrow recommends for buffers.</summary>
    public const int Alignment = 64;

    private readonly List<ArrowNodeLayout> _nodes = [];
    private readonly List<ArrowBufferLayout> _ranges = [];
    private readonly List<ReadOnlyMemory<byte>> _sources = [];
    private IArrowType? _type; // whose description _schema is
    private byte[] _schema = [];
    private long _payloadBytes;

    /// <summary>Bytes of the payload.</summary>
    public long PayloadBytes => _payloadBytes;

    /// <summary>Upper bound of what <see cref="WriteMetadata"/> needs.</summary>
    public int MetadataBytesMax => _schema.Length + (_nodes.Count * 48) + (_ranges.Count * 32) + 32;

    /// <summary>Looks at an array and decides where everything goes.</summary>
    /// <exception cref="NotSupportedException">The type, or one inside it, cannot be sent.</exception>
    public void Plan(ArrayData data)
    {
        Clear();
        if (!ReferenceEquals(_type, data.DataType))
        {
            _schema = ArrowTypeCodec.Describe(data.DataType).ToByteArray();
            _type = data.DataType;
        }

        Add(data, data.DataType);
    }

    /// <summary>Adds the description to the metadata. False: it does not fit.</summary>
    public bool WriteMetadata(ref MetadataWriter metadata) => metadata.TryAddArrow(
        _schema,
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_nodes),
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_ranges));

    /// <summary>Copies all buffers. Gaps are zeroed: the memory held another message before.</summary>
    public void WritePayload(Span<byte> payload)
    {
        var end = 0;
        for (var i = 0; i < _sources.Count; i++)
        {
            var range = _ranges[i];
            if (range.Length == 0)
                continue;
            payload[end..(int)range.Offset].Clear();
            _sources[i].Span.CopyTo(payload[(int)range.Offset..]);
            end = (int)(range.Offset + range.Length);
        }
    }

    /// <summary>Forgets the array, so that it can be collected.</summary>
    public void Clear()
    {
        _nodes.Clear();
        _ranges.Clear();
        _sources.Clear();
        _payloadBytes = 0;
    }

    private void Add(ArrayData data, IArrowType type)
    {
        var count = ArrowShape.BufferCount(type);
        if (data.Buffers.Length < count)
            throw new ArgumentException($"The Arrow array of type {type.Name} has {data.Buffers.Length} buffers instead of {count}.");

        // A slice carries its parent's whole buffers. Leave out what comes before it, in steps of 8 elements, so that bits stay in place.
        var skipped = ArrowShape.BitsPerElement(type) > 0 ? data.Offset & ~7 : 0;
        _nodes.Add(new ArrowNodeLayout(data.Length, data.NullCount, data.Offset - skipped, count));
        for (var i = 0; i < count; i++)
        {
            var bits = i == 0 ? 1 : ArrowShape.BitsPerElement(type);
            AddBuffer(Needed(data.Buffers[i].Memory, bits, skipped, data.Offset + data.Length));
        }

        var childTypes = ArrowShape.ChildTypes(type);
        for (var i = 0; i < childTypes.Count; i++)
            Add(data.Children[i], childTypes[i]);
        if (type is DictionaryType dictionary)
            Add(data.Dictionary, dictionary.ValueType);
    }

    /// <summary>The part of a fixed-width buffer that the elements lie in; a buffer of offsets or bytes as it is.</summary>
    private static ReadOnlyMemory<byte> Needed(ReadOnlyMemory<byte> buffer, int bitsPerElement, int skipped, int end)
    {
        if (bitsPerElement == 0 || buffer.IsEmpty)
            return buffer;
        var startByte = (long)skipped * bitsPerElement / 8; // skipped is a multiple of 8
        var endByte = (((long)end * bitsPerElement) + 7) / 8;
        return buffer[(int)startByte..(int)Math.Min(endByte, buffer.Length)];
    }

    private void AddBuffer(ReadOnlyMemory<byte> source)
    {
        if (source.IsEmpty)
        {
            _ranges.Add(default);
            _sources.Add(default);
            return;
        }

        var offset = (_payloadBytes + Alignment - 1) / Alignment * Alignment;
        _ranges.Add(new ArrowBufferLayout((ulong)offset, (ulong)source.Length));
        _sources.Add(source);
        _payloadBytes = offset + source.Length;
    }
}
