// SPDX-License-Identifier: Apache-2.0

namespace Dora.Comparison.Reporting;

/// <summary>Puts a report and its plots into the documentation.</summary>
internal static class Docs
{
    public const string Begin = "<!-- begin: written by ./benchmarks/compare --update-docs -->";
    public const string BeginLanguages = "<!-- begin: written by ./benchmarks/languages/compare --update-docs -->";
    public const string End = "<!-- end -->";

    /// <summary>Replaces what stands between a plan's marks of performance.md, and the plots in performance/.</summary>
    /// <exception cref="InvalidDataException">The page has no marks.</exception>
    public static void Update(string guideFolder, string? plan, string report, IEnumerable<(string Name, string Svg)> plots)
    {
        string page = Path.Combine(guideFolder, "performance.md");
        File.WriteAllText(page, Replace(File.ReadAllText(page), report, plan is null ? Begin : BeginLanguages));
        string folder = Path.Combine(guideFolder, "performance");
        Directory.CreateDirectory(folder);
        foreach (var (name, svg) in plots)
            File.WriteAllText(Path.Combine(folder, name), svg);
    }

    /// <summary>The page with the report between its marks.</summary>
    public static string Replace(string page, string report, string mark = Begin)
    {
        int begin = page.IndexOf(mark, StringComparison.Ordinal), end = begin < 0 ? -1 : page.IndexOf(End, begin, StringComparison.Ordinal);
        if (end < begin || begin < 0)
            throw new InvalidDataException($"the page lacks its marks '{mark}' and '{End}'");
        return $"{page[..(begin + mark.Length)]}\n\n{report.TrimEnd()}\n\n{page[end..]}";
    }
}
