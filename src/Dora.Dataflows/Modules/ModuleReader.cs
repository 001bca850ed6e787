// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Parsing;
using Dora.Dataflows.Resolving;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Modules;

/// <summary>Reads module files, each once, and what they use in turn.</summary>
/// <param name="baseDirectory">Folder of the dataflow, which no module may leave.</param>
/// <param name="diagnostics">Where to report.</param>
internal sealed class ModuleReader(string baseDirectory, DiagnosticBag diagnostics)
{
    /// <summary>Modules in modules.</summary>
    public const int MaxDepth = 8;

    private readonly FolderConfinement _folder = new(baseDirectory, followLinks: true);

    /// <summary>Null for a file that could not be read.</summary>
    private readonly Dictionary<string, ModuleFile?> _files = new(StringComparer.Ordinal);

    /// <summary>Files being read, from the outermost in.</summary>
    private readonly List<string> _open = [];

    /// <summary>The nodes of a file, with every module that they name read.</summary>
    public NodeList ReadNodes(YamlMapping root)
    {
        YamlMapping[] nodes = [.. (root.Value("nodes") as YamlSequence)?.Items.OfType<YamlMapping>() ?? []];
        Dictionary<YamlMapping, ModuleFile> modules = [];
        foreach (var node in nodes)
        {
            if (node.Value("module") is YamlScalar { Kind: ScalarKind.Text } path && Read(path) is { } module) modules[node] = module;
        }

        return new NodeList(nodes, modules);
    }

    /// <summary>A module that is checked by itself.</summary>
    public ModuleFile? ReadAlone(SourceText source, string fullPath)
    {
        _open.Add(fullPath);
        return ReadContent(source);
    }

    private ModuleFile? Read(YamlScalar path)
    {
        string full = Path.GetFullPath(path.Text, path.Span.Source.Directory);
        if (Path.IsPathRooted(path.Text) || !_folder.Contains(full))
        {
            diagnostics.Error(
                "DF0302", path.Span,
                $"the module {Quoted.Text(path.Text)} is outside the dataflow's folder",
                "A dataflow and its modules are moved and sent together.",
                "copy the module into the folder and name it by a relative path");
            return null;
        }

        if (_open.IndexOf(full) is >= 0 and int start)
        {
            string loop = string.Join(" → ", _open.Skip(start).Append(full).Select(f => Path.GetRelativePath(baseDirectory, f)));
            diagnostics.Error(
                "DF0303", path.Span,
                $"the module {Quoted.Text(path.Text)} contains itself: {loop}",
                "It would never end.",
                "take the shared part out into a module of its own");
            return null;
        }

        if (!_files.TryGetValue(full, out var module)) _files[full] = module = ReadFile(path, full);
        if (module is null || _open.Count + module.Height <= MaxDepth) return module;
        ReportDepth(path);
        return null;
    }

    private ModuleFile? ReadFile(YamlScalar path, string full)
    {
        // Files that are too deep must not be opened: their depth is only known when they are read.
        if (_open.Count >= MaxDepth)
        {
            ReportDepth(path);
            return null;
        }

        if (!File.Exists(full))
        {
            diagnostics.Error(
                "DF0301", path.Span,
                $"there is no module file {Quoted.Text(path.Text)}",
                $"It was looked for at {full}.",
                "mend the path; it starts at the folder of the file that it is written in");
            return null;
        }

        string display = Path.Combine(Path.GetDirectoryName(path.Span.Source.DisplayPath) ?? "", path.Text);
        var source = DescriptorFile.Read(full, display, YamlLimits.MaxModuleBytes, diagnostics, isModule: true);
        if (source is null) return null;
        _open.Add(full);
        var module = ReadContent(source);
        _open.RemoveAt(_open.Count - 1);
        return module;
    }

    private ModuleFile? ReadContent(SourceText source)
    {
        if (DescriptorFile.ReadModule(source, diagnostics) is not { } root) return null;
        var header = root.Value("module") as YamlMapping;
        Dictionary<string, PortKind> inputs = new(StringComparer.Ordinal);
        AddPorts(header, "inputs", PortKind.Required, inputs);
        AddPorts(header, "inputs_optional", PortKind.Optional, inputs);
        var nodes = ReadNodes(root);
        ModuleChecks checks = new(nodes, diagnostics);
        checks.CheckIds();
        checks.CheckModuleNodes();
        checks.CheckSources(inputs);
        return new ModuleFile
        {
            Source = source,
            Name = header?.Value("name") is YamlScalar name ? name.Text : "",
            Inputs = inputs,
            Nodes = nodes,
            Exports = checks.Exports(header?.Value("outputs") as YamlSequence),
            Build = root.Value("build") is YamlScalar { IsNull: false } build ? build.Text : null,
            Count = nodes.Count,
            Height = 1 + nodes.Modules.Values.Select(m => m.Height).DefaultIfEmpty().Max(),
        };
    }

    private void AddPorts(YamlMapping? header, string key, PortKind kind, Dictionary<string, PortKind> ports)
    {
        foreach (var port in (header?.Value(key) as YamlSequence)?.Items.OfType<YamlScalar>() ?? [])
        {
            if (!ports.TryAdd(port.Text, kind))
                diagnostics.Error("DF0105", port.Span, $"the module lists the port {Quoted.Text(port.Text)} twice", fix: "remove one of them");
        }
    }

    private void ReportDepth(YamlScalar path) =>
        diagnostics.Error(
            "DF0304", path.Span,
            $"modules are nested more than {MaxDepth} deep at {Quoted.Text(path.Text)}",
            fix: "make the inner modules part of the outer ones");
}
