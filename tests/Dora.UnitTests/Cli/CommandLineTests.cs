// SPDX-License-Identifier: Apache-2.0

using Dora.Cli;

namespace Dora.UnitTests.Cli;

public sealed class CommandLineTests : IDisposable
{
    private readonly CapturedTerminal _terminal = new();

    public void Dispose() => _terminal.Dispose();

    [Theory]
    [InlineData("validate df.yml --strict-types --format json")]
    [InlineData("run df.yml --stop-after 10s --grace 500ms --env A=1 --env B=x=y --allow-shell-nodes --exit-when-nodes-finish --build --watch")]
    [InlineData("run df.yml --hot-reload")]
    [InlineData("run df.yml --log-level debug --log-dir none --format json --quiet")]
    [InlineData("daemon --run-dataflow df.yml --stop-after 1")]
    [InlineData("build df.yml --no-cache")]
    [InlineData("expand df.yml")]
    [InlineData("graph df.yml --mermaid -o -")]
    [InlineData("graph df.yml --open --output x.html")]
    [InlineData("new robot --kind operator --lang csharp")]
    [InlineData("schema")]
    [InlineData("explain")]
    [InlineData("explain DF0101 --debug")]
    [InlineData("completion zsh")]
    [InlineData("doctor --format json")]
    public void Every_command_takes_its_options(string line) =>
        Assert.Empty(CommandLine.CreateRoot(_terminal.Terminal).Parse(line.Split(' ')).Errors);

    [Theory]
    [InlineData("vlidate df.yml", "unknown command 'vlidate'; did you mean 'validate'?")]
    [InlineData("frobnicate", "unknown command 'frobnicate'")]
    [InlineData("graph --mermiad df.yml", "unknown option '--mermiad'; did you mean '--mermaid'?")]
    [InlineData("graph df.yml --outptu=x", "unknown option '--outptu=x'; did you mean '--output'?")]
    [InlineData("validate df.yml --debgu", "unknown option '--debgu'; did you mean '--debug'?")]
    [InlineData("validate", "Required argument 'FILE' missing for command: 'validate'.")]
    [InlineData("validate a.yml b.yml", "'b.yml' is one argument too many")]
    [InlineData("validate a.yml --format xml", "Argument 'xml' not recognized. Must be one of: 'text' 'json'")]
    [InlineData("run df.yml --stop-after soon", "'soon' is no time for --stop-after; write 500ms, 10s, 2m or 1h")]
    [InlineData("run df.yml --env A", "'A' for --env is not K=V")]
    [InlineData("completion tcsh", "Argument 'tcsh' not recognized. Must be one of: 'bash' 'zsh' 'fish' 'pwsh'")]
    public async Task A_mistake_on_the_command_line_is_named_and_ends_with_2(string line, string message)
    {
        var code = await _terminal.Run(line.Split(' '));

        Assert.Equal(ExitCode.Usage, code);
        Assert.Equal($"error: {message}", _terminal.Error.Split('\n')[0]);
        Assert.StartsWith("See 'dora ", _terminal.Error.Split('\n')[1]);
        Assert.Empty(_terminal.Out);
    }

    [Theory]
    [InlineData]
    [InlineData("--help")]
    [InlineData("graph", "--help")]
    public async Task Help_is_data_and_no_error(params string[] args)
    {
        Assert.Equal(ExitCode.Success, await _terminal.Run(args));
        Assert.Contains("Usage:", _terminal.Out);
        Assert.Empty(_terminal.Error);
    }

    [Fact]
    public async Task Version_is_one_line()
    {
        Assert.Equal(ExitCode.Success, await _terminal.Run("--version"));
        Assert.Matches(@"^dora \d+\.\d+\.\d+\S*\n$", _terminal.Out);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_a_usage_error_that_names_the_neighbours()
    {
        var there = _terminal.Write("dataflow.yml", "nodes: []\n");

        Assert.Equal(ExitCode.Usage, await _terminal.Run("validate", Path.Combine(_terminal.Folder, "datflow.yml")));
        Assert.Contains("there is no file", _terminal.Error);
        Assert.Contains(there, _terminal.Error);
    }

    [Fact]
    public async Task A_folder_is_a_usage_error_that_names_the_file_in_it()
    {
        var there = _terminal.Write("dataflow.yml", "nodes: []\n");

        Assert.Equal(ExitCode.Usage, await _terminal.Run("expand", _terminal.Folder));
        Assert.Contains($"name the file: {there}", _terminal.Error);
    }

    [Fact]
    public async Task A_wrong_code_is_answered_by_the_nearest_one()
    {
        var known = Dora.Dataflows.Diagnostics.DiagnosticCatalogue.All.First().Code;

        Assert.Equal(ExitCode.Usage, await _terminal.Run("explain", known + "1"));
        Assert.Contains(known, _terminal.Error);
    }

    [Fact]
    public async Task Explain_shows_wrong_and_right_yaml()
    {
        var known = Dora.Dataflows.Diagnostics.DiagnosticCatalogue.All.First(e => e.Wrong.Length > 0 && e.Right.Length > 0);

        Assert.Equal(ExitCode.Success, await _terminal.Run("explain", known.Code.ToLowerInvariant()));
        Assert.StartsWith($"{known.Code}: {known.Title}\n", _terminal.Out);
        Assert.Contains("\nWrong:\n    " + known.Wrong.Split('\n')[0], _terminal.Out);
        Assert.Contains("\nRight:\n    " + known.Right.Split('\n')[0], _terminal.Out);
    }
}
