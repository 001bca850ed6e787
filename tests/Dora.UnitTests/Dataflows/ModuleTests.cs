// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows;

namespace Dora.UnitTests.Dataflows;

public sealed class ModuleTests
{
    private static readonly LoadOptions Options = new() { CheckFiles = false };

    private static string Corpus(params string[] path) => Path.Combine([DataflowFiles.Corpus, .. path]);

    [Fact]
    public void A_module_is_checked_and_expanded_by_itself_with_its_ports_open()
    {
        var result = DescriptorExpander.ExpandModule(Corpus("good", "modules", "navigation.yml"), Options);

        // 'inner/control.yml' lies below the module's own folder.
        Assert.Empty(result.Diagnostics);
        Assert.Contains("id: control.controller", result.Yaml, StringComparison.Ordinal);
        Assert.Contains("path: inner/controller.cs", result.Yaml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ports", "DF0308")]
    [InlineData("exports", "DF0309")]
    [InlineData("inner-errors", "DF0107")]
    [InlineData("reads-outside", "DF0106")]
    [InlineData("cycle-a", "DF0303")]
    [InlineData("dataflow", "DF0305")]
    [InlineData("header", "DF0101")]
    [InlineData("many-1", "DF0016")]
    public void A_wrong_module_is_refused_by_itself(string name, string code)
    {
        var result = DescriptorExpander.ExpandModule(Corpus("wrong", "modules", name + ".yml"), Options);

        Assert.Null(result.Yaml);
        Assert.Contains(result.Diagnostics, d => d.Code == code);
    }

    [Fact]
    public void Parameters_are_not_asked_for_when_a_module_is_checked_by_itself()
    {
        Assert.Empty(DescriptorExpander.ExpandModule(Corpus("wrong", "modules", "parameters.yml"), Options).Diagnostics);
    }

    [Fact]
    public void A_module_behind_a_link_that_leaves_the_folder_is_refused()
    {
        string folder = Directory.CreateTempSubdirectory("dora-modules-").FullName;
        try
        {
            string inside = Directory.CreateDirectory(Path.Combine(folder, "flow")).FullName;
            File.WriteAllText(Path.Combine(folder, "outside.yml"), "module: {name: m}\nnodes: [{id: a, path: a.cs}]\n");
            File.CreateSymbolicLink(Path.Combine(inside, "linked.yml"), "../outside.yml");
            Directory.CreateSymbolicLink(Path.Combine(inside, "folder"), "..");
            File.WriteAllText(Path.Combine(inside, "dataflow.yml"), "nodes:\n  - {id: a, module: linked.yml}\n  - {id: b, module: folder/outside.yml}\n");

            var findings = DescriptorLoader.Load(Path.Combine(inside, "dataflow.yml"), Options).Diagnostics;

            Assert.Equal(["DF0302", "DF0302"], findings.Select(d => d.Code));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_path_of_a_million_levels_is_no_trouble()
    {
        string path = string.Concat(Enumerable.Repeat("a/", 1_000_000)) + "a.cs";

        var result = DescriptorLoader.LoadText($"nodes: [{{id: a, path: {path}}}, {{id: b, module: {path}}}]", "x.yml", "/tmp", new LoadOptions());

        Assert.Equal(["DF0119", "DF0301"], result.Diagnostics.Select(d => d.Code).Order());
    }
}
