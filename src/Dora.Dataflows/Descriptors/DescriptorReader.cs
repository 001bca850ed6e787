// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Keys;
using Dora.Dataflows.Modules;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Descriptors;

/// <summary>Reads a flat dataflow (modules expanded) from a tree whose shape was checked.</summary>
internal static class DescriptorReader
{
    public static DataflowDescriptor Read(FlatDataflow flat, SourceText source, DiagnosticBag diagnostics)
    {
        KeyReader reader = new(flat.Root, DataflowKeys.Dataflow);
        var nodes = ImmutableArray.CreateBuilder<NodeDescriptor>();
        var unreadable = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (var mapping in reader.List("nodes").OfType<YamlMapping>())
        {
            if (NodeReader.Read(mapping, diagnostics) is { } node) nodes.Add(node with { Module = flat.ModuleOf.GetValueOrDefault(mapping) });
            else if (mapping.Value("id") is YamlScalar id) unreadable.Add(id.Text);
        }

        return new DataflowDescriptor
        {
            Source = source,
            Nodes = nodes.ToImmutable(),
            UnreadableIds = unreadable.ToImmutable(),
            Environment = EnvironmentReader.Read(reader, diagnostics),
            ExitWhenNodesFinish = reader.Flag("exit_when_nodes_finish"),
            AllowOutside = reader.Flag("allow_outside"),
            StrictTypes = reader.Flag("strict_types"),
            WorkingDirectory = reader.Nested("deploy") is { } deploy ? new KeyReader(deploy, DeployKeys.Settings).Text("working_dir") : null,
            TypeRules = [.. reader.List("type_rules").OfType<YamlMapping>().Select(Rule).OfType<TypeRuleDescriptor>()],
        };
    }

    private static TypeRuleDescriptor? Rule(YamlMapping mapping)
    {
        KeyReader reader = new(mapping, DataflowKeys.TypeRule);
        return reader.Text("from") is { } from && reader.Text("to") is { } to ? new TypeRuleDescriptor(from, to) : null;
    }
}
