// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Yaml;

/// <summary>Caps on what a file may ask of us; see docs/formats/dataflow.md.</summary>
internal static class YamlLimits
{
    /// <summary>Of a descriptor.</summary>
    public const int MaxFileBytes = 4 << 20;

    /// <summary>Of a module.</summary>
    public const int MaxModuleBytes = 1 << 20;

    /// <summary>Lists and mappings inside one another, aliases followed.</summary>
    public const int MaxDepth = 64;

    /// <summary>Values in one file with every alias written out. 20,000 nodes of 50 values each fit.</summary>
    public const int MaxValues = 1_000_000;

    /// <summary>Nodes and operators written in one file.</summary>
    public const int MaxNodes = 20_000;

    /// <summary>Nodes and operators after modules were expanded.</summary>
    public const int MaxExpandedNodes = 100_000;
}
