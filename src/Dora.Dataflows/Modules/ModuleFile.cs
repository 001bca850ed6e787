// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Modules;

/// <summary>A module that was read and checked, independent of where it is used.</summary>
internal sealed class ModuleFile
{
    public required SourceText Source { get; init; }

    public required string Name { get; init; }

    /// <summary>Required ports, then optional ones.</summary>
    public required IReadOnlyDictionary<string, PortKind> Inputs { get; init; }

    public required NodeList Nodes { get; init; }

    /// <summary>Per output port the source that produces it, seen from inside: <c>controller/cmd</c>, <c>inner.node/op/cmd</c>.</summary>
    public required IReadOnlyDictionary<string, string> Exports { get; init; }

    /// <summary>Shell lines that run before those of each inner node; null when there are none.</summary>
    public string? Build { get; init; }

    /// <summary>Nodes and operators when all is written out; more than the limit is all the same.</summary>
    public required long Count { get; init; }

    /// <summary>1 for a module without modules in it.</summary>
    public required int Height { get; init; }
}

internal enum PortKind
{
    Required,
    Optional,
}

/// <summary>The nodes of one file with the modules that some of them stand for.</summary>
internal sealed class NodeList
{
    private readonly Dictionary<string, YamlMapping> _byId = new(StringComparer.Ordinal);

    public NodeList(IReadOnlyList<YamlMapping> nodes, IReadOnlyDictionary<YamlMapping, ModuleFile> modules)
    {
        (Nodes, Modules) = (nodes, modules);
        foreach (var node in nodes)
        {
            if (IdOf(node) is { } id) _byId.TryAdd(id, node);
        }
    }

    public IReadOnlyList<YamlMapping> Nodes { get; }

    /// <summary>Only nodes whose module could be read.</summary>
    public IReadOnlyDictionary<YamlMapping, ModuleFile> Modules { get; }

    public IEnumerable<string> Ids => _byId.Keys;

    /// <summary>Nodes and operators when all is written out; cut off above the limit, so that it can't overflow.</summary>
    public long Count => Nodes.Aggregate(0L, (sum, n) => Math.Min(sum + CountOf(n), YamlLimits.MaxExpandedNodes + 1L));

    public YamlMapping? Find(string id) => _byId.GetValueOrDefault(id);

    public long CountOf(YamlMapping node) =>
        Modules.TryGetValue(node, out var module) ? module.Count : 1 + NodeTree.Operators(node).Count();

    /// <summary>The only node with an operator of that id.</summary>
    public string? OnlyHostOf(string operatorId)
    {
        string[] hosts = [.. _byId.Where(n => NodeTree.Operators(n.Value).Any(o => o.Id == operatorId)).Select(n => n.Key).Take(2)];
        return hosts.Length == 1 ? hosts[0] : null;
    }

    /// <summary>Null when it is missing or no text.</summary>
    public static string? IdOf(YamlMapping node) => node.Value("id") is YamlScalar { IsNull: false } id ? id.Text : null;
}
