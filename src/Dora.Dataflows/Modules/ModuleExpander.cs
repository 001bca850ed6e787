// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Modules;

/// <summary>Replaces nodes that stand for modules by the modules' nodes, tree by tree, so that every place stays known.</summary>
internal sealed class ModuleExpander
{
    private readonly DiagnosticBag _diagnostics;
    private readonly List<YamlMapping> _flat = [];
    private readonly Dictionary<YamlMapping, string> _moduleOf = [];
    private ModuleExpander(DiagnosticBag diagnostics) => _diagnostics = diagnostics;

    /// <param name="root">A dataflow whose shape was checked.</param>
    /// <param name="baseDirectory">Its folder.</param>
    /// <param name="diagnostics">Where to report.</param>
    /// <returns>Null when that would be too much.</returns>
    public static FlatDataflow? Expand(YamlMapping root, string baseDirectory, DiagnosticBag diagnostics)
    {
        if (root.Value("nodes") is not YamlSequence list || !list.Items.Any(n => n is YamlMapping m && m.Find("module") is not null))
            return new FlatDataflow(root, ImmutableDictionary<YamlMapping, string>.Empty);
        var nodes = new ModuleReader(baseDirectory, diagnostics).ReadNodes(root);
        ModuleChecks checks = new(nodes, diagnostics);
        checks.CheckModuleNodes();
        checks.CheckModuleOutputs();
        if (IsTooMuch(nodes, diagnostics)) return null;
        ModuleExpander expander = new(diagnostics);
        expander.Add(nodes, ModuleInstance.Top);
        return new FlatDataflow(root.With("nodes", new YamlSequence(list.Span, expander._flat)), expander._moduleOf);
    }

    /// <summary>A module by itself, its ports left open.</summary>
    public static FlatDataflow? ExpandAlone(ModuleFile module, DiagnosticBag diagnostics)
    {
        if (IsTooMuch(module.Nodes, diagnostics)) return null;
        ModuleExpander expander = new(diagnostics);
        expander.Add(module.Nodes, ModuleInstance.Top with { KeepsUnknownParameters = true });
        YamlMapping empty = new(module.Source.Start, []);
        return new FlatDataflow(empty.With("nodes", new YamlSequence(module.Source.Start, expander._flat)), expander._moduleOf);
    }

    /// <summary>Known without expanding: each file knows what it comes to.</summary>
    private static bool IsTooMuch(NodeList nodes, DiagnosticBag diagnostics)
    {
        if (nodes.Count <= YamlLimits.MaxExpandedNodes) return false;
        var largest = nodes.Modules.MaxBy(m => m.Value.Count).Key;
        diagnostics.Error(
            "DF0016", largest.Find("module")!.Key.Span,
            $"the modules expand to more than {YamlLimits.MaxExpandedNodes:N0} nodes and operators",
            "Modules in modules multiply.",
            "use modules fewer times");
        return true;
    }

    private void Add(NodeList nodes, ModuleInstance instance)
    {
        SourceRewriter sources = new(nodes, instance, _diagnostics);
        InnerNode inner = new(instance, _diagnostics);
        foreach (var node in nodes.Nodes)
        {
            if (node.Find("module") is null)
                AddNode(node, instance, sources, inner);
            else if (nodes.Modules.TryGetValue(node, out var module) && NodeList.IdOf(node) is { } id)
                Add(module.Nodes, Enter(node, id, module, instance, sources));
        }
    }

    private void AddNode(YamlMapping node, ModuleInstance instance, SourceRewriter sources, InnerNode inner)
    {
        var flat = inner.Adapt(NodeTree.RewritePortOwners(node, sources.Rewrite));
        _flat.Add(flat);
        if (instance.Path is { } path) _moduleOf[flat] = path;
    }

    private ModuleInstance Enter(YamlMapping node, string id, ModuleFile module, ModuleInstance outer, SourceRewriter sources)
    {
        ParameterSubstitution substitution = new(outer, _diagnostics);
        var wired = sources.Rewrite(node).Value("inputs") as YamlMapping;
        var parameters = outer.Parameters;
        foreach (var (key, value) in (node.Value("params") as YamlMapping)?.Entries ?? [])
        {
            if (value is YamlScalar { IsNull: false } scalar)
                parameters = parameters.SetItem(key.Text.ToUpperInvariant(), (YamlScalar)substitution.Apply(scalar, escapesDollar: false));
        }

        var variables = InnerNode.Variables(node.Value("env")).Select(e => e with { Value = substitution.Apply(e.Value, escapesDollar: true) });
        string?[] build = [(node.Value("build") as YamlScalar)?.Text, module.Build];
        return outer with
        {
            Prefix = $"{outer.Prefix}{id}.",
            Path = outer.Prefix + id,
            Ports = (wired?.Entries ?? []).ToImmutableDictionary(e => e.Key.Text, e => e.Value, StringComparer.Ordinal),
            Parameters = parameters,
            Environment = [.. outer.Environment, .. variables],
            Build = [.. outer.Build, .. build.OfType<string>()],
            Deploy = node.Value("deploy") ?? node.Value("_unstable_deploy") ?? outer.Deploy,
        };
    }
}

/// <summary>A dataflow without modules.</summary>
/// <param name="Root">Its tree; places in it may be in module files.</param>
/// <param name="ModuleOf">For nodes that came out of a module, the id of the innermost module node.</param>
internal sealed record FlatDataflow(YamlMapping Root, IReadOnlyDictionary<YamlMapping, string> ModuleOf);
