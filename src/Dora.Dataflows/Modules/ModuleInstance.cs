// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Modules;

/// <summary>What one use of a module gives to the nodes inside; at the top, nothing.</summary>
internal sealed record ModuleInstance
{
    /// <summary>The dataflow itself.</summary>
    public static readonly ModuleInstance Top = new();

    /// <summary>Before each inner id: <c>nav.</c>; empty at the top.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Id of the module node with its own prefix; null at the top.</summary>
    public string? Path { get; init; }

    /// <summary>What the outside wrote for each connected port, its source already seen from the top.</summary>
    public ImmutableDictionary<string, YamlNode> Ports { get; init; } = ImmutableDictionary<string, YamlNode>.Empty;

    /// <summary>By upper-case name; those of outer modules included.</summary>
    public ImmutableSortedDictionary<string, YamlScalar> Parameters { get; init; } = ImmutableSortedDictionary.Create<string, YamlScalar>(StringComparer.Ordinal);

    /// <summary>Variables from module nodes, the innermost last.</summary>
    public ImmutableArray<YamlEntry> Environment { get; init; } = [];

    /// <summary>Shell lines to run first, the outermost first.</summary>
    public ImmutableArray<string> Build { get; init; } = [];

    public YamlNode? Deploy { get; init; }

    /// <summary>A module that is looked at by itself has no parameters yet: leave them as they are.</summary>
    public bool KeepsUnknownParameters { get; init; }
}
