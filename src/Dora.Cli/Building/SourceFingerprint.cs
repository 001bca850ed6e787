// SPDX-License-Identifier: Apache-2.0

using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Dora.Cli.Building;

/// <summary>A hash of everything that decides what a build yields: sources, settings above them, referenced projects, the SDK.</summary>
/// <remarks>
/// Projects are taken by folder: all files in it count, whatever the project file says, and so do files of other folders that it
/// names. What only MSBuild can know, such as a file named by an imported target, is not seen; <c>dora build --no-cache</c> is for that.
/// One instance hashes each project once, however many programs refer to it.
/// </remarks>
/// <param name="toolchain">What builds.</param>
/// <param name="stamp">What stands for a file: its hash, or less for those who only want to know whether it was touched.</param>
internal sealed partial class SourceFingerprint(string toolchain, Func<string, string> stamp)
{
    // Raised when the same sources would have to be built differently.
    private const string Format = "1";
    private static readonly string[] Settings =
        ["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "nuget.config", "NuGet.Config", "global.json", ".editorconfig"];

    private readonly Dictionary<string, string> _projects = [];

    /// <summary>Of what the files hold.</summary>
    public SourceFingerprint(string toolchain)
        : this(toolchain, HashOf)
    {
    }

    /// <summary>Sixteen hexadecimal digits.</summary>
    public string Of(SourceProgram program)
    {
        StringBuilder parts = new($"{Format}\n{toolchain}\n{program.Path}\n{program.IsLibrary}\n");
        if (program.IsProject)
        {
            parts.Append(OfProject(program.Path));
        }
        else
        {
            var directives = FileDirectives.Read(program.Path);
            AppendFiles(parts, directives.Files);
            AppendFiles(parts, SettingsAbove(program.Folder));
            foreach (var project in directives.Projects)
                parts.Append(OfProject(project));
        }

        return Hash(parts)[..16];
    }

    private string OfProject(string path)
    {
        if (_projects.TryGetValue(path, out var known))
            return known;
        _projects[path] = ""; // projects that refer to each other are MSBuild's to refuse
        StringBuilder parts = new();
        var folder = Path.GetDirectoryName(path)!;
        AppendFiles(parts, FilesUnder(folder));
        AppendFiles(parts, SettingsAbove(folder));
        foreach (var other in Named(path, folder))
        {
            if (other.EndsWith(".csproj", StringComparison.OrdinalIgnoreCase))
                parts.Append(OfProject(other));
            else
                AppendFiles(parts, [other]);
        }

        return _projects[path] = Hash(parts);
    }

    /// <summary>Files outside the folder that the project file names: other projects, linked sources, imports.</summary>
    private static IEnumerable<string> Named(string project, string folder)
    {
        foreach (Match match in PathAttribute().Matches(File.ReadAllText(project)))
        {
            var named = match.Groups[1].Value.Replace('\\', '/').Replace("$(MSBuildThisFileDirectory)", folder + "/").Replace("$(MSBuildProjectDirectory)", folder);
            if (named.Contains("$(", StringComparison.Ordinal))
                continue;
            var full = Path.GetFullPath(named, folder);
            var parent = Path.GetDirectoryName(full)!;
            if (full.StartsWith(folder + "/", StringComparison.Ordinal) || !Directory.Exists(parent))
                continue;
            foreach (var file in Directory.EnumerateFiles(parent, Path.GetFileName(full)).Order(StringComparer.Ordinal))
                yield return file;
        }
    }

    private static IEnumerable<string> FilesUnder(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
            yield return file;
        foreach (var sub in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(sub);
            if (name is "bin" or "obj" or "out" or "node_modules" || name[0] == '.' || IsLink(sub))
                continue;
            foreach (var file in FilesUnder(sub))
                yield return file;
        }
    }

    // A link may lead back up.
    private static bool IsLink(string folder) => new DirectoryInfo(folder).LinkTarget is not null;

    private static IEnumerable<string> SettingsAbove(string folder)
    {
        for (var at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            foreach (var name in Settings)
            {
                var file = Path.Combine(at, name);
                if (File.Exists(file))
                    yield return file;
            }
        }
    }

    private void AppendFiles(StringBuilder parts, IEnumerable<string> files)
    {
        foreach (var file in files)
            parts.Append(file).Append(' ').Append(stamp(file)).Append('\n');
    }

    private static string HashOf(string file)
    {
        using var content = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }

    private static string Hash(StringBuilder parts) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(parts.ToString())));

    [GeneratedRegex("(?:Include|Project)=\"([^\"]*/[^\"]*|[^\"]*\\\\[^\"]*)\"")]
    private static partial Regex PathAttribute();
}
