// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Graph;

namespace Dora.Cli.Output;

/// <summary>A graph in a few lines of text.</summary>
internal static class GraphSummary
{
    private const int MaxNodes = 20;

    /// <summary><c>3 nodes, 2 operators, 4 edges</c>.</summary>
    public static string Counts(DataflowGraph graph)
    {
        var operators = graph.Nodes.Sum(n => n.Operators.Length);
        var edges = graph.Nodes.Sum(n => n.Inputs.Length) + graph.Nodes.SelectMany(n => n.Operators.SelectMany(o => o.Inputs.Where(i => IsSibling(n, i)))).Count();
        return $"{Words.Count(graph.Nodes.Length, "node")}{(operators > 0 ? ", " + Words.Count(operators, "operator") : "")}, {Words.Count(edges, "edge")}";
    }

    /// <summary>One line a node: what it reads and writes.</summary>
    public static IEnumerable<string> Lines(DataflowGraph graph, Ink ink)
    {
        var width = graph.Nodes.Take(MaxNodes).Select(n => n.Id.Value.Length).DefaultIfEmpty(0).Max();
        foreach (var node in graph.Nodes.Take(MaxNodes))
        {
            var inputs = string.Join(", ", node.Inputs.Select(i => i.Source.ToString()).Distinct());
            var outputs = string.Join(", ", node.Outputs.Select(o => o.Value));
            var line = string.Join("  ", new[]
            {
                inputs.Length > 0 ? $"{ink.Dim("reads")} {inputs}" : "",
                outputs.Length > 0 ? $"{ink.Dim("writes")} {outputs}" : "",
            }.Where(s => s.Length > 0));
            yield return $"  {ink.Bold(node.Id.Value.PadRight(width))}  {line}".TrimEnd();
        }

        if (graph.Nodes.Length > MaxNodes)
            yield return $"  … {graph.Nodes.Length - MaxNodes} more";
    }

    private static bool IsSibling(GraphNode node, GraphInput input) => input.Source is InputSource.Node { Output.Node: var source } && source == node.Id;
}
