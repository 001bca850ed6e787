// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Dora.UnitTests.Repository;

public sealed partial class ProjectArrowsTests
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", ".."));

    private sealed record Row(bool Unsafe, HashSet<string> MayReference);

    [Fact]
    public void Every_project_stands_in_the_table_and_references_only_what_its_row_allows()
    {
        var table = ReadTable();
        var projects = Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories);
        Assert.Equal(table.Keys.Order(), projects.Select(p => Path.GetFileNameWithoutExtension(p)).Order());

        foreach (var project in projects)
        {
            var row = table[Path.GetFileNameWithoutExtension(project)];
            var references = XDocument.Load(project).Descendants("ProjectReference")
                .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
            Assert.All(references, r => Assert.True(row.MayReference.Contains(r), $"{Path.GetFileName(project)} must not reference {r}"));
        }
    }

    [Fact]
    public void Only_the_marked_projects_allow_unsafe_code()
    {
        var table = ReadTable();
        foreach (var project in Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories))
        {
            bool allows = XDocument.Load(project).Descendants("AllowUnsafeBlocks").Any(e => e.Value.Trim() == "true");
            var name = Path.GetFileNameWithoutExtension(project);
            Assert.True(!allows || table[name].Unsafe, $"{name} allows unsafe code but is not marked in ARCHITECTURE.md");
        }
    }

    private static Dictionary<string, Row> ReadTable()
    {
        var rows = File.ReadLines(Path.Combine(Root, "ARCHITECTURE.md"))
            .Select(line => RowPattern().Match(line))
            .Where(m => m.Success)
            .ToDictionary(
                m => m.Groups["name"].Value,
                m => new Row(
                    m.Groups["unsafe"].Success,
                    m.Groups["refs"].Value.Split(',', StringSplitOptions.TrimEntries).Where(r => r != "–").Select(r => "Dora." + r).ToHashSet()));
        Assert.NotEmpty(rows);
        return rows;
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"^\| `(?<name>Dora\.[\w.]+)`(?<unsafe> ⚠)? \|.*\| (?<refs>[^|]+) \|$")]
    private static partial Regex RowPattern();
}
