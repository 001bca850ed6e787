// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Descriptors;

/// <summary>Reads <c>env</c> in its two forms.</summary>
internal static class EnvironmentReader
{
    public static ImmutableArray<VariableDescriptor> Read(KeyReader reader, DiagnosticBag diagnostics)
    {
        if (reader.Entry("env") is not { } env) return [];
        if (env.Value is YamlMapping mapping) return [.. mapping.Entries.Select(Variable).OfType<VariableDescriptor>()];
        if (env.Value is not YamlSequence sequence) return [];
        Dictionary<string, VariableDescriptor> byName = new(StringComparer.Ordinal);
        foreach (var variable in sequence.Items.OfType<YamlMapping>().SelectMany(m => m.Entries).Select(Variable).OfType<VariableDescriptor>())
        {
            if (!byName.TryAdd(variable.Name.Value, variable))
                diagnostics.Error(
                    "DF0014", variable.Name.Span,
                    $"the variable {Quoted.Text(variable.Name.Value)} is written twice; the first is on line {byName[variable.Name.Value].Name.Span.Line}",
                    "Only one of the two could count.",
                    "remove or rename one of them");
        }

        return [.. byName.Values];
    }

    private static VariableDescriptor? Variable(YamlEntry entry) => entry.Value switch
    {
        YamlScalar { IsNull: false } scalar => new(KeyReader.LocatedText(entry.Key), KeyReader.LocatedText(scalar), FromHost: false),
        YamlMapping mapping when mapping.Value("__dora_env") is YamlScalar { IsNull: false } name =>
            new(KeyReader.LocatedText(entry.Key), KeyReader.LocatedText(name), FromHost: true),
        _ => null,
    };
}
