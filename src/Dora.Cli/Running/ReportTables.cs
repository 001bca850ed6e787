// SPDX-License-Identifier: Apache-2.0

using Dora.Cli.Output;
using Dora.Daemon;
using Spectre.Console;

namespace Dora.Cli.Running;

/// <summary>The closing tables: what went over each edge, how operators kept their deadlines, and how each node ended.</summary>
internal static class ReportTables
{
    public static void Write(DataflowReport report, Terminal terminal)
    {
        var console = terminal.ErrorTables();
        if (report.Edges.Length > 0)
            console.Write(Edges(report));
        if (report.OperatorTimings.Length > 0)
            console.Write(Timings(report));
        if (report.Joins.Length > 0)
            console.Write(Joins(report));
        console.Write(Nodes(report));
        var ink = terminal.ErrorInk;
        terminal.Error.WriteLine($"dataflow {(report.Succeeded ? ink.Green("finished") : ink.Red("failed"))} after {Words.Duration(report.Duration)}");
    }

    private static Table Edges(DataflowReport report)
    {
        var table = Empty("edge").Add("received").Add("bytes").Add("dropped").Add("lost").Add("age p50").Add("age p99");
        foreach (var edge in report.Edges)
        {
            table.AddRow(
                new Text($"{edge.Source} → {edge.Target}{(edge.IsInProcess ? " (in process)" : "")}"),
                Number($"{edge.Received}"),
                Number(Words.Bytes(edge.Bytes)),
                Number(Drops(edge), edge.Dropped > 0 ? Color.Yellow : null),
                Number($"{edge.Lost}", edge.Lost > 0 ? Color.Yellow : null),
                Number(edge.AgeP50Ns is { } p50 ? Words.Age(p50) : "–"),
                Number(edge.AgeP99Ns is { } p99 ? Words.Age(p99) : "–"));
        }

        return table;
    }

    /// <summary>Why messages were dropped, most of them for the first reason as a rule.</summary>
    private static string Drops(EdgeReport edge) => Reasons(
        (edge.DroppedOldest, "oldest"),
        (edge.DroppedFull, "held"),
        (edge.DroppedPool, "no memory"),
        (edge.DroppedExpired, "expired"));

    /// <summary>Operators with a deadline or a budget.</summary>
    private static Table Timings(DataflowReport report)
    {
        var table = Empty("operator").Add("handled").Add("missed").Add("expired").Add("over budget").Add("longest");
        foreach (var op in report.OperatorTimings)
        {
            table.AddRow(
                new Text($"{op.Node}/{op.Operator}"),
                Number($"{op.Handled}"),
                Number($"{op.Missed}", op.Missed > 0 ? Color.Yellow : null),
                Number($"{op.Expired}", op.Expired > 0 ? Color.Yellow : null),
                Number($"{op.OverBudget}", op.OverBudget > 0 ? Color.Yellow : null),
                Number(op.WorstNs > 0 ? Words.Age((long)Math.Min(op.WorstNs, long.MaxValue)) : "–"));
        }

        return table;
    }

    private static Table Joins(DataflowReport report)
    {
        var table = Empty("join").Add("sets").Add("partial").Add("timed out").Add("messages").Add("dropped");
        foreach (var join in report.Joins)
        {
            table.AddRow(
                new Text($"{join.Owner} ({join.Mode.ToString().ToLowerInvariant()})"),
                Number($"{join.Sets}"),
                Number($"{join.PartialSets}"),
                Number($"{join.TimedOutSets}", join.TimedOutSets > 0 ? Color.Yellow : null),
                Number($"{join.Used}"),
                Number(Drops(join), join.Dropped > 0 ? Color.Yellow : null));
        }

        return table;
    }

    /// <summary>Why messages became part of no set.</summary>
    private static string Drops(JoinReport join) => Reasons(
        (join.Superseded, "superseded"),
        (join.Unmatched, "unmatched"),
        (join.TimedOut, "timed out"),
        (join.Late, "late"),
        (join.QueueFull, "queue full"),
        (join.NoStamp, "without stamp"),
        (join.Ended, "at the end"));

    /// <summary>Those of which there is any, in the order given.</summary>
    private static string Reasons(params (ulong Count, string Reason)[] drops) =>
        Array.TrueForAll(drops, drop => drop.Count == 0)
            ? "0"
            : string.Join(", ", drops.Where(drop => drop.Count > 0).Select(drop => $"{drop.Count} {drop.Reason}"));

    private static Table Nodes(DataflowReport report)
    {
        var table = Empty("node").Add("restarts").Add("cpu").Add("memory").AddColumn("exit");
        foreach (var node in report.Nodes)
        {
            var exit = Printable.Of(node.Exit) + (node.CausedBy is { } cause ? $" (because of {cause})" : "");
            table.AddRow(
                new Text(node.Node.Value),
                Number($"{node.Restarts}", node.Restarts > 0 ? Color.Yellow : null),
                Number(Words.Duration(node.CpuTime)),
                Number(Words.Bytes(node.MaxRssBytes)),
                new Text(exit, node.Failed ? new Style(Color.Red) : Style.Plain));
        }

        return table;
    }

    private static Table Empty(string first) => new Table().Border(TableBorder.Simple).AddColumn(first);

    private static Table Add(this Table table, string name) => table.AddColumn(new TableColumn(name).RightAligned());

    private static Text Number(string text, Color? colour = null) => new(text, colour is { } c ? new Style(c) : Style.Plain);
}
