// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Pictures;

/// <summary>Puts things on a line where they want to be, as far as they leave room for each other.</summary>
internal static class Spread
{
    /// <summary>Centres nearest to the wished ones (least squares) that keep the order and do not overlap.</summary>
    /// <param name="wished">Wished centre of each thing; the order of the list is kept.</param>
    /// <param name="sizes">Extent of each thing.</param>
    /// <param name="gap">Room between neighbours.</param>
    public static double[] Centres(IReadOnlyList<double> wished, IReadOnlyList<double> sizes, double gap)
    {
        // Take the room that the things themselves need out of the wishes; what remains must only not decrease,
        // and pooling neighbours that violate this into their mean is the exact solution.
        var offsets = new double[wished.Count];
        for (var i = 1; i < offsets.Length; i++)
            offsets[i] = offsets[i - 1] + ((sizes[i - 1] + sizes[i]) / 2) + gap;

        List<(double Sum, int Count)> pools = [];
        for (var i = 0; i < offsets.Length; i++)
        {
            var pool = (Sum: wished[i] - offsets[i], Count: 1);
            while (pools.Count > 0 && pools[^1].Sum / pools[^1].Count > pool.Sum / pool.Count)
            {
                pool = (pool.Sum + pools[^1].Sum, pool.Count + pools[^1].Count);
                pools.RemoveAt(pools.Count - 1);
            }

            pools.Add(pool);
        }

        var centres = new double[offsets.Length];
        var next = 0;
        foreach (var (sum, count) in pools)
        {
            for (var end = next + count; next < end; next++)
                centres[next] = (sum / count) + offsets[next];
        }

        return centres;
    }
}
