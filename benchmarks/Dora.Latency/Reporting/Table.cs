// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Dora.Latency.Reporting;

/// <summary>All runs as a table for people.</summary>
internal static class Table
{
    private static readonly (string Title, Func<Figures, string> Cell)[] Columns =
    [
        ("case", f => f.Run.Case),
        ("size", f => f.Run.Size.ToString(CultureInfo.InvariantCulture)),
        ("fan", f => f.Run.Fan.ToString(CultureInfo.InvariantCulture)),
        ("wait", f => f.Run.Wait),
        ("fill", f => f.Run.Fill.ToString().ToLowerInvariant()),
        ("p50 µs", f => Short(f.Latency?.P50Us)),
        ("p90", f => Short(f.Latency?.P90Us)),
        ("p99", f => Short(f.Latency?.P99Us)),
        ("p99.9", f => Short(f.Latency?.P999Us)),
        ("max", f => Short(f.Latency?.MaxUs)),
        ("first", f => Short(f.FirstUs)),
        ("msgs/s", f => Short(f.MessagesPerSecond)),
        ("GB/s", f => Short(f.GigabytesPerSecond)),
        ("CPU µs/msg", f => Short(f.CpuUsPerMessage ?? f.CpuUsPerSecond)),
        ("daemon", f => Short(f.DaemonCpuUsPerMessage ?? f.DaemonCpuUsPerSecond)),
        ("B/msg", f => Short(f.AllocatedPerMessage)),
        ("GCs", f => Short(f.Collections)),
        ("faults/msg", f => Short(f.FaultsPerMessage)),
        ("waits/msg", f => Short(f.SwitchesPerMessage)),
    ];

    public static void Write(IReadOnlyList<Figures> all, TextWriter to)
    {
        string[][] rows = [[.. Columns.Select(c => c.Title)], .. all.Select(f => Columns.Select(c => c.Cell(f)).ToArray())];
        var widths = Columns.Select((_, i) => rows.Max(row => row[i].Length)).ToArray();
        foreach (var row in rows)
            to.WriteLine(string.Join("  ", row.Select((cell, i) => cell.PadLeft(widths[i]))));
        if (all.Any(f => f.Run.Case == "idle"))
            to.WriteLine("idle: CPU and daemon are µs for each second, waits for each second");
        foreach (var start in all.Where(f => f.CommandUs is not null))
        {
            to.WriteLine($"start: times from dora's having validated to the first message; the last node's Main after {Short(start.MainUs)} µs, all ready after "
                + $"{Short(start.ReadyUs)} µs; from the command {Short(start.CommandUs)} µs");
        }
    }

    private static string Short(double? value) => value switch
    {
        null => "",
        >= 10_000_000 => $"{value / 1e6:F1}M",
        >= 1_000_000 => $"{value / 1e6:F2}M",
        >= 100_000 => $"{value / 1e3:F0}K",
        >= 100 or 0 => $"{value:F0}",
        >= 10 => $"{value:F1}",
        >= 0.01 => $"{value:F3}",
        _ => $"{value:F4}",
    };
}
