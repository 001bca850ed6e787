// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Text;
using Dora.Comparison.Plan;
using Dora.Comparison.Running;

namespace Dora.Comparison.Reporting;

/// <summary>The results as Markdown: machine, goals, tables, and what went wrong.</summary>
internal sealed class Report(Plan.Comparison comparison, Results results, Machine machine, IReadOnlyCollection<(Peer Peer, string Reason)> missing)
{
    private readonly StringBuilder _text = new();

    public string Write()
    {
        _text.Clear();
        WriteMachine();
        WriteGoals();
        foreach (var table in comparison.Tables)
            WriteTable(table);
        WriteTroubles();
        return _text.ToString();
    }

    private void WriteMachine()
    {
        int rounds = results.Records.Count == 0 ? 0 : results.Records.Max(r => r.Round);
        int busy = results.Records.Count(r => r.Runnable > 0);
        Line("### Machine");
        Line();
        Line($"{machine.Cpu}, {machine.Cores} cores{(machine.Virtual ? " of a virtual machine" : "")}, L2 {machine.L2}, L3 {machine.L3}, "
            + $"{machine.MemoryGib:0.#} GiB of memory; Linux {machine.Kernel}, {machine.System}; {machine.Runtime}.");
        if (machine.Packages.Count > 0)
            Line("Peers from the distribution: " + string.Join(", ", machine.Packages.Select(p => $"{p.Key} {p.Value}")) + ".");
        Line($"Medians of {rounds} round{(rounds == 1 ? "" : "s")} in shuffled order (smallest–largest in brackets); {results.Records.Count} runs, "
            + $"{busy} of them started while something else was runnable.");
        Line();
    }

    private void WriteGoals()
    {
        Line("### Goals");
        Line();
        Line("The worst over the sizes and peers that a goal names; in brackets where it was found.");
        Line();
        Line($"| goal | limit | {string.Join(" | ", comparison.Subjects.Select(s => comparison.Peer(s).Title))} |");
        Line("|---|---" + string.Concat(comparison.Subjects.Select(_ => "|---")) + "|");
        var goals = new Goals(comparison, results);
        int met = 0, missed = 0;
        foreach (var goal in comparison.Goals)
        {
            var states = comparison.Subjects.Select(s => !(goal.Subjects ?? Plan.Comparison.DoraBuilds).Contains(s) ? (GoalState?)null : goals.Check(goal, s)).ToList();
            met += states.Count(s => s?.Met == true);
            missed += states.Count(s => s?.Met == false);
            string limit = goal.AtMost is { } most ? "≤ " + Format.Number(goal.Against is null ? goal.Metric : "", most)
                : "≥ " + Format.Number(goal.Against is null ? goal.Metric : "", goal.AtLeast ?? 0);
            Line($"| {goal.Text} | {limit} | {string.Join(" | ", states.Select(s => State(goal, s)))} |");
        }

        Line();
        Line($"{met} met, {missed} missed.");
        Line();
    }

    private static string State(Goal goal, GoalState? state) => state switch
    {
        null => "",
        { Met: null } => "not measured",
        { Value: var value, Where: var where, Met: var met } =>
            $"{(met == true ? "✓" : "✗")} {Format.Number(goal.Against is null ? goal.Metric : "", value!.Value)}{(where.Length > 0 ? $" ({where})" : "")}",
    };

    private void WriteTable(Table table)
    {
        if (!results.Records.Any(r => r.Table == table.Id && r.Outcome == "ok"))
            return;
        Line($"### {table.Title}");
        Line();
        if (table.Sizes.Count == 1)
        {
            WriteRows(table, table.Metrics.Select(Format.MetricTitle), (peer, write) =>
            {
                foreach (string metric in table.Metrics)
                    write(metric, results.Of(new Cell(table.Id, peer, table.Sizes[0]), metric));
            });
            return;
        }

        foreach (string metric in table.Metrics)
        {
            Line($"{Format.MetricTitle(metric)}:");
            Line();
            WriteRows(table, table.Sizes.Select(Format.Size), (peer, write) =>
            {
                foreach (int size in table.Sizes)
                    write(metric, results.Of(new Cell(table.Id, peer, size), metric));
            });
        }
    }

    private void WriteRows(Table table, IEnumerable<string> headings, Action<string, Action<string, Statistics?>> row)
    {
        var columns = headings.ToList();
        Line($"| | {string.Join(" | ", columns)} |");
        Line("|---" + string.Concat(columns.Select(_ => "|---")) + "|");
        foreach (var peer in comparison.PeersOf(table))
        {
            if (!results.Records.Any(r => r.Table == table.Id && r.Peer == peer.Name && r.Outcome == "ok"))
                continue;
            _text.Append(peer.Name.StartsWith("dora", StringComparison.Ordinal) ? $"| **{peer.Title}** |" : $"| {peer.Title} |");
            row(peer.Name, (metric, statistics) => _text.Append(' ').Append(Format.Cell(metric, statistics)).Append(" |"));
            Line();
        }

        Line();
    }

    /// <summary>Nothing is left out silently.</summary>
    private void WriteTroubles()
    {
        var failed = results.Records.Where(r => r.Outcome == "failed").GroupBy(r => (r.Cell, r.Reason)).ToList();
        var absent = missing.Where(m => !results.Records.Any(r => r.Peer == m.Peer.Name && r.Outcome == "ok")).ToList();
        if (failed.Count == 0 && absent.Count == 0)
            return;
        Line("### What failed or is missing");
        Line();
        foreach (var (peer, reason) in absent)
            Line($"- {peer.Title}: {reason.ReplaceLineEndings(" ")}");
        foreach (var failure in failed)
        {
            var (cell, reason) = failure.Key;
            Line(string.Create(CultureInfo.InvariantCulture,
                $"- {comparison.Peer(cell.Peer).Title}, {cell.Table}, {Format.Size(cell.SizeBytes)}: {(reason ?? "").ReplaceLineEndings(" ")} ({failure.Count()}×)"));
        }

        Line();
    }

    private void Line(string text = "") => _text.Append(text).Append('\n');
}
