// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Parsing;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Modules;

/// <summary>What can be said about the nodes of one file before anything is expanded.</summary>
internal sealed class ModuleChecks(NodeList nodes, DiagnosticBag diagnostics)
{
    /// <summary>Keys that mean something on a node that stands for a module; the rest belongs to the nodes inside.</summary>
    private static readonly string[] ModuleNodeKeys =
        ["id", "name", "description", "module", "params", "inputs", "outputs", "env", "build", "deploy", "_unstable_deploy"];

    /// <summary>Inside a module, where positions are those of the module; the dataflow's own nodes are compared after expansion.</summary>
    public void CheckIds()
    {
        Dictionary<string, SourceSpan> first = new(StringComparer.Ordinal);
        foreach (var id in nodes.Nodes.Select(n => n.Value("id")).OfType<YamlScalar>())
        {
            if (!first.TryAdd(id.Text, id.Span))
                diagnostics.Error(
                    "DF0105", id.Span,
                    $"there are two nodes {Quoted.Text(id.Text)} in this module; the first is on line {first[id.Text].Line}",
                    "Sources and messages could mean either.",
                    "rename one of them");
        }
    }

    /// <summary>Each node that stands for a module: its keys, connections and parameters.</summary>
    public void CheckModuleNodes()
    {
        foreach (var node in nodes.Nodes.Where(n => n.Find("module") is not null))
        {
            string label = $"node {Quoted.Text(NodeList.IdOf(node) ?? "")}";
            foreach (var entry in node.Entries.Where(e => !ModuleNodeKeys.Contains(e.Key.Text) && Keys.NodeKeys.Node.Find(e.Key.Text) is not null))
                diagnostics.Error(
                    "DF0118", entry.Key.Span,
                    $"{label} can't have {Quoted.Text(entry.Key.Text)} beside 'module'",
                    "It would do nothing: the module's nodes take its place.",
                    "write it on the nodes in the module's file");
            CheckParameters(node, label);
            if (nodes.Modules.TryGetValue(node, out var module)) CheckConnections(node, module, label);
        }
    }

    /// <summary>Inside a module: ports exist, and nodes that are named are here.</summary>
    public void CheckSources(IReadOnlyDictionary<string, PortKind> ports)
    {
        foreach (var (id, source) in nodes.Nodes.SelectMany(NodeTree.PortOwners).SelectMany(SourcesOf))
        {
            string what = $"input {Quoted.Text(id)} reads {Quoted.Text(source.Text)}, but";
            switch (SourceSyntax.Parse(source.Text))
            {
                case SourceSyntax.Port port when !ports.ContainsKey(port.Name):
                    diagnostics.Error(
                        "DF0308", source.Span,
                        $"{what} the module has no port {Quoted.Text(port.Name)}{diagnostics.DidYouMean(port.Name, ports.Keys)}",
                        fix: "add it to 'inputs' or 'inputs_optional' of the header");
                    break;
                case SourceSyntax.Output output when nodes.Find(output.Node) is null && (output.Operator is not null || nodes.OnlyHostOf(output.Node) is null):
                    diagnostics.Error(
                        "DF0106", source.Span,
                        $"{what} there is no node {Quoted.Text(output.Node)} in this module{diagnostics.DidYouMean(output.Node, nodes.Ids)}",
                        fix: "from outside a module reads only its ports: '_mod/<port>'");
                    break;
                case SourceSyntax.Output output when OutsideExports(output) is { } module:
                    ReportNotExported(source, what, output, module);
                    break;
                case SourceSyntax.Output output when LacksOutput(output) is { } outputs:
                    diagnostics.Error(
                        "DF0107", source.Span,
                        $"{what} {Quoted.Text(output.Node)} has no output {Quoted.Text(output.Name)}{diagnostics.DidYouMean(output.Name, outputs)}",
                        fix: $"its outputs are {Quoted.OneOf(outputs)}");
                    break;
            }
        }
    }

    /// <summary>Who produces each output port: exactly one node.</summary>
    public Dictionary<string, string> Exports(YamlSequence? outputs)
    {
        Dictionary<string, string> exports = new(StringComparer.Ordinal);
        foreach (var port in outputs?.Items.OfType<YamlScalar>() ?? [])
        {
            string[] producers = [.. nodes.Nodes.SelectMany(n => Producers(n, port.Text))];
            if (producers.Length == 1 && !exports.TryAdd(port.Text, producers[0]))
                diagnostics.Error("DF0105", port.Span, $"the module lists the port {Quoted.Text(port.Text)} twice", fix: "remove one of them");
            if (producers.Length == 0)
                diagnostics.Error(
                    "DF0309", port.Span,
                    $"no node of the module has the output {Quoted.Text(port.Text)}{diagnostics.DidYouMean(port.Text, AllOutputs())}",
                    fix: "name an output of a node inside; ports can't rename outputs");
            if (producers.Length > 1)
                diagnostics.Error(
                    "DF0310", port.Span,
                    $"the output {Quoted.Text(port.Text)} is produced by {producers.Length} nodes: {Quoted.OneOf(producers)}",
                    "A reader outside could mean any of them.",
                    "rename the outputs that stay inside");
        }

        return exports;
    }

    /// <summary>Inputs of one mapping with the scalar that names their source.</summary>
    public static IEnumerable<(string Id, YamlScalar Source)> SourcesOf(YamlMapping owner)
    {
        if (owner.Value("inputs") is not YamlMapping inputs) yield break;
        foreach (var (key, value) in inputs.Entries)
        {
            var source = value is YamlMapping longForm ? longForm.Value("source") : value;
            if (source is YamlScalar { Kind: ScalarKind.Text } scalar) yield return (key.Text, scalar);
        }
    }

    /// <summary>The module that a source names, if it does not export what is asked for.</summary>
    private ModuleFile? OutsideExports(SourceSyntax.Output output) =>
        nodes.Find(output.Node) is { } node && nodes.Modules.TryGetValue(node, out var module)
            && (output.Operator is not null || !module.Exports.ContainsKey(output.Name)) ? module : null;

    /// <summary>For the dataflow itself: sources that name a module's output which it does not export.</summary>
    public void CheckModuleOutputs()
    {
        foreach (var (id, source) in nodes.Nodes.SelectMany(NodeTree.PortOwners).SelectMany(SourcesOf))
        {
            if (SourceSyntax.Parse(source.Text) is SourceSyntax.Output output && OutsideExports(output) is { } module)
                ReportNotExported(source, $"input {Quoted.Text(id)} reads {Quoted.Text(source.Text)}, but", output, module);
        }
    }

    /// <summary>The outputs of the program that a source names, if what is asked for is not among them. Operators are judged after expansion.</summary>
    private string[]? LacksOutput(SourceSyntax.Output output)
    {
        if (output.Operator is not null || nodes.Find(output.Node) is not { } node) return null;
        if (node.Find("module") is not null || NodeTree.Operators(node).Any()) return null;
        string[] outputs = [.. NodeTree.Outputs(node).Select(o => o.Port)];
        return node.Value("outputs") is null or YamlSequence && !outputs.Contains(output.Name) ? outputs : null;
    }

    private void ReportNotExported(YamlScalar source, string what, SourceSyntax.Output output, ModuleFile module) =>
        diagnostics.Error(
            "DF0107", source.Span,
            $"{what} the module {Quoted.Text(output.Node)} has no output {Quoted.Text(output.Name)}{diagnostics.DidYouMean(output.Name, module.Exports.Keys)}",
            fix: $"its outputs are {Quoted.OneOf(module.Exports.Keys)}");

    private void CheckConnections(YamlMapping node, ModuleFile module, string label)
    {
        var inputs = node.Value("inputs") as YamlMapping;
        foreach (var entry in inputs?.Entries ?? [])
        {
            if (!module.Inputs.ContainsKey(entry.Key.Text))
                diagnostics.Error(
                    "DF0306", entry.Key.Span,
                    $"the module of {label} has no port {Quoted.Text(entry.Key.Text)}{diagnostics.DidYouMean(entry.Key.Text, module.Inputs.Keys)}",
                    fix: $"its ports are {Quoted.OneOf(module.Inputs.Keys)}");
        }

        foreach (var (port, _) in module.Inputs.Where(p => p.Value == PortKind.Required && inputs?.Find(p.Key) is null))
            diagnostics.Error(
                "DF0307", node.Find("module")!.Key.Span,
                $"{label} leaves the port {Quoted.Text(port)} of its module open",
                fix: $"add '{port}: <node>/<output>' to its inputs, or make the port optional in the module");
        foreach (var output in (node.Value("outputs") as YamlSequence)?.Items.OfType<YamlScalar>() ?? [])
        {
            if (!module.Exports.ContainsKey(output.Text))
                diagnostics.Error(
                    "DF0107", output.Span,
                    $"the module of {label} has no output {Quoted.Text(output.Text)}{diagnostics.DidYouMean(output.Text, module.Exports.Keys)}",
                    fix: "remove it: a module lists its outputs itself");
        }
    }

    private void CheckParameters(YamlMapping node, string label)
    {
        Dictionary<string, string> first = new(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, _) in (node.Value("params") as YamlMapping)?.Entries ?? [])
        {
            if (!first.TryAdd(key.Text, key.Text))
                diagnostics.Error(
                    "DF0313", key.Span,
                    $"the parameters {Quoted.Text(first[key.Text])} and {Quoted.Text(key.Text)} of {label} are the same $PARAM_{key.Text.ToUpperInvariant()}",
                    fix: "rename one of them");
        }
    }

    private IEnumerable<string> Producers(YamlMapping node, string port)
    {
        if (NodeList.IdOf(node) is not { } id) return [];
        if (node.Find("module") is null) return NodeTree.Outputs(node).Where(o => o.Port == port).Select(o => $"{id}/{o.Source}").Distinct();
        return nodes.Modules.TryGetValue(node, out var module) && module.Exports.TryGetValue(port, out string? inner) ? [$"{id}.{inner}"] : [];
    }

    private IEnumerable<string> AllOutputs() => nodes.Nodes.SelectMany(n =>
        nodes.Modules.TryGetValue(n, out var module) ? module.Exports.Keys : NodeTree.Outputs(n).Select(o => o.Port));
}
