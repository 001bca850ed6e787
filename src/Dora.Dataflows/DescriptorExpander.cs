// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows;

/// <summary>Writes a dataflow out flat: modules replaced by their nodes.</summary>
public static class DescriptorExpander
{
    /// <summary>Reads and checks the file, then gives its flattened YAML.</summary>
    public static ExpandResult Expand(string path, LoadOptions options) => throw new NotSupportedException();
}

/// <summary>What became of an expansion.</summary>
/// <param name="Yaml">Null when there is an error.</param>
/// <param name="Diagnostics">By file and position.</param>
public sealed record ExpandResult(string? Yaml, System.Collections.Immutable.ImmutableArray<Diagnostics.Diagnostic> Diagnostics)
{
    public bool HasErrors => Diagnostics.Any(d => d.IsError);
}
