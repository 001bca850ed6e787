// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Types;
using Dora.Protocol;
using Dora.Protocol.Messages;

namespace Dora.Nodes.Arrow;

/// <summary>Between Apache.Arrow's types and the wire's description of them: format strings of the Arrow C Data Interface.</summary>
/// <remarks>Pure. Runs once per type and output or input, never per message.</remarks>
internal static class ArrowTypeCodec
{
    /// <summary>The encoded description of an array of this type.</summary>
    /// <exception cref="NotSupportedException">dora cannot carry the type.</exception>
    public static ArrowField Describe(IArrowType type) => Describe(new Field("", type, nullable: true), depth: 0);

    /// <summary>The type that a description means.</summary>
    /// <exception cref="ArrowDataException">The description breaks the format; it comes from a peer.</exception>
    public static IArrowType Parse(ArrowField field) => ParseType(field, depth: 0);

    private static ArrowField Describe(Field field, int depth)
    {
        if (depth > MetadataLimits.ArrowDepthMax)
        {
            throw new NotSupportedException($"The Arrow type is nested deeper than {MetadataLimits.ArrowDepthMax} levels.");
        }

        var type = field.DataType;
        var described = new ArrowField { Name = field.Name ?? "", Nullable = field.IsNullable };
        foreach (var (key, value) in field.Metadata ?? new Dictionary<string, string>())
            described.Metadata[key] = value;

        if (type is DictionaryType dictionary)
        {
            described.Format = ArrowFormat.Of(dictionary.IndexType);
            described.Dictionary = Describe(new Field("", dictionary.ValueType, nullable: true), depth + 1);
            return described;
        }

        described.Format = ArrowFormat.Of(type);
        foreach (var child in ChildrenOf(type))
            described.Children.Add(Describe(child, depth + 1));
        return described;
    }

    private static IEnumerable<Field> ChildrenOf(IArrowType type) => type switch
    {
        MapType map => [new Field("entries", map.KeyValueType, nullable: false)],
        NestedType nested => nested.Fields,
        _ => [],
    };

    private static Field ParseField(ArrowField field, int depth) =>
        new(field.Name, ParseType(field, depth), field.Nullable, field.Metadata.Count == 0 ? null : field.Metadata);

    private static IArrowType ParseType(ArrowField field, int depth)
    {
        if (depth > MetadataLimits.ArrowDepthMax)
        {
            throw new ArrowDataException($"the type is nested deeper than {MetadataLimits.ArrowDepthMax} levels");
        }

        if (field.Dictionary is { } dictionary)
        {
            var index = ArrowFormat.ParsePrimitive(field.Format);
            return index is IntegerType
                ? new DictionaryType(index, ParseType(dictionary, depth + 1), ordered: false)
                : throw new ArrowDataException($"a dictionary is indexed by '{field.Format}', which is not an integer type");
        }

        return field.Format.StartsWith('+') ? ParseNested(field, depth) : ArrowFormat.ParsePrimitive(field.Format);
    }

    private static IArrowType ParseNested(ArrowField field, int depth)
    {
        var children = field.Children.Select(child => ParseField(child, depth + 1)).ToArray();
        Field Only() => children.Length == 1 ? children[0]
            : throw new ArrowDataException($"type '{field.Format}' has {children.Length} children instead of one");

        switch (field.Format)
        {
            case "+s":
                return new StructType(children);
            case "+l":
                return new ListType(Only());
            case "+L":
                return new LargeListType(Only());
            case "+m":
                return Only().DataType is StructType { Fields.Count: 2 } entries
                    ? new MapType(entries)
                    : throw new ArrowDataException("a map's child is not a struct of two fields");
            default:
                const string FixedSizeList = "+w:";
                return field.Format.StartsWith(FixedSizeList, StringComparison.Ordinal)
                    && int.TryParse(field.Format.AsSpan(FixedSizeList.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                    && size > 0
                        ? new FixedSizeListType(Only(), size)
                        : throw new ArrowDataException($"the type format '{Printable(field.Format)}' is not known to this version");
        }
    }

    /// <summary>A peer's text, short enough and clean enough for a message to people.</summary>
    internal static string Printable(string text) =>
        string.Concat(text.Take(32).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
}
