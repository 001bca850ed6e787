// SPDX-License-Identifier: Apache-2.0

using Dora.Cli;
using Dora.Dataflows;

namespace Dora.UnitTests.Cli;

public sealed class NewCommandTests : IDisposable
{
    private readonly CapturedTerminal _terminal = new();

    public void Dispose() => _terminal.Dispose();

    [Fact]
    public async Task A_new_dataflow_is_valid_and_names_its_schema()
    {
        var folder = Path.Combine(_terminal.Folder, "robot");

        Assert.Equal(ExitCode.Success, await _terminal.Run("new", folder));

        var file = Path.Combine(folder, "dataflow.yml");
        Assert.Contains(file + "\n", _terminal.Out);
        Assert.StartsWith("# yaml-language-server: $schema=dataflow.schema.json\n", await File.ReadAllTextAsync(file));
        Assert.Empty(DescriptorLoader.Load(file, new LoadOptions()).Diagnostics);
    }

    [Theory]
    [InlineData("node", "object-filter", "object-filter.cs", "Dora.Nodes")]
    [InlineData("operator", "object-filter", "ObjectFilter.cs", "Dora.Operators")]
    public async Task A_new_part_is_one_file_that_refers_to_this_checkout(string kind, string name, string file, string library)
    {
        Assert.Equal(ExitCode.Success, await _terminal.Run("new", Path.Combine(_terminal.Folder, name), "--kind", kind));

        var first = File.ReadLines(Path.Combine(_terminal.Folder, file)).First();
        Assert.StartsWith("#:project /", first);
        Assert.True(Directory.Exists(first["#:project ".Length..]));
        Assert.EndsWith(library, first);
    }

    [Theory]
    [InlineData(".hidden")]
    [InlineData("a b")]
    [InlineData("dora")]
    public async Task A_name_that_dora_does_not_take_is_refused(string name)
    {
        Assert.Equal(ExitCode.Usage, await _terminal.Run("new", Path.Combine(_terminal.Folder, name)));
        Assert.Contains("cannot be a name", _terminal.Error);
    }

    [Fact]
    public async Task Nothing_that_is_there_is_overwritten()
    {
        var there = _terminal.Write("mine.cs", "precious");

        Assert.Equal(ExitCode.Usage, await _terminal.Run("new", Path.Combine(_terminal.Folder, "mine"), "--kind", "node"));
        Assert.Equal("precious", await File.ReadAllTextAsync(there));
    }
}
