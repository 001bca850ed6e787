// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Pictures;

/// <summary>Where arrows touch boxes: spread over the side, in the order in which they leave or come.</summary>
internal sealed class Ports
{
    private readonly Point[] _starts;
    private readonly Point[] _ends;

    public Ports(IReadOnlyList<Arrow> arrows, Layers layers, IReadOnlyDictionary<string, int> index, Area[] areas, double[] middles)
    {
        _starts = new Point[arrows.Count];
        _ends = new Point[arrows.Count];
        var all = Enumerable.Range(0, arrows.Count).ToList();
        foreach (var group in all.GroupBy(i => index[arrows[i].From]))
            Place(group, areas[group.Key].RightMiddle, areas[group.Key].Height, _starts, i => layers.IsBackward[i] ? double.MaxValue : middles[layers.Chains[i][1]]);
        foreach (var group in all.GroupBy(i => index[arrows[i].To]))
            Place(group, areas[group.Key].LeftMiddle, areas[group.Key].Height, _ends, i => layers.IsBackward[i] ? double.MaxValue : middles[layers.Chains[i][^2]]);
    }

    public Point Start(int arrow) => _starts[arrow];

    public Point End(int arrow) => _ends[arrow];

    private static void Place(IEnumerable<int> arrows, Point middle, double sideHeight, Point[] ports, Func<int, double> otherEnd)
    {
        int[] sorted = [.. arrows.OrderBy(otherEnd)];
        var step = Math.Min(14, (sideHeight - 12) / sorted.Length);
        for (var k = 0; k < sorted.Length; k++)
            ports[sorted[k]] = middle with { Y = middle.Y + ((k - ((sorted.Length - 1) / 2.0)) * step) };
    }
}
