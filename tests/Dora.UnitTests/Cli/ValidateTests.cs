// SPDX-License-Identifier: Apache-2.0

using System.Text.Json;
using Dora.Cli;

namespace Dora.UnitTests.Cli;

public sealed class ValidateTests : IDisposable
{
    private const string Wrong = """
        nodes:
          - id: camera
            path: dynamic
            outputs: [frames]
          - id: plot
            path: dynamic
            inputs:
              image: camera/frame
        """;

    private readonly CapturedTerminal _terminal = new();

    public void Dispose() => _terminal.Dispose();

    [Fact]
    public async Task Errors_are_shown_with_line_caret_and_fix_and_end_with_4()
    {
        var file = _terminal.Write("df.yml", Wrong);

        Assert.Equal(ExitCode.InvalidDescriptor, await _terminal.Run("validate", file));

        var lines = _terminal.Error.Split('\n');
        Assert.Matches(@"df\.yml:8:14: error DF\d{4}: .*did you mean .*frames", lines[0]);
        Assert.Equal("    8 |       image: camera/frame", lines[1]);
        Assert.Equal("      |              ^^^^^^^^^^^^", lines[2]);
        Assert.Matches(@"^1 error; 'dora explain DF\d{4}' tells more$", lines[^2]);
        Assert.Empty(_terminal.Out);
    }

    [Fact]
    public async Task A_terminal_with_colours_gets_the_same_text_in_colours()
    {
        var file = _terminal.Write("df.yml", Wrong);
        await _terminal.Run("validate", file);
        using CapturedTerminal coloured = new(coloured: true);

        await coloured.Run("validate", file);

        Assert.Contains("\e[1;31merror DF", coloured.Error);
        Assert.Equal(_terminal.Error, System.Text.RegularExpressions.Regex.Replace(coloured.Error, "\e\\[[0-9;]*m", ""));
    }

    [Fact]
    public async Task Json_tells_programs_the_same()
    {
        var file = _terminal.Write("df.yml", Wrong);

        Assert.Equal(ExitCode.InvalidDescriptor, await _terminal.Run("validate", file, "--format", "json"));

        var json = JsonDocument.Parse(_terminal.Out).RootElement;
        Assert.False(json.GetProperty("valid").GetBoolean());
        var found = Assert.Single(json.GetProperty("diagnostics").EnumerateArray());
        Assert.Equal(8, found.GetProperty("line").GetInt32());
        Assert.Equal("error", found.GetProperty("severity").GetString());
        Assert.Empty(_terminal.Error);
    }

    [Fact]
    public async Task A_valid_dataflow_is_counted()
    {
        var file = _terminal.Write("df.yml", Wrong.Replace("camera/frame", "camera/frames"));

        Assert.Equal(ExitCode.Success, await _terminal.Run("validate", file));
        Assert.EndsWith("df.yml: valid, 2 nodes, 1 edge\n", _terminal.Error);
    }
}
