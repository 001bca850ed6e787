// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Parsing;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Modules;

/// <summary>Turns the sources that one file names into ones seen from the top.</summary>
internal sealed class SourceRewriter(NodeList nodes, ModuleInstance instance, DiagnosticBag diagnostics)
{
    /// <summary>A copy of the mapping with its <c>inputs</c> rewritten; inputs of open ports vanish.</summary>
    public YamlMapping Rewrite(YamlMapping owner)
    {
        if (owner.Value("inputs") is not YamlMapping inputs) return owner;
        List<YamlEntry> rewritten = [];
        foreach (var entry in inputs.Entries)
        {
            if (Input(entry.Value) is { } value) rewritten.Add(entry with { Value = value });
        }

        return owner.With("inputs", new YamlMapping(inputs.Span, rewritten));
    }

    private YamlNode? Input(YamlNode input)
    {
        if (input is YamlScalar { Kind: ScalarKind.Text } scalar) return Source(scalar);
        if (input is not YamlMapping longForm || longForm.Value("source") is not YamlScalar { Kind: ScalarKind.Text } source) return input;
        return Source(source) switch
        {
            null => null,
            YamlMapping outer => Merge(longForm, outer),
            var outer => longForm.With("source", outer),
        };
    }

    /// <summary>What the inside says about the queue wins over what the outside says.</summary>
    private static YamlMapping Merge(YamlMapping inside, YamlMapping outside)
    {
        if (outside.Value("source") is { } source) inside = inside.With("source", source);
        return new YamlMapping(inside.Span, [.. inside.Entries, .. outside.Entries.Where(e => inside.Find(e.Key.Text) is null)]);
    }

    /// <summary>A scalar, or for a port whatever the outside wrote; null for an open port.</summary>
    private YamlNode? Source(YamlScalar source)
    {
        switch (SourceSyntax.Parse(source.Text))
        {
            case SourceSyntax.Port port when instance.Path is not null || instance.KeepsUnknownParameters:
                return instance.Ports.GetValueOrDefault(port.Name);
            case SourceSyntax.Logs { Node: { } node } logs when nodes.Find(node) is not null:
                return Renamed(source, $"dora/logs/{logs.MinLevel}/{instance.Prefix}{node}");
            case SourceSyntax.Output output:
                return Output(source, output);
            default:
                return source;
        }
    }

    private YamlScalar? Output(YamlScalar source, SourceSyntax.Output output)
    {
        if (nodes.Find(output.Node) is { } node)
        {
            if (node.Find("module") is null) return Renamed(source, instance.Prefix + source.Text);
            if (!nodes.Modules.TryGetValue(node, out var module)) return null; // the module could not be read
            return module.Exports.TryGetValue(output.Name, out string? inner) ? Renamed(source, $"{instance.Prefix}{output.Node}.{inner}") : null;
        }

        if (instance.Path is null && !instance.KeepsUnknownParameters) return source; // of the dataflow itself: judged later
        if (output.Operator is not null || nodes.OnlyHostOf(output.Node) is not { } host) return null;
        diagnostics.Warning(
            "DF0208", source.Span,
            $"{Quoted.Text(source.Text)} names an operator without its node, which is an old form",
            fix: $"write '{host}/{source.Text}'");
        return Renamed(source, $"{instance.Prefix}{host}/{source.Text}");
    }

    private static YamlScalar Renamed(YamlScalar source, string text) => text == source.Text ? source : new YamlScalar(source.Span, text, source.IsPlain);
}
