// SPDX-License-Identifier: Apache-2.0

using System.Text.RegularExpressions;
using Dora.Dataflows;
using Dora.Dataflows.Diagnostics;

namespace Dora.UnitTests.Dataflows;

public sealed class DiagnosticCatalogueTests
{
    /// <summary>Entries whose YAML is a complete dataflow that needs no other file.</summary>
    public static TheoryData<string> ExplainedByWholeFiles =>
        [.. DiagnosticCatalogue.All.Where(e => e.Wrong.Length > 0 && !e.Wrong.StartsWith("# ", StringComparison.Ordinal) && !IsAboutOtherFiles(e.Code)).Select(e => e.Code)];

    [Fact]
    public void Every_code_in_the_source_is_explained_and_every_explanation_is_used()
    {
        string source = Path.Combine(DataflowFiles.RepositoryRoot, "src", "Dora.Dataflows");
        var used = Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/Catalogue/", StringComparison.Ordinal) && !f.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(f => Regex.Matches(File.ReadAllText(f), "\"(DF[0-9]{4})\"").Select(m => m.Groups[1].Value))
            .Distinct().Order();

        Assert.Equal(used, DiagnosticCatalogue.All.Select(e => e.Code));
    }

    [Fact]
    public void Codes_are_found_in_any_case_and_unknown_ones_are_not()
    {
        Assert.Equal("DF0107", DiagnosticCatalogue.Find("df0107")!.Code);
        Assert.Null(DiagnosticCatalogue.Find("DF9999"));
    }

    [Theory]
    [MemberData(nameof(ExplainedByWholeFiles))]
    public void The_wrong_example_gives_the_code_and_the_right_one_does_not(string code)
    {
        var explanation = DiagnosticCatalogue.Find(code)!;
        Assert.Contains(code, Codes(explanation.Wrong, code));
        if (!IsAboutOtherFiles(code) && code is not "DF0203") Assert.Empty(Codes(explanation.Right, code));
        Assert.DoesNotContain(code, Codes(explanation.Right, code));
    }

    private static IEnumerable<string> Codes(string yaml, string code)
    {
        bool looksAtFiles = code is "DF0119" or "DF0134";
        return DescriptorLoader.LoadText(yaml, "x.yml", Path.GetTempPath(), new LoadOptions { CheckFiles = looksAtFiles }).Diagnostics.Select(d => d.Code);
    }

    private static bool IsAboutOtherFiles(string code) => code is "DF0302" or "DF0306" or "DF0307" or "DF0313" or "DF0301";
}
