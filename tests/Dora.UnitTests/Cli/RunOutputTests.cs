// SPDX-License-Identifier: Apache-2.0

using System.Text.Json;
using Dora.Cli.Commands;
using Dora.Cli.Output;
using Dora.Cli.Running;
using Dora.Daemon;
using Dora.Dataflows.Graph;
using Dora.Protocol;

namespace Dora.UnitTests.Cli;

public sealed class RunOutputTests : IDisposable
{
    private static readonly NodeId Camera = new("camera");
    private static readonly NodeId Plot = new("plot");

    private static readonly DataflowReport Report = new()
    {
        Id = new DataflowId(Guid.Parse("01890000-0000-7000-8000-000000000001")),
        Succeeded = false,
        Duration = TimeSpan.FromSeconds(12.34),
        FirstFailure = new NodeFailure(Camera, "exit code 3\nno such device\n\e[31mred", null),
        Nodes =
        [
            new NodeReport(Camera, 2, "exit code 3", Failed: true, null, 41 << 20, TimeSpan.FromMilliseconds(850)),
            new NodeReport(Plot, 0, "exit code 1", Failed: true, Camera, 52 << 20, TimeSpan.FromSeconds(3)),
        ],
        Edges =
        [
            new EdgeReport("camera/image", "plot/image")
            {
                Sent = 125, Received = 117, DroppedOldest = 3, DroppedFull = 2, DroppedPool = 1, Lost = 2,
                Bytes = 110_592_000, AgeP50Ns = 42_000, AgeP99Ns = 1_250_000,
            },
            new EdgeReport("dora/timer/hz/10", "camera/tick"),
        ],
    };

    private readonly CapturedTerminal _terminal = new();

    public void Dispose() => _terminal.Dispose();

    [Fact]
    public void Node_lines_go_to_the_stream_they_came_from_and_state_is_talk()
    {
        var printer = Printer(new RunSettings { File = "x" });

        printer.NodeChanged(new NodeChange(Camera, NodePhase.Ready, 0, "", false));
        printer.NodeChanged(new NodeChange(Camera, NodePhase.Running, 0, "", false));
        printer.LogLine(new NodeLogLine(Camera, "stdout", "hello", null, 0));
        printer.LogLine(new NodeLogLine(Plot, "stderr", "oh", null, 0));
        printer.LogLine(new NodeLogLine(Plot, "warn", "low light", "plot.eye", 0));
        printer.LogLine(new NodeLogLine(Plot, "debug", "not shown", null, 0));
        printer.NodeChanged(new NodeChange(Camera, NodePhase.Exited, 0, "exit code 3", true));
        printer.DataflowChanged(DataflowPhase.Running, "all nodes are ready");

        Assert.Equal("camera | hello\n", _terminal.Out);
        Assert.Equal("""
            camera | ready
            plot   | oh
            plot   | warn: plot.eye: low light
            camera | exited: exit code 3
            dataflow running: all nodes are ready

            """, _terminal.Error);
    }

    [Fact]
    public void With_json_standard_output_is_left_to_the_report()
    {
        var printer = Printer(new RunSettings { File = "x", Json = true });

        printer.LogLine(new NodeLogLine(Camera, "stdout", "hello", null, 0));

        Assert.Empty(_terminal.Out);
        Assert.Equal("camera | hello\n", _terminal.Error);
    }

    [Fact]
    public void A_quiet_run_shows_what_nodes_write_and_errors()
    {
        var printer = Printer(new RunSettings { File = "x", Quiet = true });

        printer.NodeChanged(new NodeChange(Camera, NodePhase.Ready, 0, "", false));
        printer.DataflowChanged(DataflowPhase.Running, "");
        printer.LogLine(new NodeLogLine(Camera, "stderr", "oh", null, 0));
        printer.NodeChanged(new NodeChange(Camera, NodePhase.Exited, 0, "exit code 3", true));

        Assert.Equal("camera | oh\ncamera | exited: exit code 3\n", _terminal.Error);
    }

    [Fact]
    public void The_closing_tables_show_edges_and_nodes()
    {
        ReportTables.Write(Report, _terminal.Terminal);

        var text = string.Join('\n', _terminal.Error.Split('\n').Select(l => l.TrimEnd()));
        Assert.Matches(@"camera/image → plot/image +117 +105 MiB +3 oldest, 2 held, 1 no memory +2 +42\.0 µs +1\.25 ms", text);
        Assert.Matches(@"dora/timer/hz/10 → camera/tick +0 +0 B +0 +0 +– +–", text);
        Assert.Matches(@"camera +2 +850 ms +41\.0 MiB +exit code 3", text);
        Assert.Matches(@"plot +0 +3 s +52\.0 MiB +exit code 1 \(because of camera\)", text);
        Assert.EndsWith("dataflow failed after 12.3 s\n", text);
        Assert.Empty(_terminal.Out);
    }

    [Fact]
    public void The_json_report_has_every_number()
    {
        ReportJson.Write(Report, _terminal.Terminal.Out);

        var json = JsonDocument.Parse(_terminal.Out).RootElement;
        Assert.False(json.GetProperty("succeeded").GetBoolean());
        Assert.Equal("camera", json.GetProperty("firstFailure").GetProperty("node").GetString());
        var edge = json.GetProperty("edges")[0];
        Assert.Equal((125, 117, 6, 2, 110_592_000), (Number(edge, "sent"), Number(edge, "received"), Number(edge, "dropped"), Number(edge, "lost"), Number(edge, "bytes")));
        Assert.Equal((3, 2, 1), (Number(edge, "droppedOldest"), Number(edge, "droppedFull"), Number(edge, "droppedPool")));
        Assert.Equal((42_000, 1_250_000), (Number(edge, "ageP50Ns"), Number(edge, "ageP99Ns")));
        Assert.Equal(JsonValueKind.Null, json.GetProperty("edges")[1].GetProperty("ageP50Ns").ValueKind);
        Assert.Equal("camera", json.GetProperty("nodes")[1].GetProperty("causedBy").GetString());

        static long Number(JsonElement e, string name) => e.GetProperty(name).GetInt64();
    }

    [Fact]
    public void The_first_failure_is_named_with_its_last_words_and_its_log()
    {
        FailureMessage.Print(Report, Report.FirstFailure!, "/tmp/out", _terminal.Terminal);

        Assert.Equal("""
            error: node 'camera' failed first: exit code 3
              | no such device
              | \u001b[31mred
              its log: /tmp/out/01890000-0000-7000-8000-000000000001/log_camera.jsonl

            """, _terminal.Error);
    }

    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("10s", 10)]
    [InlineData("2m", 120)]
    [InlineData("1.5h", 5400)]
    [InlineData("7", 7)]
    public void Times_are_written_with_their_unit(string text, double seconds)
    {
        Assert.True(RunOptionSet.TryParseDuration(text, out var duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("10 minutes")]
    [InlineData("10sm")]
    [InlineData("1e300h")]
    public void Other_times_are_refused(string text) => Assert.False(RunOptionSet.TryParseDuration(text, out _));

    [Theory]
    [InlineData(999, "999 ns")]
    [InlineData(12_345, "12.3 µs")]
    [InlineData(1_250_000, "1.25 ms")]
    [InlineData(61_000_000_000, "61.0 s")]
    public void Ages_have_three_digits(long ns, string text) => Assert.Equal(text, Words.Age(ns));

    [Theory]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.50 KiB")]
    [InlineData(5368709120, "5.00 GiB")]
    public void Sizes_have_binary_units(long bytes, string text) => Assert.Equal(text, Words.Bytes(bytes));

    private RunPrinter Printer(RunSettings settings) => new(
        new DataflowGraph { SourcePath = "/x", BaseDirectory = "/", DescriptorYaml = "", Nodes = [Node(Camera), Node(Plot)] },
        settings,
        new Talk(_terminal.Terminal, settings.Quiet),
        _terminal.Terminal);

    private static GraphNode Node(NodeId id) => new() { Id = id, Kind = NodeKind.Dynamic, WorkingDirectory = "/" };
}
