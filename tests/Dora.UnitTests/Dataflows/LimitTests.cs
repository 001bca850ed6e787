// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.Dataflows;
using Dora.Dataflows.Diagnostics;

namespace Dora.UnitTests.Dataflows;

/// <summary>Files that are made to stop a reader: each gives one finding with a place, never a crash.</summary>
public sealed class LimitTests
{
    private static readonly LoadOptions Options = new() { CheckFiles = false };

    private static Diagnostic Only(string yaml) =>
        Assert.Single(DescriptorLoader.LoadText(yaml, "x.yml", Path.GetTempPath(), Options).Diagnostics);

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    [InlineData("[{a: ")]
    public void A_hundred_thousand_levels_are_refused_at_the_first_that_is_too_deep(string level)
    {
        var finding = Only("nodes:\n  " + string.Concat(Enumerable.Repeat(level, 100_000)));

        Assert.Equal(("DF0005", 2), (finding.Code, finding.Line));
    }

    [Fact]
    public void A_hundred_thousand_indented_levels_are_refused()
    {
        // Three megabytes of indentation reach a depth of a few thousand.
        StringBuilder yaml = new();
        for (int i = 0; i < 2_000; i++) yaml.Append(' ', i).Append("a:\n");

        Assert.Equal("DF0005", Only(yaml.ToString()).Code);
    }

    [Fact]
    public void An_alias_bomb_of_nine_levels_is_refused_at_the_level_that_exceeds_the_limit()
    {
        StringBuilder yaml = new("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i <= 9; i++) yaml.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n");

        var finding = Only(yaml.ToString());

        Assert.Equal(("DF0006", 7), (finding.Code, finding.Line));
    }

    [Fact]
    public void A_chain_of_aliases_that_deepens_is_refused()
    {
        StringBuilder yaml = new("a0: &a0 [x]\n");
        for (int i = 1; i <= 100; i++) yaml.Append($"a{i}: &a{i} [*a{i - 1}]\n");

        Assert.Equal("DF0005", Only(yaml.ToString()).Code);
    }

    [Fact]
    public void A_million_merge_keys_cost_no_more_than_their_values()
    {
        StringBuilder yaml = new("base: &base {a: 1, b: 2, c: 3}\nx:\n");
        for (int i = 0; i < 60_000; i++) yaml.Append($"  k{i}: {{<<: [*base, *base, *base, *base]}}\n");

        Assert.Contains(DescriptorLoader.LoadText(yaml.ToString(), "x.yml", "/", Options).Diagnostics, d => d.Code == "DF0006");
    }

    [Fact]
    public void Four_mebibytes_are_read_and_one_byte_more_is_refused()
    {
        const string Flow = "nodes: [{id: a, path: a.cs}]\n#";
        string most = Flow + new string('x', (4 << 20) - Flow.Length);

        Assert.Empty(DescriptorLoader.LoadText(most, "x.yml", "/", Options).Diagnostics);
        Assert.Equal("DF0002", Only(most + "x").Code);
    }

    [Fact]
    public void A_file_that_never_ends_is_refused_by_its_size()
    {
        Assert.Equal("DF0002", Assert.Single(DescriptorLoader.Load("/dev/zero", Options).Diagnostics).Code);
    }

    [Fact]
    public void Twenty_thousand_nodes_are_resolved_and_one_more_is_refused()
    {
        static string Flow(int count) => "nodes:\n" + string.Concat(Enumerable.Range(0, count).Select(i => $"  - {{id: n{i}, path: n.cs, outputs: [x], inputs: {{x: n{(i + 1) % count}/x}}}}\n"));

        Assert.Equal(20_000, DescriptorLoader.LoadText(Flow(20_000), "x.yml", "/", Options).Graph!.Nodes.Length);
        Assert.Equal("DF0015", Only(Flow(20_001)).Code);
    }

    [Fact]
    public void Operators_count_as_nodes()
    {
        string operators = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"      - {{id: o{i}, csharp: O.cs}}\n"));

        Assert.Equal("DF0015", Only("nodes:\n  - id: runtime\n    operators:\n" + operators).Code);
    }

    [Fact]
    public void A_file_full_of_errors_gives_a_bounded_number_of_findings()
    {
        string nodes = string.Concat(Enumerable.Range(0, 9_000).Select(i => $"  - {{id: n{i}, pth: x, inputs: {{x: nobody/x}}}}\n"));

        Assert.InRange(DescriptorLoader.LoadText("nodes:\n" + nodes, "x.yml", "/", Options).Diagnostics.Length, 900, 1000);
    }

    [Fact]
    public void A_line_of_megabytes_is_shown_in_part()
    {
        var finding = Only("nodes: [{id: a, path: a.cs, description: \"" + new string('x', 1 << 20) + "\", pth: b}]");

        Assert.InRange(DiagnosticRenderer.Render(finding).Length, 100, 600);
        Assert.Contains("pth", DiagnosticRenderer.Render(finding).Split('\n')[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/no/such/file.yml")]
    [InlineData("/tmp")]
    public void A_file_that_can_not_be_read_is_reported(string path)
    {
        var finding = Assert.Single(DescriptorLoader.Load(path, Options).Diagnostics);

        Assert.Equal(("DF0001", 1, 1), (finding.Code, finding.Line, finding.Column));
    }
}
