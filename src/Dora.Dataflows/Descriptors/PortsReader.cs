// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Keys;
using Dora.Dataflows.Parsing;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Descriptors;

/// <summary>Reads inputs, outputs and their types, of nodes and operators alike.</summary>
internal static class PortsReader
{
    public static PortsDescriptor Read(KeyReader reader, string owner, DiagnosticBag diagnostics) => new()
    {
        Inputs = [.. reader.Map("inputs").Select(Input).OfType<InputDescriptor>()],
        Outputs = Outputs(reader, owner, diagnostics),
        InputTypes = Types(reader.Map("input_types")),
        OutputTypes = Types(reader.Map("output_types")),
        OutputMetadata = Metadata(reader.Map("output_metadata")),
        Pattern = reader.Text("pattern"),
    };

    private static InputDescriptor? Input(YamlEntry entry)
    {
        if (IdRules.Problem(entry.Key.Text) is not null) return null;
        var id = KeyReader.LocatedText(entry.Key);
        if (entry.Value is YamlScalar { Kind: ScalarKind.Text } source) return new InputDescriptor { Id = id, Source = KeyReader.LocatedText(source) };
        if (entry.Value is not YamlMapping mapping) return null;
        KeyReader reader = new(mapping, PortKeys.Input);
        if (reader.Text("source") is not { } longSource) return null;
        return new InputDescriptor
        {
            Id = id,
            Source = longSource,
            QueueSize = reader.Integer("queue_size"),
            QueuePolicy = reader.PlainText("queue_policy"),
            Timeout = reader.Duration("input_timeout"),
        };
    }

    private static ImmutableArray<Located<string>> Outputs(KeyReader reader, string owner, DiagnosticBag diagnostics)
    {
        Dictionary<string, Located<string>> byName = new(StringComparer.Ordinal);
        foreach (var output in reader.List("outputs").OfType<YamlScalar>().Where(s => IdRules.Problem(s.Text) is null).Select(KeyReader.LocatedText))
        {
            if (!byName.TryAdd(output.Value, output))
                diagnostics.Error(
                    "DF0105", output.Span,
                    $"{owner} lists the output {Quoted.Text(output.Value)} twice; the first is on line {byName[output.Value].Span.Line}",
                    fix: "remove one of them");
        }

        return [.. byName.Values];
    }

    private static ImmutableArray<PortTypeDescriptor> Types(IReadOnlyList<YamlEntry> entries) =>
    [
        .. from entry in entries
           where entry.Value is YamlScalar { Kind: ScalarKind.Text }
           select new PortTypeDescriptor(KeyReader.LocatedText(entry.Key), KeyReader.LocatedText((YamlScalar)entry.Value)),
    ];

    private static ImmutableArray<(Located<string> Output, ImmutableArray<string> Keys)> Metadata(IReadOnlyList<YamlEntry> entries) =>
    [
        .. from entry in entries
           where entry.Value is YamlSequence
           let keys = ((YamlSequence)entry.Value).Items.OfType<YamlScalar>().Select(s => s.Text)
           select (KeyReader.LocatedText(entry.Key), keys.ToImmutableArray()),
    ];
}
