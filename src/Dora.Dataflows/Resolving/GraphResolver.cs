// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Descriptors;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Graph;
using Dora.Dataflows.Types;

namespace Dora.Dataflows.Resolving;

/// <summary>Turns a descriptor into a graph.</summary>
internal static class GraphResolver
{
    /// <summary>Complete only when nothing was reported as an error.</summary>
    public static DataflowGraph Resolve(DataflowDescriptor dataflow, string sourcePath, string baseDirectory, LoadOptions options, DiagnosticBag diagnostics)
    {
        ReportDuplicateIds(dataflow, diagnostics);
        NodeResolver resolver = new(dataflow, baseDirectory, options, diagnostics);
        var graph = new DataflowGraph
        {
            SourcePath = sourcePath,
            BaseDirectory = baseDirectory,
            DescriptorYaml = dataflow.Source.Text,
            Nodes = [.. dataflow.Nodes.Select(resolver.Resolve)],
            ExitWhenNodesFinish = dataflow.ExitWhenNodesFinish,
        };
        return TypeChecker.Check(dataflow, graph, options, diagnostics);
    }

    private static void ReportDuplicateIds(DataflowDescriptor dataflow, DiagnosticBag diagnostics)
    {
        Report(dataflow.Nodes.Select(n => n.Id), "node", "in this dataflow", diagnostics);
        foreach (var node in dataflow.Nodes) Report(node.Operators.Select(o => o.Id), "operator", $"in {node.Label}", diagnostics);
    }

    private static void Report(IEnumerable<Located<string>> ids, string noun, string where, DiagnosticBag diagnostics)
    {
        Dictionary<string, Located<string>> first = new(StringComparer.Ordinal);
        foreach (var id in ids)
        {
            if (first.TryAdd(id.Value, id)) continue;
            diagnostics.Error(
                "DF0105", id.Span,
                $"there are two {noun}s {Quoted.Text(id.Value)} {where}; the first is on line {first[id.Value].Span.Line}",
                "Sources and messages could mean either.",
                "rename one of them");
        }
    }
}
