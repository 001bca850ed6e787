// SPDX-License-Identifier: Apache-2.0

using System.Text.Json;
using Dora.Platform.Processes;
using Dora.Testing;

namespace Dora.IntegrationTests.Cli;

public sealed class RunTests : IDisposable
{
    private static readonly string TestNodes = Path.Combine(DoraExecutable.RepositoryRoot, "tests", "nodes", "Dora.TestNodes", "bin", "Debug", "net10.0", "Dora.TestNodes");
    private readonly string _folder = Directory.CreateTempSubdirectory("dora-run-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Ctrl_C_once_stops_in_good_order_with_a_countdown()
    {
        using var run = DoraRun.StartOnTerminal(_folder, "run", Endless());
        await run.Saw("dataflow running");

        run.PressCtrlC();

        Assert.Equal(130, await run.ExitCode());
        Assert.Contains("stopping: nodes have", run.Out);
        Assert.Contains("Ctrl-C again", run.Out);
        Assert.Contains("dataflow finished", run.Out);
    }

    [Fact]
    public async Task Ctrl_C_twice_ends_nodes_that_do_not_listen()
    {
        using var run = DoraRun.StartOnTerminal(_folder, "run", Flow("ignores_stop"), "--grace", "10m");
        await run.Saw("dataflow running");

        run.PressCtrlC();
        await run.Saw("stopping: nodes have");
        run.PressCtrlC();

        Assert.Equal(130, await run.ExitCode()); // within our patience, which is shorter than the grace
    }

    [Theory]
    [InlineData(15)] // SIGTERM
    [InlineData(1)] // SIGHUP
    public async Task Other_signals_stop_in_good_order_too(int signal)
    {
        using var run = DoraRun.Start(_folder, "run", Endless());
        await run.Saw("dataflow running");

        run.Send(signal);

        Assert.Equal(130, await run.ExitCode());
        Assert.Contains("stopping: nodes have", run.Error);
    }

    [Fact]
    public async Task The_report_can_be_read_by_a_program()
    {
        var (code, output, _) = await DoraRun.ToEnd(_folder, "run", Endless(), "--stop-after", "1s", "--format", "json");

        Assert.Equal(0, code);
        var report = JsonDocument.Parse(output).RootElement;
        Assert.True(report.GetProperty("succeeded").GetBoolean());
        var edge = report.GetProperty("edges").EnumerateArray().Single(e => e.GetProperty("source").GetString() == "source/data");
        Assert.True(edge.GetProperty("received").GetInt64() > 0);
    }

    [Fact]
    public async Task A_node_that_fails_is_named_and_the_run_ends_with_1()
    {
        var (code, _, error) = await DoraRun.ToEnd(_folder, "run", Flow("crashes_on_start --how exit --code 7"));

        Assert.Equal(1, code);
        Assert.Contains("node 'node' failed first", error);
        Assert.Contains("7", error);
        Assert.DoesNotContain("   at ", error.Split("failed first")[1]);
    }

    [Fact]
    public async Task The_name_of_the_early_documentation_runs_a_dataflow()
    {
        var (code, _, error) = await DoraRun.ToEnd(_folder, "daemon", "--run-dataflow", Endless(), "--stop-after", "1s", "--log-dir", "none");

        Assert.Equal(0, code);
        Assert.Contains("dataflow finished", error);
        Assert.False(Directory.Exists(Path.Combine(_folder, "out")));
    }

    [Fact]
    public async Task Shell_lines_do_not_run_unless_allowed()
    {
        var file = Write("df.yml", "nodes:\n  - id: a\n    path: shell\n    args: touch touched\n");

        var (code, _, _) = await DoraRun.ToEnd(_folder, "run", file);

        Assert.Equal(4, code);
        Assert.False(File.Exists(Path.Combine(_folder, "touched")));
    }

    /// <summary>A source at a timer and a sink; they run until they are stopped.</summary>
    private string Endless() => Write("df.yml", $$"""
        nodes:
          - id: source
            path: {{TestNodes}}
            args: source --count 1000000
            inputs: {tick: dora/timer/millis/20}
            outputs: [data]
          - id: sink
            path: {{TestNodes}}
            args: sink
            inputs: {data: source/data}
        """);

    private string Flow(string behaviour) => Write("df.yml", $$"""
        nodes:
          - id: node
            path: {{TestNodes}}
            args: {{behaviour}}
            inputs: {tick: dora/timer/millis/20}
        """);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
