// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Expanding;
using Dora.Dataflows.Modules;
using Dora.Dataflows.Parsing;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows;

/// <summary>Writes a dataflow out flat: modules replaced by their nodes, aliases and merge keys by what they stand for.</summary>
/// <remarks>Variables stay as they are written, so that no value of the environment ends up in a file.</remarks>
public static class DescriptorExpander
{
    /// <summary>Reads and checks the file, then gives its flattened YAML, which loads to the same graph from the same folder.</summary>
    /// <param name="path">A dataflow.</param>
    /// <param name="options">What to read it against.</param>
    public static ExpandResult Expand(string path, LoadOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        DiagnosticBag diagnostics = new();
        var source = DescriptorFile.Read(path, path, YamlLimits.MaxFileBytes, diagnostics);
        return source is null ? new ExpandResult(null, diagnostics.ToImmutable()) : Expand(source, Path.GetFullPath(path), options, diagnostics);
    }

    internal static ExpandResult ExpandText(string text, string displayPath, string baseDirectory, LoadOptions options) =>
        Expand(new SourceText(displayPath, text, baseDirectory), displayPath, options, new DiagnosticBag());

    private static ExpandResult Expand(SourceText source, string sourcePath, LoadOptions options, DiagnosticBag diagnostics)
    {
        if (DescriptorFile.ReadDataflow(source, diagnostics) is not { } root || ModuleExpander.Expand(root, source.Directory, diagnostics) is not { } flat)
            return new ExpandResult(null, diagnostics.ToImmutable());
        var loaded = DescriptorLoader.Load(flat, source, sourcePath, options, diagnostics);
        return new ExpandResult(loaded.HasErrors ? null : Write(flat.Root, source.Directory), loaded.Diagnostics);
    }

    /// <summary>Reads and checks a module by itself, its ports left open.</summary>
    /// <param name="path">A module.</param>
    /// <param name="options">What to read it against.</param>
    public static ExpandResult ExpandModule(string path, LoadOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        DiagnosticBag diagnostics = new();
        string full = Path.GetFullPath(path);
        if (DescriptorFile.Read(path, path, YamlLimits.MaxModuleBytes, diagnostics) is not { } source
            || new ModuleReader(source.Directory, diagnostics).ReadAlone(source, full) is not { } module
            || ModuleExpander.ExpandAlone(module, diagnostics) is not { } flat)
            return new ExpandResult(null, diagnostics.ToImmutable());
        var loaded = DescriptorLoader.Load(flat, source, full, options with { RequireVariables = false }, diagnostics);
        return new ExpandResult(loaded.HasErrors ? null : Write(flat.Root, source.Directory), loaded.Diagnostics);
    }

    private static string Write(YamlMapping root, string baseDirectory)
    {
        PathRebase rebase = new(baseDirectory);
        if (root.Value("nodes") is YamlSequence nodes)
            root = root.With("nodes", new YamlSequence(nodes.Span, [.. nodes.Items.Select(n => n is YamlMapping node ? rebase.Node(node) : n)]));
        return YamlWriter.Write(root);
    }
}

/// <summary>What became of an expansion.</summary>
/// <param name="Yaml">Null when there is an error.</param>
/// <param name="Diagnostics">By file and position.</param>
public sealed record ExpandResult(string? Yaml, ImmutableArray<Diagnostic> Diagnostics)
{
    public bool HasErrors => Diagnostics.Any(d => d.IsError);
}
