// SPDX-License-Identifier: Apache-2.0

using Dora.Cli.Output;
using Dora.Dataflows.Graph;

namespace Dora.Cli.Building;

/// <summary>The <c>build:</c> lines of nodes and operators: shell commands, in the descriptor's order, in its folder.</summary>
internal static class BuildLines
{
    public static IEnumerable<(string Name, string Line)> Of(DataflowGraph graph) => graph.Nodes.SelectMany(node => node.Build
        .Select(line => (node.Id.Value, line))
        .Concat(node.Operators.SelectMany(op => op.Build.Select(line => ($"{node.Id}/{op.Id}", line)))));

    /// <summary>Runs them one after the other; the first that fails ends it.</summary>
    /// <returns>Whether all went well.</returns>
    public static async Task<bool> RunAsync(DataflowGraph graph, Terminal terminal, CancellationToken cancel)
    {
        var ink = terminal.ErrorInk;
        NodePrefix prefix = new(Of(graph).Select(b => b.Name));
        foreach (var (name, line) in Of(graph))
        {
            var tag = prefix.Of(name, ink);
            terminal.Error.WriteLine($"{tag}{ink.Bold("$ " + line)}");
            var result = await ToolProcess.RunAsync("/bin/sh", ["-c", line], graph.BaseDirectory, cancel, said => terminal.Error.WriteLine(tag + Printable.Of(said)));
            if (result.ExitCode == 0)
                continue;
            terminal.Error.WriteLine($"{ink.Red("error:")} the build line of {name} ended with exit code {result.ExitCode}: {line}");
            return false;
        }

        return true;
    }
}
