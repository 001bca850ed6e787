// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;

namespace Dora.UnitTests.SharedMemory;

/// <summary>The tables of a page under docs/formats, by heading.</summary>
internal static class FormatDocument
{
    /// <summary>Rows of the first table under a heading, as offset, bytes, field (the code's names).</summary>
    internal static (string Offset, string Bytes, string Field)[] Table(string page, string heading, [CallerFilePath] string here = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs", "formats", page);
        return File.ReadLines(path)
            .SkipWhile(line => line.TrimStart('#', ' ') != heading || !line.StartsWith('#'))
            .SkipWhile(line => !line.StartsWith("| offset", StringComparison.Ordinal))
            .Skip(2)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (cells[1], cells[2], cells[3]))
            .ToArray();
    }
}
