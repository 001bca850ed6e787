// SPDX-License-Identifier: Apache-2.0

using Apache.Arrow;
using Apache.Arrow.Types;
using Dora.Protocol;

namespace Dora.Nodes.Arrow;

/// <summary>What Arrow's columnar format demands of buffers and children, by type.</summary>
internal static class ArrowShape
{
    /// <summary>Types of the children in the order of <see cref="ArrayData.Children"/>; a dictionary's values are not a child.</summary>
    public static IReadOnlyList<IArrowType> ChildTypes(IArrowType type) => type switch
    {
        MapType map => [map.KeyValueType],
        NestedType nested => [.. nested.Fields.Select(field => field.DataType)],
        _ => [],
    };

    /// <summary>Number of buffers, the first of which says which elements are null.</summary>
    public static int BufferCount(IArrowType type) => type switch
    {
        NullType => 0,
        StructType or FixedSizeListType => 1,
        StringType or BinaryType or LargeStringType or LargeBinaryType => 3,
        _ => 2,
    };

    /// <summary>Bits of one element in the second buffer; 0 when it has none of fixed width.</summary>
    public static int BitsPerElement(IArrowType type) => type switch
    {
        DictionaryType dictionary => BitsPerElement(dictionary.IndexType),
        FixedWidthType fixedWidth => fixedWidth.BitWidth,
        _ => 0,
    };

    /// <summary>Bytes of one entry of the offsets in the second buffer; 0 when it holds none.</summary>
    public static int BytesPerOffset(IArrowType type) => type switch
    {
        StringType or BinaryType or ListType or MapType => sizeof(int),
        LargeStringType or LargeBinaryType or LargeListType => sizeof(long),
        _ => 0,
    };

    /// <summary>Whether the buffers are as many and as long as the elements need.</summary>
    /// <exception cref="ArrowDataException">They are not.</exception>
    public static void Check(IArrowType type, in ArrowNodeLayout node, ArrowBuffer[] buffers)
    {
        var expected = BufferCount(type);
        if (buffers.Length != expected)
            throw new ArrowDataException($"a field of type {type.Name} has {buffers.Length} buffers instead of {expected}");
        if (expected == 0)
            return;

        var end = node.Offset + node.Length;
        if (!buffers[0].IsEmpty)
            Need(type, "validity", buffers[0], BytesForBits(end));
        else if (node.NullCount > 0)
            throw new ArrowDataException($"a field of type {type.Name} counts {node.NullCount} nulls but has no validity buffer");

        if (BitsPerElement(type) is > 0 and var bits)
            Need(type, "value", buffers[1], BytesForBits(checked(end * bits)));
        else if (BytesPerOffset(type) is > 0 and var bytes && end > 0)
            Need(type, "offset", buffers[1], checked((end + 1) * bytes));
    }

    /// <summary>Whether children that are addressed by position are as long as their parent needs.</summary>
    /// <exception cref="ArrowDataException">They are not.</exception>
    public static void CheckChildren(IArrowType type, in ArrowNodeLayout node, ArrayData[] children)
    {
        var needed = type switch
        {
            StructType => node.Offset + node.Length,
            FixedSizeListType list => checked((node.Offset + node.Length) * list.ListSize),
            _ => 0,
        };
        foreach (var child in children)
        {
            if (child.Length < needed)
                throw new ArrowDataException($"a field of type {type.Name} needs {needed} elements of its child, which has {child.Length}");
        }
    }

    private static long BytesForBits(long bits) => (bits + 7) / 8;

    private static void Need(IArrowType type, string which, in ArrowBuffer buffer, long bytes)
    {
        if (buffer.Length < bytes)
            throw new ArrowDataException($"the {which} buffer of a field of type {type.Name} has {buffer.Length} bytes instead of {bytes}");
    }
}
