// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Diagnostics;

namespace Dora.Dataflows.Yaml;

/// <summary>A value in a YAML file, with its place. Aliases share the node they stand for.</summary>
internal abstract class YamlNode(SourceSpan span)
{
    public SourceSpan Span { get; } = span;

    /// <summary>For messages: <c>a list</c>, <c>the number 5</c>.</summary>
    public abstract string Describe();
}

/// <summary>A single value. Only a plain (unquoted) one can be something else than text.</summary>
internal sealed class YamlScalar(SourceSpan span, string text, bool isPlain) : YamlNode(span)
{
    public string Text { get; } = text;

    public bool IsPlain { get; } = isPlain;

    public ScalarKind Kind { get; } = isPlain ? PlainScalar.KindOf(text) : ScalarKind.Text;

    public bool IsNull => Kind == ScalarKind.Null;

    public override string ToString() => Text;

    public override string Describe() => Kind switch
    {
        ScalarKind.Null => "nothing",
        ScalarKind.Boolean => $"the boolean {Text}",
        ScalarKind.Integer or ScalarKind.Float => $"the number {Text}",
        _ => $"the text {Quoted.Text(Text)}",
    };
}

/// <summary>A list.</summary>
internal sealed class YamlSequence(SourceSpan span, IReadOnlyList<YamlNode> items) : YamlNode(span)
{
    public IReadOnlyList<YamlNode> Items { get; } = items;

    public override string Describe() => "a list";
}

/// <summary>Keys and values in the order of the file; keys are unique, merge keys are applied.</summary>
internal sealed class YamlMapping : YamlNode
{
    private readonly Dictionary<string, YamlEntry> _byKey;

    public YamlMapping(SourceSpan span, IReadOnlyList<YamlEntry> entries)
        : base(span)
    {
        Entries = entries;
        _byKey = new Dictionary<string, YamlEntry>(entries.Count, StringComparer.Ordinal);
        foreach (var entry in entries) _byKey.TryAdd(entry.Key.Text, entry);
    }

    public IReadOnlyList<YamlEntry> Entries { get; }

    public YamlEntry? Find(string key) => _byKey.GetValueOrDefault(key);

    public YamlNode? Value(string key) => Find(key)?.Value;

    /// <summary>A copy in which the key has that value: in its place if it was there, else at the end.</summary>
    public YamlMapping With(string key, YamlNode value)
    {
        if (Find(key) is { } old) return new YamlMapping(Span, [.. Entries.Select(e => e == old ? old with { Value = value } : e)]);
        return new YamlMapping(Span, [.. Entries, new YamlEntry(new YamlScalar(value.Span, key, isPlain: true), value)]);
    }

    public override string Describe() => "a mapping";
}

/// <summary>One key with its value.</summary>
internal sealed record YamlEntry(YamlScalar Key, YamlNode Value);

/// <summary>What a plain scalar is under the YAML 1.2 core schema.</summary>
internal enum ScalarKind
{
    Text,
    Null,
    Boolean,
    Integer,
    Float,
}
