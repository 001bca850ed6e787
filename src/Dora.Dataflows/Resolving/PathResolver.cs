// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Descriptors;
using Dora.Dataflows.Diagnostics;

namespace Dora.Dataflows.Resolving;

/// <summary>Makes paths absolute and looks whether they stay inside the dataflow's folder and exist.</summary>
internal sealed class PathResolver(string baseDirectory, SourceText main, bool allowOutside, LoadOptions options, DiagnosticBag diagnostics)
{
    private readonly FolderConfinement _folder = new(baseDirectory, options.CheckFiles);

    public bool ChecksFiles => options.CheckFiles;

    /// <summary>Relative paths start at the file that they are written in.</summary>
    /// <param name="path">As written.</param>
    /// <param name="subject">What it is, for messages: <c>'path' of node 'x'</c>.</param>
    public string Resolve(Located<string> path, string subject)
    {
        string full = Path.GetFullPath(path.Value, path.Span.Source.Directory);
        if (_folder.Contains(full)) return full;
        if (path.Span.Source != main)
            diagnostics.Error(
                "DF0302", path.Span,
                $"{subject} leaves the dataflow's folder: {Quoted.Text(path.Value)}",
                "A module may come from elsewhere; it reaches nothing outside.",
                "keep what a module needs beside it");
        else if (!allowOutside)
            diagnostics.Warning(
                "DF0124", path.Span,
                $"{subject} is outside the dataflow's folder: {Quoted.Text(path.Value)}",
                "It is missing when the folder is moved or sent to another machine.",
                "move it inside, or say 'allow_outside: true' at the top");
        return full;
    }

    /// <summary>The first file of that name in <c>PATH</c>; null when there is none.</summary>
    public string? FindCommand(string name)
    {
        if (!options.Environment.TryGetValue("PATH", out string? path)) return null;
        return path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathRooted)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
    }

    public void RequireFile(Located<string> path, string full, string subject)
    {
        if (!options.CheckFiles || File.Exists(full)) return;
        string problem = Directory.Exists(full) ? "is a folder" : "does not exist";
        diagnostics.Error(
            "DF0119", path.Span,
            $"{subject}: the file {Quoted.Text(path.Value)} {problem}{NeighbourHint(full)}",
            $"It was looked for at {full}.",
            "mend the path, or add 'build' with the command that makes it");
    }

    public void RequireDirectory(Located<string> path, string full, string subject)
    {
        if (options.CheckFiles && !Directory.Exists(full))
            diagnostics.Error(
                "DF0134", path.Span,
                $"{subject}: the folder {Quoted.Text(path.Value)} does not exist",
                $"It was looked for at {full}.",
                "make the folder or mend the path");
    }

    private static string NeighbourHint(string full)
    {
        try
        {
            var folder = new DirectoryInfo(Path.GetDirectoryName(full) ?? "/");
            return folder.Exists ? Suggestion.DidYouMean(Path.GetFileName(full), folder.EnumerateFileSystemInfos().Take(500).Select(f => f.Name)) : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return ""; // a hint only
        }
    }
}
