// SPDX-License-Identifier: Apache-2.0

using System.Security.Cryptography;
using Dora.Dataflows.Graph;
using Dora.Protocol;

namespace Dora.Cli.Watching;

/// <summary>A node or an operator that is made of one file, which is loaded or started as it is.</summary>
/// <param name="Node">The node.</param>
/// <param name="Operator">The operator; null: the node itself.</param>
/// <param name="Path">Absolute path of the file.</param>
internal sealed record WatchedProgram(NodeId Node, OperatorId? Operator, string Path)
{
    /// <summary>For people.</summary>
    public string Name => Operator is { } op ? $"{Node}/{op}" : $"{Node}";

    /// <summary>All of a dataflow that are no C# sources: those are made of many files, and built.</summary>
    public static IEnumerable<WatchedProgram> Of(DataflowGraph graph)
    {
        foreach (var node in graph.Nodes)
        {
            if (node.Program is { Kind: not (ProgramKind.CSharpFile or ProgramKind.CSharpProject or ProgramKind.Shell), Source: var source } && System.IO.Path.IsPathRooted(source))
                yield return new WatchedProgram(node.Id, null, source);
            foreach (var op in node.Operators.Where(op => op.Kind != OperatorKind.CSharp || op.Source.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)))
                yield return new WatchedProgram(node.Id, op.Id, op.Source);
        }
    }

    /// <summary>Of what the file holds; null: it is not there, or somebody is writing it.</summary>
    public string? Hash()
    {
        try
        {
            using var content = File.OpenRead(Path);
            return Convert.ToHexStringLower(SHA256.HashData(content));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
