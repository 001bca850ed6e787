// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Descriptors;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Modules;
using Dora.Dataflows.Parsing;
using Dora.Dataflows.Resolving;

namespace Dora.Dataflows;

/// <summary>Reads a descriptor: YAML in, a resolved graph or everything that is wrong with it out. Never throws for what a file holds.</summary>
public static class DescriptorLoader
{
    /// <summary>Reads the file; its folder is where relative paths start.</summary>
    /// <param name="path">Absolute, or relative to the current folder.</param>
    /// <param name="options">What to read it against.</param>
    public static LoadResult Load(string path, LoadOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        DiagnosticBag diagnostics = new();
        var source = DescriptorFile.Read(path, path, Yaml.YamlLimits.MaxFileBytes, diagnostics);
        return source is null ? Failed(diagnostics) : Load(source, Path.GetFullPath(path), options, diagnostics);
    }

    /// <summary>Reads text that need not come from a file.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="displayPath">Its name in findings.</param>
    /// <param name="baseDirectory">Where relative paths start.</param>
    /// <param name="options">What to read it against.</param>
    public static LoadResult LoadText(string text, string displayPath, string baseDirectory, LoadOptions options)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(options);
        DiagnosticBag diagnostics = new();
        SourceText source = new(displayPath, text, Path.GetFullPath(baseDirectory));
        return DescriptorFile.IsTooLarge(source, diagnostics) ? Failed(diagnostics) : Load(source, displayPath, options, diagnostics);
    }

    internal static LoadResult LoadBytes(ReadOnlySpan<byte> utf8, string displayPath, string baseDirectory, LoadOptions options)
    {
        DiagnosticBag diagnostics = new();
        var source = DescriptorFile.Decode(utf8, new SourceText(displayPath, "", baseDirectory), diagnostics);
        return source is null ? Failed(diagnostics) : Load(source, displayPath, options, diagnostics);
    }

    private static LoadResult Load(SourceText source, string sourcePath, LoadOptions options, DiagnosticBag diagnostics)
    {
        if (DescriptorFile.ReadDataflow(source, diagnostics) is not { } root) return Failed(diagnostics);
        return ModuleExpander.Expand(root, source.Directory, diagnostics) is { } flat ? Load(flat, source, sourcePath, options, diagnostics) : Failed(diagnostics);
    }

    /// <summary>From a tree without modules on.</summary>
    internal static LoadResult Load(FlatDataflow flat, SourceText source, string sourcePath, LoadOptions options, DiagnosticBag diagnostics)
    {
        var descriptor = DescriptorReader.Read(flat, source, diagnostics);
        var graph = GraphResolver.Resolve(descriptor, sourcePath, source.Directory, options, diagnostics);
        return diagnostics.HasErrors ? Failed(diagnostics) : new LoadResult { Graph = graph, Diagnostics = diagnostics.ToImmutable() };
    }

    private static LoadResult Failed(DiagnosticBag diagnostics) => new() { Diagnostics = diagnostics.ToImmutable() };
}
