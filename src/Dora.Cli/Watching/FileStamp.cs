// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Text;

namespace Dora.Cli.Watching;

/// <summary>Tells whether files were touched, by looking at their time and size.</summary>
/// <remarks>
/// Looking rather than listening: an editor that writes a new file and renames it over the old one, a folder that is replaced, a network
/// file system and a limit on inotify watches are all the same to it.
/// </remarks>
internal static class FileStamp
{
    private static readonly string[] NoSources = ["bin", "obj", "out", "build", "target", "artifacts", "dist", "node_modules", "__pycache__"];

    /// <summary>Of what is at a path now: changes when the file is written, replaced or removed.</summary>
    public static string Of(string path)
    {
        FileInfo file = new(path);
        return file.Exists ? string.Create(CultureInfo.InvariantCulture, $"{file.LastWriteTimeUtc.Ticks:x} {file.Length:x}") : "-";
    }

    /// <summary>Of all files below a folder that may be what a build line reads; hidden folders and those where builds leave things do not count.</summary>
    public static string OfSourcesUnder(string folder)
    {
        StringBuilder stamps = new();
        Append(new DirectoryInfo(folder), stamps, depth: 0);
        return stamps.ToString();
    }

    private static void Append(DirectoryInfo folder, StringBuilder stamps, int depth)
    {
        const int depthMax = 16; // a link may lead back up
        foreach (var entry in folder.EnumerateFileSystemInfos().OrderBy(e => e.Name, StringComparer.Ordinal))
        {
            if (entry.Name[0] == '.')
                continue;
            if (entry is FileInfo file)
            {
                if (IsSource(file.Extension))
                    stamps.Append(file.FullName).Append(' ').Append(Of(file.FullName)).Append('\n');
            }
            else if (entry is DirectoryInfo sub && depth < depthMax && sub.LinkTarget is null && !NoSources.Contains(sub.Name))
            {
                Append(sub, stamps, depth + 1);
            }
        }
    }

    // What builds read and do not write: a build that touched its own sources would be run again and again.
    private static bool IsSource(string extension) => extension is
        ".c" or ".h" or ".cc" or ".cpp" or ".cxx" or ".hh" or ".hpp" or ".rs" or ".toml" or ".go" or ".zig" or ".s" or ".S" or ".wat" or ".ts" or ".txt" or ".cmake" or ".mk" or ".sh";
}
