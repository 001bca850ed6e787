// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Pictures;

/// <summary>Gives boxes coordinates, layer by layer from left to right, and arrows a way between them.</summary>
internal static class LayeredLayout
{
    private const double RowGap = 28;
    private const double MinColumnGap = 56;
    private const double LaneHeight = 26;
    private const double PassingHeight = 8;
    private const int AlignmentSweeps = 6;

    /// <param name="items">Boxes with their sizes.</param>
    /// <param name="arrows">Between those boxes.</param>
    public static Layout Place(IReadOnlyList<(string Id, double Width, double Height)> items, IReadOnlyList<Arrow> arrows)
    {
        var index = items.Select((item, i) => (item.Id, i)).ToDictionary(x => x.Id, x => x.i);
        var layers = new Layers(items.Count, [.. arrows.Select(a => (index[a.From], index[a.To]))]);
        var (left, widths) = Columns(items, arrows, layers);
        var middles = Rows(items, layers);

        var areas = items.Select((item, v) =>
        {
            var column = layers.RankOf(v);
            return new Area(left[column] + ((widths[column] - item.Width) / 2), middles[v] - (item.Height / 2), item.Width, item.Height);
        }).ToArray();
        var (routes, height) = Routes(arrows, index, layers, areas, left, widths, middles);
        var width = areas.Length == 0 ? 0 : areas.Max(a => a.Right);
        if (layers.IsBackward.Any(b => b))
            width += MinColumnGap / 2;
        return new Layout(width, height, items.Select((item, v) => (item.Id, areas[v])).ToDictionary(x => x.Id, x => x.Item2), routes);
    }

    /// <summary>Left edge and width of each layer; the gap after it has room for the labels of the arrows that leave it.</summary>
    private static (double[] Left, double[] Widths) Columns(
        IReadOnlyList<(string Id, double Width, double Height)> items, IReadOnlyList<Arrow> arrows, Layers layers)
    {
        var count = layers.Columns.Count;
        var widths = layers.Columns.Select(c => c.Where(v => v < items.Count).Select(v => items[v].Width).DefaultIfEmpty(20).Max()).ToArray();
        var gaps = Enumerable.Repeat(MinColumnGap, count).ToArray();
        for (var i = 0; i < arrows.Count; i++)
        {
            if (layers.IsBackward[i])
                continue;
            var rank = layers.RankOf(layers.Chains[i][0]);
            gaps[rank] = Math.Max(gaps[rank], ArrowLabel.Width(arrows[i]) + 48);
        }

        // Backward arrows enter from the left of the first layer.
        var left = new double[count];
        for (var c = 0; c < count; c++)
            left[c] = c > 0 ? left[c - 1] + widths[c - 1] + gaps[c - 1] : layers.IsBackward.Any(b => b) ? MinColumnGap / 2 : 0;
        return (left, widths);
    }

    /// <summary>Vertical middle of each vertex: as near as possible to its neighbours' mean.</summary>
    private static double[] Rows(IReadOnlyList<(string Id, double Width, double Height)> items, Layers layers)
    {
        var vertices = layers.Columns.Sum(c => c.Count);
        var middles = new double[vertices];
        double Height(int v) => v < items.Count ? items[v].Height : PassingHeight;
        for (var sweep = 0; sweep <= AlignmentSweeps; sweep++)
        {
            var toTheRight = sweep % 2 == 0;
            for (var i = 0; i < layers.Columns.Count; i++)
            {
                var column = layers.Columns[toTheRight ? i : layers.Columns.Count - 1 - i];
                var wished = column.Select(v =>
                {
                    var neighbours = toTheRight ? layers.Before(v) : layers.After(v);
                    return neighbours.Count > 0 ? neighbours.Average(n => middles[n]) : middles[v];
                });
                var placed = Spread.Centres([.. wished], [.. column.Select(Height)], RowGap);
                for (var k = 0; k < column.Count; k++)
                    middles[column[k]] = placed[k];
            }
        }

        var top = Enumerable.Range(0, vertices).Select(v => middles[v] - (Height(v) / 2)).DefaultIfEmpty(0).Min();
        for (var v = 0; v < vertices; v++)
            middles[v] -= top;
        return middles;
    }

    private static (Route[] Routes, double Height) Routes(
        IReadOnlyList<Arrow> arrows, Dictionary<string, int> index, Layers layers, Area[] areas, double[] left, double[] widths, double[] middles)
    {
        var ports = new Ports(arrows, layers, index, areas, middles);
        var routes = new Route[arrows.Count];
        var bottom = areas.Select(a => a.Bottom).Concat(middles).DefaultIfEmpty(0).Max();
        for (var i = 0; i < arrows.Count; i++)
        {
            var (start, end) = (ports.Start(i), ports.End(i));
            if (layers.IsBackward[i])
            {
                bottom += LaneHeight + ((arrows[i].Flows.Count - 1) * TextSize.LineHeight);
                var (right, before) = (start.X + (MinColumnGap / 3), end.X - (MinColumnGap / 3));
                Point[] around = [start, new(right, start.Y), new(right, bottom), new(before, bottom), new(before, end.Y), end];
                routes[i] = new Route(arrows[i], around, new((right + before) / 2, bottom), IsBackward: true);
                continue;
            }

            List<Point> path = [start];
            foreach (var passed in layers.Chains[i].Skip(1).SkipLast(1))
            {
                var column = layers.RankOf(passed);
                path.Add(new(left[column], middles[passed]));
                path.Add(new(left[column] + widths[column], middles[passed]));
            }

            path.Add(end);
            routes[i] = new Route(arrows[i], path, new((path[0].X + path[1].X) / 2, (path[0].Y + path[1].Y) / 2), IsBackward: false);
        }

        ArrowLabel.Separate(routes, i => layers.IsBackward[i] ? -1 : layers.RankOf(index[arrows[i].From]));
        bottom = Math.Max(bottom, routes.Select(r => r.Label.Y + (ArrowLabel.Height(r.Arrow) / 2)).DefaultIfEmpty(0).Max());
        return (routes, bottom);
    }
}
