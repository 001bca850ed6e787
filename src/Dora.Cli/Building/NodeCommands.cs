// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Daemon;
using Dora.Dataflows.Graph;
using Dora.Protocol;

namespace Dora.Cli.Building;

/// <summary>From what a descriptor names to what the daemon executes.</summary>
internal static class NodeCommands
{
    /// <summary>The graph with operators pointing at assemblies, and a command for each node that the daemon starts.</summary>
    /// <param name="graph">As loaded.</param>
    /// <param name="assemblies">By C# source file, from <see cref="DataflowBuilder"/>.</param>
    public static (DataflowGraph Graph, ImmutableDictionary<NodeId, NodeCommand> Commands) Resolve(DataflowGraph graph, IReadOnlyDictionary<string, string> assemblies)
    {
        var commands = graph.Nodes
            .Where(n => n.Kind != NodeKind.Dynamic)
            .ToImmutableDictionary(n => n.Id, n => Of(n, assemblies, graph.BaseDirectory));
        return (graph with { Nodes = [.. graph.Nodes.Select(n => WithPython(WithAssemblies(n, assemblies), graph.BaseDirectory))] }, commands);
    }

    /// <summary>How one node is started that the daemon starts.</summary>
    /// <param name="node">Which.</param>
    /// <param name="assemblies">By C# source file.</param>
    /// <param name="folder">Of the dataflow.</param>
    public static NodeCommand Of(GraphNode node, IReadOnlyDictionary<string, string> assemblies, string folder) =>
        node.Kind == NodeKind.Runtime ? Installation.Runtime() : Command(node, node.Program!, assemblies, folder);

    private static GraphNode WithAssemblies(GraphNode node, IReadOnlyDictionary<string, string> assemblies) => node with
    {
        Operators = [.. node.Operators.Select(o => assemblies.TryGetValue(o.Source, out var assembly) ? o with { Source = assembly } : o)],
    };

    private static GraphNode WithPython(GraphNode node, string folder) =>
        node.Operators.Any(o => o.Kind == OperatorKind.Python) && PythonInterpreter.ForRuntime(folder) is var (name, value) && !node.Environment.ContainsKey(name)
            ? node with { Environment = node.Environment.Add(name, value) }
            : node;

    private static NodeCommand Command(GraphNode node, NodeProgram program, IReadOnlyDictionary<string, string> assemblies, string folder) => program.Kind switch
    {
        ProgramKind.CSharpFile or ProgramKind.CSharpProject => new NodeCommand(Path.ChangeExtension(assemblies[program.Source], null), program.Arguments),
        ProgramKind.DotnetAssembly => new NodeCommand(Require("dotnet", node), [program.Source, .. program.Arguments]),
        ProgramKind.Python => new NodeCommand(PythonInterpreter.Find(folder) ?? Require("python3", node), ["-u", program.Source, .. program.Arguments]),
        ProgramKind.Shell => new NodeCommand("/bin/sh", ["-c", program.Source, .. program.Arguments]),
        _ => new NodeCommand(Executable(program.Source, node), program.Arguments),
    };

    private static string Executable(string source, GraphNode node)
    {
        if (!Path.IsPathRooted(source))
            return Require(source, node);
        if (!File.Exists(source))
        {
            throw new CliException($"node '{node.Id}': there is no file {source}", ExitCode.Failed,
                node.Build.Length > 0 ? "its 'build' lines make it: run 'dora build' first, or 'dora run --build'" : null);
        }

        return ProgramSearch.IsExecutable(source)
            ? source
            : throw new CliException($"node '{node.Id}': {source} is not executable", ExitCode.Failed, $"chmod +x {source}");
    }

    private static string Require(string name, GraphNode node) =>
        ProgramSearch.InPath(name) ?? throw new CliException($"node '{node.Id}' needs '{name}', which is not in PATH", ExitCode.Failed);
}
