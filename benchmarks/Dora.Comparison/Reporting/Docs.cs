// SPDX-License-Identifier: Apache-2.0

namespace Dora.Comparison.Reporting;

/// <summary>Puts a report and its plots into the documentation.</summary>
internal static class Docs
{
    public const string Begin = "<!-- begin: written by ./benchmarks/compare --update-docs -->";
    public const string End = "<!-- end -->";

    /// <summary>Replaces what stands between the marks of performance.md, and the plots in performance/.</summary>
    /// <exception cref="InvalidDataException">The page has no marks.</exception>
    public static void Update(string guideFolder, string report, IEnumerable<(string Name, string Svg)> plots)
    {
        string page = Path.Combine(guideFolder, "performance.md");
        File.WriteAllText(page, Replace(File.ReadAllText(page), report));
        string folder = Path.Combine(guideFolder, "performance");
        Directory.CreateDirectory(folder);
        foreach (var (name, svg) in plots)
            File.WriteAllText(Path.Combine(folder, name), svg);
    }

    /// <summary>The page with the report between its marks.</summary>
    public static string Replace(string page, string report)
    {
        int begin = page.IndexOf(Begin, StringComparison.Ordinal), end = page.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
            throw new InvalidDataException($"the page lacks its marks '{Begin}' and '{End}'");
        return $"{page[..(begin + Begin.Length)]}\n\n{report.TrimEnd()}\n\n{page[end..]}";
    }
}
