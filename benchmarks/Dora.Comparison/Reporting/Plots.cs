// SPDX-License-Identifier: Apache-2.0

using Dora.Comparison.Plan;
using Dora.Comparison.Running;

namespace Dora.Comparison.Reporting;

/// <summary>The plots of a comparison; one without figures is not drawn.</summary>
internal static class Plots
{
    private const double Width = 900, Height = 560;

    /// <summary>File names and contents.</summary>
    public static IEnumerable<(string Name, string Svg)> Draw(Plan.Comparison comparison, Results results)
    {
        (string File, string? Svg)[] all =
        [
            ("latency.svg", Lines(comparison, results, "latency", "p50_us", "Latency: half a round trip, median, blocking, one copy (lower is better)")),
            ("loan.svg", Lines(comparison, results, "loan-spin", "p50_us", "Latency of a loan: half a round trip, median, spinning, no copy (lower is better)")),
            ("throughput.svg", Lines(comparison, results, "throughput", "msgs_per_s", "Messages per second, 1 → 1, lossless, blocking, one copy (higher is better)")),
            ("fan-out.svg", Lines(comparison, results, "fan-out", "msgs_per_s", "Messages per second, 1 → 4, lossless, blocking, one copy (higher is better)")),
            ("paced.svg", Dots(comparison, results, "paced", "One way at 1 kHz, 8 bytes, blocking (lower is better)")),
            ("paced-fan-out.svg", Dots(comparison, results, "paced-fan-out", "One way at 1 kHz, 8 bytes, blocking, the last of 4 subscribers (lower is better)")),
        ];
        return all.Where(p => p.Svg is not null).Select(p => (p.File, p.Svg!));
    }

    /// <summary>A metric over sizes: both axes logarithmic, a line per peer with its name at its end, whiskers from smallest to largest round.</summary>
    public static string? Lines(Plan.Comparison comparison, Results results, string tableId, string metric, string title)
    {
        var table = comparison.Table(tableId);
        var lines = (from peer in comparison.PeersOf(table)
                     let points = (from size in table.Sizes
                                   let figure = results.Of(new Cell(tableId, peer.Name, size), metric)
                                   where figure is { Median: > 0 }
                                   select (Size: size, Figure: figure.Value)).ToList()
                     where points.Count > 0
                     select (Peer: peer, Points: points)).ToList();
        if (lines.Count == 0)
            return null;

        const double left = 70, right = 690, top = 52, bottom = Height - 48;
        var x = new LogAxis(Math.Max(1, table.Sizes.Min()), table.Sizes.Max() * 1.0001, left + 12, right - 12);
        var y = LogAxis.Over(lines.SelectMany(l => l.Points).SelectMany(p => new[] { p.Figure.Min, p.Figure.Max }), bottom, top);
        var svg = new SvgWriter(Width, Height, title);
        svg.Text("ink", 16, 26, title, size: 15, bold: true);
        foreach (double between in y.Between())
            svg.Rule("fine", left, y.Place(between), right, y.Place(between));
        foreach (double decade in y.Decades())
        {
            svg.Rule("grid", left, y.Place(decade), right, y.Place(decade));
            svg.Text("soft", left - 8, y.Place(decade) + 4, metric == "msgs_per_s" ? LogAxis.Count(decade) : LogAxis.Microseconds(decade), "end");
        }

        foreach (int size in table.Sizes)
        {
            svg.Rule("grid", x.Place(size), top, x.Place(size), bottom);
            svg.Text("soft", x.Place(size), bottom + 18, Format.Size(size), "middle");
        }

        svg.Rule("axis", left, bottom, right, bottom);
        svg.Text("soft", (left + right) / 2, bottom + 38, "payload", "middle");

        // Dora last, so that it is on top.
        foreach (var (peer, points) in lines.OrderBy(l => IsDora(l.Peer)))
        {
            foreach (var point in points)
            {
                double at = x.Place(point.Size);
                svg.Line(peer.Name, [(at, y.Place(point.Figure.Min)), (at, y.Place(point.Figure.Max))], 1.2, opacity: 0.5);
            }

            svg.Line(peer.Name, points.Select(p => (x.Place(p.Size), y.Place(p.Figure.Median))), IsDora(peer) ? 3 : 1.6, dashed: peer.Name == "c-ring");
            foreach (var point in points)
                svg.Dot(peer.Name, x.Place(point.Size), y.Place(point.Figure.Median), IsDora(peer) ? 3.5 : 2.5);
        }

        var ends = lines.Select(l => (l.Peer, X: x.Place(l.Points[^1].Size), Y: y.Place(l.Points[^1].Figure.Median))).OrderBy(e => e.Y).ToList();
        double[] places = Spread([.. ends.Select(e => e.Y)], 15, top, bottom);
        for (int i = 0; i < ends.Count; i++)
        {
            var (peer, endX, endY) = ends[i];
            svg.Line(peer.Name, [(endX + 4, endY), (right + 8, places[i]), (right + 14, places[i])], 1, opacity: 0.6);
            svg.Text(peer.Name, right + 17, places[i] + 4, peer.Title, bold: IsDora(peer));
        }

        return svg.ToString();
    }

    /// <summary>One row per peer: median and 99th percentile on one axis, CPU time per message on another.</summary>
    public static string? Dots(Plan.Comparison comparison, Results results, string tableId, string title)
    {
        var table = comparison.Table(tableId);
        int size = table.Sizes[0];
        var rows = (from peer in comparison.PeersOf(table)
                    let cell = new Cell(tableId, peer.Name, size)
                    let p50 = results.Of(cell, "p50_us")?.Median
                    let p99 = results.Of(cell, "p99_us")?.Median
                    let perMessage = results.Of(cell, "cpu_us_per_msg")?.Median
                    where p50 > 0 && p99 > 0
                    orderby p50
                    select (Peer: peer, P50: p50.Value, P99: p99.Value, Cpu: perMessage ?? 0)).ToList();
        if (rows.Count == 0)
            return null;

        const double left = 200, middle = 590, gap = 40, right = Width - 60, top = 78, rowHeight = 26;
        double bottom = top + rows.Count * rowHeight;
        var latency = LogAxis.Over(rows.SelectMany(r => new[] { r.P50 * 0.6, r.P99 * 1.4 }), left, middle);
        var svg = new SvgWriter(Width, bottom + 40, title);
        svg.Text("ink", 16, 26, title, size: 15, bold: true);
        svg.Text("soft", left, 54, "● median   ○ 99th percentile");
        svg.Text("soft", middle + gap, 54, "CPU time per message, all processes");
        Grid(svg, latency, top - 10, bottom);
        var costs = rows.Where(r => r.Cpu > 0).Select(r => r.Cpu).ToList();
        LogAxis? cpu = costs.Count == 0 ? null : LogAxis.Over(costs.SelectMany(c => new[] { c * 0.8, c * 1.5 }), middle + gap, right);
        if (cpu is { } axis)
            Grid(svg, axis, top - 10, bottom);

        for (int i = 0; i < rows.Count; i++)
        {
            var (peer, p50, p99, cost) = rows[i];
            double at = top + (i + 0.5) * rowHeight - 5, radius = IsDora(peer) ? 5 : 4;
            svg.Text(peer.Name, left - 14, at + 4, peer.Title, "end", bold: IsDora(peer));
            svg.Line(peer.Name, [(latency.Place(p50), at), (latency.Place(p99), at)], IsDora(peer) ? 3 : 2, opacity: 0.6);
            svg.Dot(peer.Name, latency.Place(p50), at, radius);
            svg.Dot(peer.Name, latency.Place(p99), at, radius, hollow: true);
            svg.Text("soft", latency.Place(p50) - 9, at + 4, Format.Digits(p50), "end", 11);
            svg.Text("soft", latency.Place(p99) + 9, at + 4, Format.Digits(p99), "start", 11);
            if (cpu is not { } place || cost <= 0)
                continue;
            svg.Dot(peer.Name, place.Place(cost), at, radius);
            svg.Text("soft", place.Place(cost) + 9, at + 4, Format.Digits(cost), "start", 11);
        }

        return svg.ToString();
    }

    /// <summary>Moves sorted places apart so that they differ by at least a gap, staying between two bounds where they fit.</summary>
    public static double[] Spread(double[] places, double gap, double low, double high)
    {
        var spread = (double[])places.Clone();
        for (int i = 0; i < spread.Length; i++)
            spread[i] = Math.Max(spread[i], i == 0 ? low : spread[i - 1] + gap);
        for (int i = spread.Length - 1; i >= 0; i--)
            spread[i] = Math.Min(spread[i], i == spread.Length - 1 ? high : spread[i + 1] - gap);
        return spread;
    }

    private static void Grid(SvgWriter svg, LogAxis axis, double top, double bottom)
    {
        foreach (double between in axis.Between())
            svg.Rule("fine", axis.Place(between), top, axis.Place(between), bottom);
        foreach (double decade in axis.Decades())
        {
            svg.Rule("grid", axis.Place(decade), top, axis.Place(decade), bottom);
            svg.Text("soft", axis.Place(decade), bottom + 18, LogAxis.Microseconds(decade), "middle");
        }
    }

    private static bool IsDora(Peer peer) => peer.Name.StartsWith("dora", StringComparison.Ordinal);
}
