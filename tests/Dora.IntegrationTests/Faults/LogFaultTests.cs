// SPDX-License-Identifier: Apache-2.0

using System.Text.Json;

namespace Dora.IntegrationTests.Faults;

/// <summary>Faults 31 and 32: what nodes write can neither give away secrets nor fill the disk nor take over the terminal.</summary>
[Collection(FaultCollection.Name)]
public sealed class LogFaultTests
{
    private const int LineBytesMax = 64 << 10;
    private const int EscapeLength = 4; // \xff
    private const int FloodBytes = 20 * 1_000_001;

    [Fact]
    [Fault(FaultGroup.Logs, "A node prints a secret of its environment", "It is masked in output, log files and report")]
    public async Task Fault_31_a_secret_that_a_node_prints_is_masked_everywhere()
    {
        const string Secret = "canary-5a17e-of-the-mine";
        await using DataflowRun run = new();
        run.Start($$"""
            - id: blab
              path: {{DataflowRun.Program}}
              args: prints_environment
              env: {SERVICE_API_TOKEN: {{Secret}}}
            """);

        var report = (await run.End()).Succeeded();

        Assert.Contains("SERVICE_API_TOKEN=***", report.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, report.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, report.Json!.Value.GetRawText(), StringComparison.Ordinal);
        var logs = Logs(run);
        Assert.Contains(logs, log => File.ReadAllText(log).Contains("SERVICE_API_TOKEN=***", StringComparison.Ordinal));
        Assert.DoesNotContain(logs, log => File.ReadAllText(log).Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    [Fault(FaultGroup.Logs, "A node prints a line of 20 MB with all kinds of bytes", "It is cut and escaped, and says how much is missing")]
    public async Task Fault_32_a_line_of_twenty_megabytes_of_all_bytes_is_escaped_cut_and_counted()
    {
        await using DataflowRun run = new();
        run.Start($"- {{id: flood, path: {DataflowRun.Program}, args: floods_log --lines 20 --length 1000000 --binary 1}}");

        var report = (await run.End()).Succeeded();

        Assert.DoesNotContain(report.Log, c => char.IsControl(c) && c is not ('\n' or '\t'));
        Assert.Contains("the end of the flood", report.Log, StringComparison.Ordinal); // what follows is whole
        var records = Logs(run).SelectMany(File.ReadLines).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("message").GetString()!).ToArray();
        Assert.Contains(records, message => message.EndsWith($"[… {FloodBytes - LineBytesMax} bytes cut]", StringComparison.Ordinal));
        Assert.DoesNotContain(records, message => message.Length > (EscapeLength * LineBytesMax) + 100);
        Assert.InRange(Logs(run).Sum(log => new FileInfo(log).Length), 1, 10 * LineBytesMax);
    }

    [Fact]
    [Fault(FaultGroup.Logs, "A node floods its log", "Lines are left out and counted; log files stay within `max_log_size`")]
    public async Task Fault_32_a_flood_of_lines_is_limited_and_the_files_stay_within_their_bound()
    {
        await using DataflowRun run = new();
        run.Start($$"""
            - id: flood
              path: {{DataflowRun.Program}}
              args: floods_log --lines 40000 --length 500
              max_log_size: 100KB
              max_rotated_files: 2
            """);

        var report = (await run.End()).Succeeded();

        Assert.Contains("lines suppressed", report.Log, StringComparison.Ordinal);
        var logs = Logs(run);
        Assert.InRange(logs.Length, 1, 3);
        Assert.All(logs, log => Assert.InRange(new FileInfo(log).Length, 0, 100 << 10));
    }

    [Fact]
    [Fault(FaultGroup.Logs, "A node floods its log with records over the socket", "Records are left out, and every one is counted")]
    public async Task Fault_32_a_flood_of_records_over_the_socket_is_limited_and_every_one_is_counted()
    {
        const int Records = 200_000; // so many that no machine is slow enough to let them all pass
        await using DataflowRun run = new();
        run.Start($"- {{id: flood, path: {DataflowRun.Program}, args: floods_log --to api --lines {Records}}}");

        (await run.End()).Succeeded();

        var messages = Logs(run).SelectMany(File.ReadLines).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("message").GetString()!).ToArray();
        var suppressed = messages.Where(m => m.Contains(" lines suppressed", StringComparison.Ordinal)).Sum(m => int.Parse(m.Split(' ')[0]));
        Assert.True(suppressed > 0, run.Log);
        Assert.Equal(Records + 1, messages.Count(m => m is "spam" or "the end of the flood") + suppressed); // the last one may be suppressed, too
    }

    private static string[] Logs(DataflowRun run) => Directory.GetFiles(Path.Combine(run.Folder, "out"), "*.jsonl", SearchOption.AllDirectories);
}
