// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Building;

/// <summary>The <c>#:</c> lines of a single-file program and of the files that it includes.</summary>
internal sealed class FileDirectives
{
    private readonly List<string> _files = [];

    private FileDirectives()
    {
    }

    /// <summary>The program's file first, then included ones; absolute, each once.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary><c>#:sdk Name@Version</c>; the first is the project's own, others are added.</summary>
    public List<string> Sdks { get; } = [];

    /// <summary><c>#:package Name@Version</c>; the version is null where central versions say it.</summary>
    public List<(string Name, string? Version)> Packages { get; } = [];

    /// <summary><c>#:property Name=Value</c>.</summary>
    public List<(string Name, string Value)> Properties { get; } = [];

    /// <summary><c>#:project Path</c>, absolute paths of project files.</summary>
    public List<string> Projects { get; } = [];

    /// <exception cref="CliException">A directive makes no sense, or a file is not there.</exception>
    public static FileDirectives Read(string path)
    {
        FileDirectives directives = new();
        directives.ReadFile(path);
        return directives;
    }

    private void ReadFile(string path)
    {
        if (_files.Contains(path))
            return;
        _files.Add(path);
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            var text = line.Trim();
            if (text.StartsWith("#:", StringComparison.Ordinal))
                Apply(text[2..], new Place(path, number));
            else if (EndsDirectives(text))
                break;
        }
    }

    // The compiler takes directives only before the first line of code; comments and the shebang line may stand between them.
    private static bool EndsDirectives(string line) =>
        line.Length > 0 && line[0] != '#' && !line.StartsWith("//", StringComparison.Ordinal) && !line.StartsWith("/*", StringComparison.Ordinal) && line[0] != '*';

    private void Apply(string directive, Place place)
    {
        var (kind, rest) = Split(directive, ' ');
        if (rest is null)
            throw place.Error($"'#:{kind}' needs a value");
        switch (kind)
        {
            case "sdk":
                Sdks.Add(rest.Replace('@', '/'));
                break;
            case "package":
                var (name, version) = Split(rest, '@');
                Packages.Add((name, version));
                break;
            case "property":
                var (property, value) = Split(rest, '=');
                Properties.Add((property, value ?? throw place.Error($"'#:property {rest}' is not Name=Value")));
                break;
            case "project":
                Projects.Add(ProjectFile(rest, place));
                break;
            case "include":
                foreach (var file in Included(rest, place))
                    ReadFile(file);
                break;
            default:
                throw place.Error($"dora does not know the directive '#:{kind}'; it knows sdk, package, property, project and include");
        }
    }

    private static string ProjectFile(string path, Place place)
    {
        var full = Path.GetFullPath(path.Replace('\\', '/'), place.Folder);
        if (Directory.Exists(full))
            full = Directory.EnumerateFiles(full, "*.csproj").FirstOrDefault() ?? throw place.Error($"there is no project in the folder '{path}'");
        return File.Exists(full) ? full : throw place.Error($"there is no project '{path}'");
    }

    private static IEnumerable<string> Included(string pattern, Place place)
    {
        var full = Path.GetFullPath(pattern.Replace('\\', '/'), place.Folder);
        if (!full.Contains('*'))
            return File.Exists(full) ? [full] : throw place.Error($"there is no file '{pattern}'");
        var folder = Path.GetDirectoryName(full)!;
        if (folder.Contains('*'))
            throw place.Error($"'{pattern}': dora understands '*' in the file's name only");
        return Directory.EnumerateFiles(folder, Path.GetFileName(full)).Order(StringComparer.Ordinal);
    }

    private static (string Name, string? Value) Split(string text, char separator)
    {
        var at = text.IndexOf(separator);
        return at < 0 ? (text.Trim(), null) : (text[..at].Trim(), text[(at + 1)..].Trim());
    }

    private readonly record struct Place(string File, int Line)
    {
        public string Folder => Path.GetDirectoryName(File)!;

        public CliException Error(string message) => new($"{Path.GetRelativePath(Environment.CurrentDirectory, File)}:{Line}: {message}", ExitCode.Failed);
    }
}
