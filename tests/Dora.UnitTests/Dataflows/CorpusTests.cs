// SPDX-License-Identifier: Apache-2.0

using System.Text.RegularExpressions;
using Dora.Dataflows;
using Dora.Dataflows.Diagnostics;

namespace Dora.UnitTests.Dataflows;

public sealed class CorpusTests
{
    /// <summary>Codes whose file would be megabytes; <see cref="LimitTests"/> makes them.</summary>
    private static readonly string[] MadeByTests = ["DF0001", "DF0002", "DF0015"];

    public static TheoryData<string> WrongFiles => [.. CorpusFile.All("wrong").Select(f => f.Name)];

    public static TheoryData<string> GoodFiles => [.. CorpusFile.All("good").Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(WrongFiles))]
    public void A_wrong_descriptor_gives_the_expected_findings(string name) => new CorpusFile("wrong", name).AssertOutcome();

    [Theory]
    [MemberData(nameof(GoodFiles))]
    public void A_good_descriptor_gives_the_expected_graph(string name)
    {
        CorpusFile file = new("good", name);
        file.AssertOutcome();
        Assert.False(file.Load().HasErrors);
    }

    [Fact]
    public void The_corpus_is_large_enough_and_covers_every_code()
    {
        Assert.True(CorpusFile.All("wrong").Count() >= 60);
        Assert.True(CorpusFile.All("good").Count() >= 20);
        var covered = Directory.EnumerateFiles(DataflowFiles.Corpus, "*.expected", SearchOption.AllDirectories)
            .SelectMany(f => Regex.Matches(File.ReadAllText(f), "(?:error|warning) (DF[0-9]{4}): ").Select(m => m.Groups[1].Value))
            .ToHashSet();

        Assert.Empty(DiagnosticCatalogue.All.Select(e => e.Code).Except(covered).Except(MadeByTests));
    }

    [Theory]
    [MemberData(nameof(GoodFiles))]
    public void Expanding_gives_a_flat_file_that_means_the_same(string name)
    {
        CorpusFile file = new("good", name);
        var expanded = DescriptorExpander.Expand(file.YamlPath, file.Options());
        Assert.False(expanded.HasErrors);
        Assert.DoesNotContain("module:", expanded.Yaml, StringComparison.Ordinal);

        string folder = Path.GetDirectoryName(file.YamlPath)!;
        var again = DescriptorLoader.LoadText(expanded.Yaml!, "expanded.yml", folder, file.Options());
        Assert.Empty(again.Diagnostics.Where(d => d.IsError));

        // What came out of a module is the dataflow's own now.
        var graph = file.Load().Graph!;
        var flat = graph with { Nodes = [.. graph.Nodes.Select(n => n with { Module = null })] };
        Assert.Equal(GraphText.Of(flat), GraphText.Of(again.Graph!));
    }
}
