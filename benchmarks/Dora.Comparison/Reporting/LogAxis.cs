// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Dora.Comparison.Reporting;

/// <summary>Maps figures to places on a logarithmic axis.</summary>
internal readonly record struct LogAxis(double Low, double High, double From, double To)
{
    /// <summary>An axis over whole decades, or halves of one, that holds all figures.</summary>
    public static LogAxis Over(IEnumerable<double> figures, double from, double to)
    {
        var positive = figures.Where(f => f > 0).ToList();
        double low = Math.Pow(10, Math.Floor(2 * Math.Log10(positive.Min())) / 2), high = Math.Pow(10, Math.Ceiling(2 * Math.Log10(positive.Max())) / 2);
        return new LogAxis(low, Math.Max(high, low * 3), from, to);
    }

    public double Place(double figure) => From + (To - From) * (Math.Log(Math.Max(figure, Low)) - Math.Log(Low)) / (Math.Log(High) - Math.Log(Low));

    /// <summary>The powers of ten on the axis.</summary>
    public IEnumerable<double> Decades() => Multiples([1]);

    /// <summary>What is between them.</summary>
    public IEnumerable<double> Between() => Multiples([2, 3, 4, 5, 6, 7, 8, 9]);

    /// <summary>A duration in µs with the unit that suits it.</summary>
    public static string Microseconds(double us) => us switch
    {
        < 0.1 => string.Create(CultureInfo.InvariantCulture, $"{us * 1000:0.###} ns"),
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{us:0.###} µs"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{us / 1000:0.###} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{us / 1_000_000:0.###} s"),
    };

    /// <summary>A count with K or M.</summary>
    public static string Count(double count) => count switch
    {
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{count:0.###}"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1000:0.###} K"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{count / 1_000_000:0.###} M"),
    };

    private IEnumerable<double> Multiples(int[] factors)
    {
        for (int power = (int)Math.Floor(Math.Log10(Low)); power <= (int)Math.Ceiling(Math.Log10(High)); power++)
        {
            foreach (int factor in factors)
            {
                double figure = factor * Math.Pow(10, power);
                if (figure >= Low * 0.999 && figure <= High * 1.001)
                    yield return figure;
            }
        }
    }
}
