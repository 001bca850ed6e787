// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Globalization;
using Dora.Comparison.Plan;

namespace Dora.Comparison.Running;

/// <summary>Runs the cells of a comparison in shuffled rounds, one at a time, and keeps their results.</summary>
internal sealed class Runner(Plan.Comparison comparison, Results results, Settings settings, TextWriter log)
{
    private static readonly TimeSpan RunLimit = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan QuietLimit = TimeSpan.FromMilliseconds(400);

    private readonly long _started = Stopwatch.GetTimestamp();

    /// <summary>Runs what is not there yet. False: the time was over before all was done.</summary>
    public async Task<bool> RunAsync(CancellationToken stopping)
    {
        var missing = Missing().Select(m => m.Peer.Name).ToHashSet();
        Cell[] cells = [.. comparison.Cells(settings.Peers, settings.Cases, settings.Sizes).Where(c => !missing.Contains(c.Peer))];
        int done = 0, total = cells.Length * settings.Rounds;
        for (int round = 1; round <= settings.Rounds; round++)
        {
            // The order depends on the round alone, so that a resumed run goes on where it was.
            new Random(settings.Seed + round).Shuffle(cells);
            foreach (var cell in cells)
            {
                done++;
                if (results.Has(cell, round) || round > (comparison.Table(cell.Table).Rounds ?? round))
                    continue;
                if (settings.TimeLimit is { } limit && Stopwatch.GetElapsedTime(_started) > limit)
                    return false;
                var record = await RunAsync(cell, round, stopping).ConfigureAwait(false);
                results.Add(record);
                log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{done}/{total}] {cell}: {Describe(record)}"));
            }
        }

        return true;
    }

    /// <summary>The peers of this comparison that were not built, each with the reason.</summary>
    public IEnumerable<(Peer Peer, string Reason)> Missing() =>
        from peer in comparison.Peers
        where settings.Peers.Count == 0 || settings.Peers.Contains(peer.Name)
        let reason = MissingReason(peer)
        where reason is not null
        select (peer, reason);

    /// <summary>How many messages fill the time budget, by the rounds before or, in the first, by the peer's guessed costs.</summary>
    public int Messages(Cell cell)
    {
        var table = comparison.Table(cell.Table);
        if (table.Messages is { } fixedCount)
            return settings.Quick ? Math.Max(3, fixedCount / 5) : fixedCount;

        var peer = comparison.Peer(cell.Peer);
        bool pingPong = table.Case == "pingpong";
        double us = pingPong
            ? 2 * (results.Of(cell, "p50_us")?.Median ?? peer.LatencyUs + peer.LatencyNsPerByte * cell.SizeBytes / 1000)
            : 1e6 / results.Of(cell, "msgs_per_s")?.Median ?? table.Fan * (peer.ThroughputUs + peer.ThroughputNsPerByte * cell.SizeBytes / 1000);
        double budgetUs = settings.Quick ? 50_000 : 200_000;
        return (int)Math.Clamp(budgetUs / Math.Max(us, 0.05), pingPong ? 8 : 6, pingPong ? 100_000 : 3_000_000);
    }

    private async Task<RunRecord> RunAsync(Cell cell, int round, CancellationToken stopping)
    {
        var peer = comparison.Peer(cell.Peer);
        var table = comparison.Table(cell.Table);
        var (file, first) = Executable(peer);
        int messages = Messages(cell);
        List<string> arguments =
        [
            .. first, "--case", table.Case, "--size", Text(cell.SizeBytes), "--wait", table.Wait, "--fill", table.Fill, "--fan", Text(table.Fan),
            "--messages", Text(messages), "--warmup", Text(Math.Clamp(messages / 10, 2, 10_000)),
        ];
        if (table.RateHz is { } rate)
            arguments.AddRange(["--rate", rate.ToString(CultureInfo.InvariantCulture)]);
        if (table.Pin)
            arguments.Add("--pin");

        int runnable = await WaitForQuietAsync(stopping).ConfigureAwait(false);
        long started = Stopwatch.GetTimestamp();
        var (outcome, reason, line) = await PeerProcess.RunAsync(file, arguments, RunLimit, stopping).ConfigureAwait(false);
        long elapsedMs = (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return new RunRecord(cell.Table, cell.Peer, cell.SizeBytes, round, outcome, runnable, elapsedMs, reason, line);
    }

    /// <summary>Waits until nothing else wants a core, but not for ever; what is left is noted beside the result.</summary>
    private static async Task<int> WaitForQuietAsync(CancellationToken stopping)
    {
        long started = Stopwatch.GetTimestamp();
        int runnable;
        while ((runnable = Machine.OtherRunnable()) > 0 && Stopwatch.GetElapsedTime(started) < QuietLimit)
            await Task.Delay(20, stopping).ConfigureAwait(false);
        return runnable;
    }

    private (string File, string[] First) Executable(Peer peer)
    {
        var words = peer.Command.Split(' ');
        return (words[0] == "self" ? Environment.ProcessPath! : Path.Combine(settings.Artifacts, words[0]), words[1..]);
    }

    private string? MissingReason(Peer peer)
    {
        string file = Executable(peer).File;
        if (File.Exists(file))
            return null;
        // The build leaves its reason where the program would be.
        return File.Exists(file + ".missing") ? File.ReadAllText(file + ".missing").Trim() : $"not built: {peer.Command.Split(' ')[0]} is not among the artifacts";
    }

    private string Describe(RunRecord record)
    {
        if (record.Outcome != "ok")
            return $"{record.Outcome}: {record.Reason}";
        string metric = comparison.Table(record.Table).Metrics[0];
        string figure = record.Metric(metric) is { } value ? $"{metric} {Reporting.Format.Number(metric, value)}" : "no figure";
        return record.Runnable == 0 ? figure : $"{figure} ({record.Runnable} other threads were runnable)";
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
