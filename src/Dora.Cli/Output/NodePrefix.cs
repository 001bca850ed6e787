// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Output;

/// <summary>The coloured name in front of a node's lines; a name has the same colour in every run.</summary>
internal sealed class NodePrefix
{
    // Readable on dark and on light; no red, which means trouble.
    private static readonly int[] Palette = [39, 208, 41, 170, 220, 81, 141, 113, 214, 69, 178, 43, 205, 149];
    private const int MaxWidth = 24;
    private readonly int _width;

    public NodePrefix(IEnumerable<string> names) => _width = Math.Min(MaxWidth, names.Select(n => n.Length).DefaultIfEmpty(0).Max());

    /// <summary><c>camera    | </c>.</summary>
    public string Of(string name, Ink ink) => ink.Palette($"{name.PadRight(_width)} |", ColourOf(name)) + " ";

    private static int ColourOf(string name)
    {
        var hash = 2166136261u; // FNV-1a; string.GetHashCode differs from run to run
        foreach (var c in name)
            hash = (hash ^ c) * 16777619u;
        return Palette[hash % (uint)Palette.Length];
    }
}
