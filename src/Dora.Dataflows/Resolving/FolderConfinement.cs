// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Resolving;

/// <summary>Whether paths lie in a folder, symbolic links followed.</summary>
internal sealed class FolderConfinement(string folder, bool followLinks)
{
    /// <summary>PATH_MAX: nothing longer exists, and one level of a path is one level of recursion here.</summary>
    private const int MaxPathLength = 4096;

    private readonly string _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
    private readonly Dictionary<string, string> _real = new(StringComparer.Ordinal);

    /// <param name="path">Absolute and without <c>..</c>; need not exist.</param>
    public bool Contains(string path)
    {
        if (!IsBelow(path, _folder)) return false;
        return !followLinks || IsBelow(Real(path, links: 0), Real(_folder, links: 0));
    }

    private static bool IsBelow(string path, string folder) =>
        path == folder || (path.StartsWith(folder, StringComparison.Ordinal) && (folder == "/" || path[folder.Length] == Path.DirectorySeparatorChar));

    /// <summary>The path with links resolved as far as it exists.</summary>
    private string Real(string path, int links)
    {
        if (_real.TryGetValue(path, out string? known)) return known;
        string? parent = Path.GetDirectoryName(path);
        if (parent is null || links > 40 || path.Length > MaxPathLength) return path;
        string real = Path.Combine(Real(parent, links), Path.GetFileName(path));
        if (Target(real) is { } target) real = Real(Path.GetFullPath(target, Path.GetDirectoryName(real)!), links + 1);
        return _real[path] = real;
    }

    private static string? Target(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // what can't be read can't be run either: that is reported elsewhere
        }
    }
}
