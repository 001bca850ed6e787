// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Keys;
using Dora.Dataflows.Parsing;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Descriptors;

/// <summary>Takes values out of a mapping by the names of today; what the shape checker reported is simply not there.</summary>
internal readonly struct KeyReader(YamlMapping mapping, KeySet keys)
{
    public YamlMapping Mapping => mapping;

    public bool HasUnknownKeys
    {
        get
        {
            var known = keys;
            return mapping.Entries.Any(e => known.Find(e.Key.Text) is null);
        }
    }

    public YamlEntry? Entry(string name) =>
        mapping.Find(name) ?? (keys.Find(name)?.OldName is { } old ? mapping.Find(old.Name) : null);

    public YamlNode? Value(string name) => Entry(name)?.Value;

    public YamlMapping? Nested(string name) => Value(name) as YamlMapping;

    public IReadOnlyList<YamlNode> List(string name) => (Value(name) as YamlSequence)?.Items ?? [];

    public IReadOnlyList<YamlEntry> Map(string name) => Nested(name)?.Entries ?? [];

    public Located<string>? Text(string name) => Value(name) is YamlScalar { IsNull: false } scalar ? LocatedText(scalar) : null;

    public string? PlainText(string name) => Text(name)?.Value;

    /// <summary>Like <see cref="Text"/>, but nothing for names that break the rules.</summary>
    public Located<string>? Id(string name) => Text(name) is { } id && IdRules.Problem(id.Value) is null ? id : null;

    public bool Flag(string name) => Value(name) is YamlScalar { Kind: ScalarKind.Boolean } scalar && PlainScalar.IsTrue(scalar.Text);

    public Located<int>? Integer(string name) =>
        Value(name) is YamlScalar scalar && PlainScalar.TryInteger(scalar.Text, out long value) && value is >= 0 and <= int.MaxValue
            ? new Located<int>((int)value, scalar.Span)
            : null;

    public TimeSpan? Duration(string name) =>
        Value(name) is YamlScalar scalar && Quantity.TryDuration(scalar.Text, out var value, out _) ? value : null;

    public Located<long>? Bytes(string name) =>
        Value(name) is YamlScalar scalar && Quantity.TryBytes(scalar.Text, out long value, out _) ? new Located<long>(value, scalar.Span) : null;

    /// <summary>The lines of a <c>build</c>, without empty ones.</summary>
    public ImmutableArray<string> Lines(string name) =>
        Value(name) is YamlScalar { IsNull: false } scalar
            ? [.. scalar.Text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)]
            : [];

    public static Located<string> LocatedText(YamlScalar scalar) => new(scalar.Text, scalar.Span);
}
