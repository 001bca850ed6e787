// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.Dataflows.Graph;

namespace Dora.UnitTests.Dataflows;

/// <summary>A graph as text: everything that is not a default, one fact a line.</summary>
internal static class GraphText
{
    public static string Of(DataflowGraph graph)
    {
        StringBuilder text = new();
        if (graph.ExitWhenNodesFinish) text.AppendLine("exit_when_nodes_finish");
        foreach (var node in graph.Nodes) Append(text, node, graph.BaseDirectory);
        return text.ToString();
    }

    private static void Append(StringBuilder text, GraphNode node, string folder)
    {
        text.AppendLine($"node {node.Id}: {node.Kind}{Named(node.Name, node.Description)}{(node.Module is null ? "" : $", of module {node.Module}")}");
        if (node.Program is { } program) text.AppendLine($"  program {program.Kind} {program.Source}{string.Concat(program.Arguments.Select(a => $" <{a}>"))}");
        foreach (string line in node.Build) text.AppendLine($"  build {line}");
        foreach (var (name, value) in node.Environment) text.AppendLine($"  env {name}={value}");
        if (node.WorkingDirectory != folder) text.AppendLine($"  working directory {node.WorkingDirectory}");
        foreach (var input in node.Inputs) text.AppendLine($"  input {Text(input)}");
        foreach (var output in node.Outputs)
        {
            string type = node.OutputTypes.TryGetValue(output, out string? t) ? $", {t}" : "";
            string keys = node.OutputMetadata.TryGetValue(output, out var k) ? $", with {string.Join(" ", k)}" : "";
            text.AppendLine($"  output {output}{type}{keys}");
        }

        foreach (var op in node.Operators)
        {
            text.AppendLine($"  operator {op.Id}: {op.Kind} {op.Source}{Named(op.Name, op.Description)}");
            if (op.Timing != new TimingSettings()) text.AppendLine($"    {op.Timing}");
            if (op.Wasm is { } limits && limits != new WasmLimits()) text.AppendLine($"    {limits}");
            if (op.Thread is { } thread) text.AppendLine($"    thread {thread}");
            if (op.State is { } state) text.AppendLine($"    {state}");
            foreach (string line in op.Build) text.AppendLine($"    build {line}");
            foreach (var input in op.Inputs) text.AppendLine($"    input {Text(input)}");
            foreach (var output in op.Outputs) text.AppendLine($"    output {output}");
            if (op.Join is { } operatorJoin) text.AppendLine($"    join {Text(operatorJoin)}");
        }

        if (node.Join is { } join) text.AppendLine($"  join {Text(join)}");
        if (node.Restart != new RestartSettings()) text.AppendLine($"  {node.Restart}");
        if (node.Health != new HealthSettings()) text.AppendLine($"  {node.Health}");
        if (node.Logs != new LogSettings()) text.AppendLine($"  {node.Logs}");
        if (node.CpuAffinity.Length > 0) text.AppendLine($"  cpus {string.Join(" ", node.CpuAffinity)}");
        foreach (var thread in node.Threads) text.AppendLine($"  thread {thread.Name}: {thread.Policy} {thread.RtPriority}, {thread.Runtime} in {thread.Period}, nice {thread.Nice}, cpus {string.Join(" ", thread.CpuAffinity)}");
        if (node.IsRealTimeRequired) text.AppendLine("  realtime required");
        if (node.Wait != WaitStrategy.Adaptive) text.AppendLine($"  waits by {node.Wait}");
        if (node.SharedMemoryPoolBytes is { } bytes) text.AppendLine($"  shared memory {bytes}");
    }

    private static string Text(JoinSettings join) => string.Concat(
        join.Mode,
        " of ",
        string.Join(' ', join.Inputs),
        join.Collected.IsEmpty ? "" : $", collects {string.Join(' ', join.Collected)}",
        join.Tolerance is { } tolerance ? $", tolerance {tolerance}" : "",
        join.Stamp == JoinStamp.Source ? "" : $", by {join.Stamp} {join.StampParameter}".TrimEnd(),
        join.Timeout is { } timeout ? $", timeout {timeout} {join.OnTimeout}" : "",
        join.Trigger is { } trigger ? $", trigger {trigger}" : "",
        join.MaxAge is { } age ? $", max age {age}" : "",
        join.WindowCount is { } count ? $", {count} messages" : "",
        join.WindowDuration is { } duration ? $", {duration}" : "");

    private static string Named(string? name, string? description) =>
        (name is null ? "" : $", '{name}'") + (description is null ? "" : $", '{description}'");

    private static string Text(GraphInput input)
    {
        string source = input.Source is InputSource.Timer timer ? $"{timer} every {timer.IntervalNs} ns" : $"{input.Source}";
        string queue = input.QueueSize == 10 && input.QueuePolicy == QueuePolicy.DropOldest ? "" : $", queue {input.QueueSize} {input.QueuePolicy}";
        string timeout = input.InputTimeout is { } t ? $", timeout {t}" : "";
        return $"{input.Id} <- {source}{queue}{timeout}{(input.Type is null ? "" : $", {input.Type}")}";
    }
}
