// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Pictures;

/// <summary>The block of names on an arrow, one line for each flow.</summary>
internal static class ArrowLabel
{
    private const int MaxLines = 6;
    private const int MaxLength = 32;

    public static IReadOnlyList<string> Lines(Arrow arrow)
    {
        List<string> lines = [.. arrow.Flows.Select(f => TextSize.Cut(f.Label, MaxLength))];
        return lines.Count <= MaxLines ? lines : [.. lines.Take(MaxLines - 1), $"… {lines.Count - MaxLines + 1} more"];
    }

    public static double Width(Arrow arrow) => Lines(arrow).Max(TextSize.Small);

    public static double Height(Arrow arrow) => Lines(arrow).Count * TextSize.LineHeight;

    /// <summary>Moves labels of one gap up and down until none covers another.</summary>
    public static void Separate(Route[] routes, Func<int, int> gapOf)
    {
        foreach (var gap in Enumerable.Range(0, routes.Length).GroupBy(gapOf).Where(g => g.Key >= 0))
        {
            int[] sorted = [.. gap.OrderBy(i => routes[i].Label.Y)];
            var middles = Spread.Centres([.. sorted.Select(i => routes[i].Label.Y)], [.. sorted.Select(i => Height(routes[i].Arrow))], 2);
            for (var k = 0; k < sorted.Length; k++)
                routes[sorted[k]] = routes[sorted[k]] with { Label = routes[sorted[k]].Label with { Y = middles[k] } };
        }
    }
}
