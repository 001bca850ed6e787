// SPDX-License-Identifier: Apache-2.0

using System.Text;
using System.Text.RegularExpressions;
using Dora.Dataflows;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Keys;
using Dora.Dataflows.Types;

namespace Dora.UnitTests.Dataflows;

/// <summary>The documents say what the code does: tables come from the keys, and examples are read.</summary>
public sealed class DocumentationTests
{
    private static string FormatPath => Path.Combine(DataflowFiles.RepositoryRoot, "docs", "formats", "dataflow.md");

    private static string GuidePath => Path.Combine(DataflowFiles.RepositoryRoot, "docs", "guide", "dataflow-yaml.md");

    public static TheoryData<string> GuideExamples =>
        [.. Regex.Matches(File.ReadAllText(GuidePath), "```yaml\n(.*?)```", RegexOptions.Singleline).Select(m => m.Groups[1].Value)];

    [Fact]
    public void The_tables_of_the_format_document_come_from_the_keys()
    {
        string written = File.ReadAllText(FormatPath);
        string generated = Regex.Replace(written, "<!-- keys: (\\w+) -->\n.*?<!-- end -->", m => $"<!-- keys: {m.Groups[1].Value} -->\n{Table(AllKeySets()[m.Groups[1].Value])}<!-- end -->", RegexOptions.Singleline);
        generated = Regex.Replace(generated, "<!-- codes -->\n.*?<!-- end -->", _ => $"<!-- codes -->\n{Codes()}<!-- end -->", RegexOptions.Singleline);
        string actualPath = Path.Combine(AppContext.BaseDirectory, "dataflow.md");
        File.WriteAllText(actualPath, generated);

        Assert.True(written == generated, $"{FormatPath} is out of date: copy {actualPath}");
    }

    [Fact]
    public void Every_set_of_keys_and_every_standard_type_is_in_the_format_document()
    {
        string written = File.ReadAllText(FormatPath);

        Assert.All(AllKeySets().Keys.Except(["singleOperator", "environmentFromHost"]), name => Assert.Contains($"<!-- keys: {name} -->", written, StringComparison.Ordinal));
        Assert.All(StandardTypes.All, t => Assert.Contains($"`{TypeLibrary.ShortName(t.Urn)}`", written, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(GuideExamples))]
    public void An_example_of_the_guide_is_read_without_findings(string yaml)
    {
        string folder = Directory.CreateTempSubdirectory("dora-guide-").FullName;
        try
        {
            // The example that is a module is what the next one uses.
            string module = GuideExamples.Select(e => e.Data).First(e => e.StartsWith("# modules/navigation.yml", StringComparison.Ordinal));
            Directory.CreateDirectory(Path.Combine(folder, "modules"));
            File.WriteAllText(Path.Combine(folder, "modules", "navigation.yml"), module);
            if (yaml == module) return;

            var findings = DescriptorLoader.LoadText(yaml, "guide.yml", folder, new LoadOptions { CheckFiles = false }).Diagnostics;

            bool isOld = yaml.StartsWith("# an old form", StringComparison.Ordinal);
            Assert.Equal(isOld ? ["DF0201", "DF0202"] : [], findings.Select(d => d.Code));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Dictionary<string, KeySet> AllKeySets()
    {
        Dictionary<string, KeySet> found = [];
        foreach (var root in new[] { DataflowKeys.Dataflow, ModuleKeys.File, TypeKeys.File }) Collect(root);
        return found;

        void Collect(KeySet keys)
        {
            if (!found.TryAdd(keys.Name, keys)) return;
            foreach (var inner in keys.Keys.SelectMany(k => Below(k.Shape))) Collect(inner);
        }

        static IEnumerable<KeySet> Below(ValueShape shape) => shape switch
        {
            KeysShape keys => [keys.Keys],
            ListShape list => Below(list.Item),
            MapShape map => Below(map.Value),
            EitherShape either => either.Shapes.SelectMany(Below),
            _ => [],
        };
    }

    private static string Table(KeySet keys)
    {
        StringBuilder table = new("| key | value | meaning |\n|---|---|---|\n");
        foreach (var key in keys.Keys)
        {
            string notes = (key.IsRequired ? "**Required.** " : "") + (key.NotYet is null ? "" : "*Not supported yet.* ") + (key.Old is null ? "" : "*Old form.* ");
            table.Append($"| `{key.Name}` | {Value(key.Shape)} | {notes}{key.Summary} |\n");
        }

        return table.ToString();
    }

    private static string Value(ValueShape shape) => shape switch
    {
        _ when ReferenceEquals(shape, EnvironmentKeys.Environment) => "name: value; see [environment](#environment)",
        TextShape => "text",
        ScalarShape => "text, number or boolean",
        IdShape => "name",
        SourceShape => "source",
        BooleanShape => "`true` or `false`",
        IntegerShape integer => $"{integer.Min} to {integer.Max}",
        DurationShape => "duration",
        ByteSizeShape => "size",
        ChoiceShape choice => string.Join(", ", choice.Words.Select(w => $"`{w}`")),
        KeysShape keys => $"{keys.Keys.Noun} (below)",
        ListShape list => $"list of {Value(list.Item)}",
        MapShape map => $"name: {Value(map.Value)}",
        EitherShape either => string.Join(", or ", either.Shapes.Select(Value)),
        _ => "anything",
    };

    private static string Codes()
    {
        StringBuilder table = new("| code | meaning |\n|---|---|\n");
        foreach (var explanation in DiagnosticCatalogue.All) table.Append($"| `{explanation.Code}` | {explanation.Title} |\n");
        return table.ToString();
    }
}
