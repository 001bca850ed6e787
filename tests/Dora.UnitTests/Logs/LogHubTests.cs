// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using System.Text;
using Dora.Daemon.Logs;
using Dora.Dataflows.Graph;
using Dora.Platform.Files;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Microsoft.Win32.SafeHandles;

namespace Dora.UnitTests.Logs;

public sealed class LogHubTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly NodeId Node = new("cam");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dora-test-");
    private readonly EventPoll _poll = new("test poll");
    private readonly Sink _sink = new();

    public void Dispose()
    {
        _poll.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Lines_of_both_streams_reach_file_observer_and_outputs()
    {
        var settings = new LogSettings { SendStdoutAs = new DataId("raw"), SendLogsAs = new DataId("logs") };
        var (hub, node) = Create(settings, environment: [new("API_KEY", "s3cr3t-value")]);
        var (output, error) = Attach(node);

        Write(output, "hello s3cr3t-value\n{\"level\":\"error\",\"message\":\"structured\"}\n");
        Write(error, "Traceback\nlast words\x1b[31m!\n");
        output.Dispose();
        error.Dispose();
        await Drained(node);
        node.Log(new LogRecord { Level = LogLevel.Debug, Message = "by socket", Target = "t" });
        hub.Dispose();

        // the order within a stream is kept, between streams it is the kernel's
        Assert.Equal(["debug|by socket", "error|structured", "stderr|Traceback", "stderr|last words!", "stdout|hello ***"],
            _sink.Entries.Select(e => $"{e.Level}|{Assert.Single(e.ToLines()).Message}").Order(StringComparer.Ordinal));
        Assert.Equal("Traceback\nlast words!", node.ErrorTail);
        Assert.Contains("raw|hello ***", _sink.Outputs);
        Assert.Contains(_sink.Outputs, o => o.StartsWith("logs|{", StringComparison.Ordinal) && o.Contains("structured", StringComparison.Ordinal));
        var lines = File.ReadAllLines(Path.Combine(_folder.FullName, "log_cam.jsonl"));
        Assert.Equal(5, lines.Length);
        Assert.All(lines, line => Assert.NotNull(JsonLogLine.TryParse(Node, Encoding.UTF8.GetBytes(line), 0)));
        Assert.DoesNotContain(lines, line => line.Contains("s3cr3t", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Fault_31_secrets_are_in_no_artefact()
    {
        var (hub, node) = Create(new LogSettings { SendStdoutAs = new DataId("raw") }, [new("DB_PASSWORD", "canary-42")]);
        var (output, error) = Attach(node);
        Write(output, "a canary-42 b\n{\"level\":\"info\",\"message\":\"canary-42\",\"fields\":{\"x\":\"canary-42\"}}\n");
        Write(error, "canary-42\n");
        output.Dispose();
        error.Dispose();
        await Drained(node);
        hub.Dispose();
        var all = File.ReadAllText(Path.Combine(_folder.FullName, "log_cam.jsonl")) + node.ErrorTail
            + string.Concat(_sink.Outputs) + string.Concat(_sink.Json) + string.Concat(_sink.Entries);
        Assert.DoesNotContain("canary", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fault_32_a_flood_is_cut_to_the_rate_and_counted()
    {
        var (hub, node) = Create(new LogSettings(), [], new LogOptions { LinesPerSecond = 10, Burst = 100 });
        var (output, error) = Attach(node);
        error.Dispose();
        var flood = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("spam\n", 10_000)));
        await Task.Run(() => FileDescriptors.WriteAll(output, flood)).WaitAsync(Patience);
        output.Dispose();
        await Drained(node);
        hub.Dispose();
        var passed = _sink.Entries.Count(e => e.Message == "spam");
        var reported = _sink.Entries.Where(e => e.Target == "dora").Sum(e => int.Parse(e.Message.Split(' ')[0]));
        Assert.InRange(passed, 100, 1_000);
        Assert.Equal(10_000, passed + reported);
    }

    [Fact]
    public async Task Fault_32_records_and_lines_share_one_rate_and_every_one_is_counted()
    {
        var (hub, node) = Create(new LogSettings(), [], new LogOptions { LinesPerSecond = 1, Burst = 100 });
        var (output, error) = Attach(node);
        error.Dispose();
        for (var i = 0; i < 1_000; i++)
            node.Log(new LogRecord { Level = LogLevel.Info, Message = "spam" });
        Write(output, string.Concat(Enumerable.Repeat("spam\n", 1_000)));
        output.Dispose();
        await Drained(node);
        hub.Dispose();

        var passed = _sink.Entries.Count(e => e.Message == "spam");
        var suppressed = _sink.Entries.Where(e => e.Target == "dora").Sum(e => int.Parse(e.Message.Split(' ')[0]));
        Assert.InRange(passed, 100, 1_000);
        Assert.Equal(2_000, passed + suppressed);
    }

    [Fact]
    public void Fault_32_a_record_is_cut_to_what_a_line_can_hold()
    {
        var (hub, node) = Create(new LogSettings());
        var record = new LogRecord { Level = LogLevel.Info, Message = new string('m', 900_000), Target = new string('t', 10_000) };
        for (var i = 0; i < 1_000; i++)
            record.Fields.Add($"field {i}", new string('v', 5_000));

        node.Log(record);
        hub.Dispose();

        var entry = Assert.Single(_sink.Entries);
        Assert.EndsWith($"[… {900_000 - (64 << 10)} characters cut]", entry.Message, StringComparison.Ordinal);
        Assert.InRange(entry.Target!.Length, 1, 300);
        Assert.InRange(entry.Fields.Length, 1, 64);
        Assert.InRange(entry.Fields.Sum(f => f.Key.Length + f.Value.Length), 1, 70_000);
    }

    [Fact]
    public void What_is_left_to_do_is_done_soon_though_no_node_says_anything_more()
    {
        var (hub, node) = Create(new LogSettings(), [], new LogOptions { LinesPerSecond = 1, Burst = 1 });
        var file = Path.Combine(_folder.FullName, "log_cam.jsonl");
        for (var round = 1; round <= 2; round++) // the second one shows that the first has armed it anew
        {
            for (var i = 0; i < 1_000; i++)
                node.Log(new LogRecord { Level = LogLevel.Info, Message = "spam" });
            Assert.True(SpinWait.SpinUntil(() => File.Exists(file) && File.ReadAllText(file).Split("lines suppressed").Length > round, Patience));
        }

        hub.Dispose();
    }

    [Fact]
    public async Task Below_the_minimum_level_nothing_is_kept_but_raw_output_and_the_tail()
    {
        var (hub, node) = Create(new LogSettings { MinLevel = "error", SendStdoutAs = new DataId("raw") });
        var (output, error) = Attach(node);
        Write(output, "plain\n");
        Write(error, "oops\n");
        output.Dispose();
        error.Dispose();
        await Drained(node);
        node.Log(new LogRecord { Level = LogLevel.Warn, Message = "warning" });
        node.Log(new LogRecord { Level = LogLevel.Error, Message = "broken" });
        hub.Dispose();
        Assert.Equal(["broken"], _sink.Entries.Select(e => e.Message));
        Assert.Contains("raw|plain", _sink.Outputs);
        Assert.Equal("oops", node.ErrorTail);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_does_not_stop_anything()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "file"), "");
        var (hub, node) = Create(new LogSettings(), [], new LogOptions { Directory = Path.Combine(_folder.FullName, "file", "logs") });
        var (output, error) = Attach(node);
        error.Dispose();
        Write(output, "one\ntwo\n");
        output.Dispose();
        await Drained(node);
        hub.Dispose();
        Assert.Contains(_sink.Entries, e => e.Message == "two");
        Assert.Single(_sink.Entries, e => e.Message.StartsWith("the log file can't be written", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Half_a_line_at_the_end_counts_and_a_restarted_node_goes_on_in_the_same_file()
    {
        var (hub, node) = Create(new LogSettings());
        for (var i = 0; i < 2; i++)
        {
            var (output, error) = Attach(node);
            Write(error, $"incarnation {i}");
            output.Dispose();
            error.Dispose();
            await Drained(node);
            Assert.Equal($"incarnation {i}", node.ErrorTail);
        }
        hub.Dispose();
        Assert.Equal(2, File.ReadAllLines(Path.Combine(_folder.FullName, "log_cam.jsonl")).Length);
    }

    private (LogHub Hub, NodeLog Node) Create(
        LogSettings settings, KeyValuePair<string, string>[]? environment = null, LogOptions? options = null)
    {
        options ??= new LogOptions();
        var hub = new LogHub(_poll, _sink, options.Directory is null ? options with { Directory = _folder.FullName } : options, TimeProvider.System);
        return (hub, hub.AddNode(Node, settings, environment ?? []));
    }

    private static (SafeFileHandle Output, SafeFileHandle Error) Attach(NodeLog node)
    {
        var output = FileDescriptors.CreatePipe();
        var error = FileDescriptors.CreatePipe();
        node.Attach(output.ReadEnd, error.ReadEnd);
        return (output.WriteEnd, error.WriteEnd);
    }

    private static void Write(SafeFileHandle pipe, string text) => FileDescriptors.WriteAll(pipe, Encoding.UTF8.GetBytes(text));

    private async Task Drained(NodeLog node)
    {
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _poll.Post(() =>
        {
            node.Drain();
            drained.SetResult();
        });
        await drained.Task.WaitAsync(Patience);
    }

    private sealed class Sink : ILogSink
    {
        public ConcurrentQueue<LogEntry> Entries { get; } = new();
        public ConcurrentQueue<string> Outputs { get; } = new();
        public ConcurrentQueue<string> Json { get; } = new();

        public void OnEntry(LogEntry entry, ReadOnlySpan<byte> json)
        {
            Entries.Enqueue(entry);
            Json.Enqueue(Encoding.UTF8.GetString(json));
        }

        public void PublishOutput(NodeId node, DataId output, ReadOnlySpan<byte> utf8) =>
            Outputs.Enqueue($"{output}|{Encoding.UTF8.GetString(utf8)}");
    }
}
