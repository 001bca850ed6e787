// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Descriptors;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Graph;
using Dora.Dataflows.Parsing;

namespace Dora.Dataflows.Resolving;

/// <summary>Finds out what to start for a node.</summary>
internal sealed class ProgramResolver(PathResolver paths, LoadOptions options, DiagnosticBag diagnostics)
{
    /// <summary>Null when there is nothing to start, or when it was reported.</summary>
    public NodeProgram? Resolve(NodeDescriptor node) => node.Form switch
    {
        NodeForm.Shell => Shell(node),
        NodeForm.Program when node.Path is { } path => Program(node, path),
        NodeForm.Program => Missing(node),
        _ => null,
    };

    private NodeProgram? Missing(NodeDescriptor node)
    {
        // 'path' was there, so its shape was reported; 'custom' may lack both of its names for it.
        if (node.Mapping.Find("custom") is { Value: Yaml.YamlMapping custom } entry && custom.Find("source") is null && custom.Find("run") is null)
            diagnostics.Error(
                "DF0102", entry.Key.Span,
                $"'custom' of {node.Label} lacks the key 'source'",
                fix: "write the program as 'path' on the node itself");
        return null;
    }

    private NodeProgram? Shell(NodeDescriptor node)
    {
        var path = node.Path!.Value;
        if (node.Arguments.Line is not { } line)
        {
            diagnostics.Error(
                "DF0102", path.Span,
                $"{node.Label} is a shell node, but has no line to run",
                fix: "add 'args: <shell line>'");
            return null;
        }

        if (options.AllowShell) return new NodeProgram { Kind = ProgramKind.Shell, Source = line.Value };
        diagnostics.Error(
            "DF0125", path.Span,
            $"{node.Label} is a shell node, which is not allowed here",
            "A shell line can do anything that you can; a descriptor from elsewhere should not.",
            "read the line, then allow it with --allow-shell-nodes; or start the program itself with 'path' and 'args'");
        return null;
    }

    private NodeProgram? Program(NodeDescriptor node, Located<string> path)
    {
        string subject = $"'path' of {node.Label}";
        if (path.Value.Contains("://", StringComparison.Ordinal))
        {
            diagnostics.Error(
                "DF0905", path.Span,
                $"{subject} is not supported yet: downloading programs",
                fix: "download the program yourself and give its path");
            return null;
        }

        var arguments = Arguments(node);
        var kind = KindOf(path.Value);
        string beside = Path.GetFullPath(path.Value, path.Span.Source.Directory);
        if (kind == ProgramKind.Executable && !path.Value.Contains('/', StringComparison.Ordinal) && !File.Exists(beside) && node.Build.IsEmpty)
            return Command(path, arguments, subject);
        string full = paths.Resolve(path, subject);
        if (node.Build.IsEmpty) paths.RequireFile(path, full, subject);
        if (kind == ProgramKind.Executable && paths.ChecksFiles && node.Build.IsEmpty) RequireExecutable(path, full, subject);
        return new NodeProgram { Kind = kind, Source = full, Arguments = arguments };
    }

    private NodeProgram? Command(Located<string> path, ImmutableArray<string> arguments, string subject)
    {
        if (paths.ChecksFiles && paths.FindCommand(path.Value) is null)
        {
            diagnostics.Error(
                "DF0119", path.Span,
                $"{subject}: {Quoted.Text(path.Value)} is neither a file beside the descriptor nor a command in PATH",
                fix: "mend the name, install the command, or add 'build' with what makes it");
            return null;
        }

        return new NodeProgram { Kind = ProgramKind.Executable, Source = path.Value, Arguments = arguments };
    }

    private void RequireExecutable(Located<string> path, string full, string subject)
    {
        const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        if (OperatingSystem.IsWindows() || !File.Exists(full) || (File.GetUnixFileMode(full) & AnyExecute) != 0) return;
        diagnostics.Error(
            "DF0132", path.Span,
            $"{subject}: the file {Quoted.Text(path.Value)} is not executable",
            fix: $"run 'chmod +x {path.Value}', or name a .cs, .csproj, .dll or .py file");
    }

    private ImmutableArray<string> Arguments(NodeDescriptor node)
    {
        if (node.Arguments.Line is not { } line) return node.Arguments.List;
        if (ArgumentLine.TrySplit(line.Value, out var words, out string problem)) return words;
        diagnostics.Error(
            "DF0126", line.Span,
            $"'args' of {node.Label} can't be split into words: {problem}",
            fix: "close the quote, or write a list with one argument an item");
        return [];
    }

    private static ProgramKind KindOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".cs" => ProgramKind.CSharpFile,
        ".csproj" => ProgramKind.CSharpProject,
        ".dll" => ProgramKind.DotnetAssembly,
        ".py" => ProgramKind.Python,
        _ => ProgramKind.Executable,
    };
}
