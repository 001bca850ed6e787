// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Dora.Cli.Output;

/// <summary>Numbers as people read them.</summary>
internal static class Words
{
    private static readonly string[] ByteUnits = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary><c>1 node</c>, <c>2 nodes</c>.</summary>
    public static string Count(long count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    /// <summary><c>1.5 MiB</c>.</summary>
    public static string Bytes(double bytes)
    {
        var unit = 0;
        for (; bytes >= 1024 && unit < ByteUnits.Length - 1; unit++)
            bytes /= 1024;
        return unit == 0 ? $"{bytes:0} B" : $"{Short(bytes)} {ByteUnits[unit]}";
    }

    /// <summary><c>12.3 µs</c>.</summary>
    public static string Age(long nanoseconds) => nanoseconds switch
    {
        < 1_000 => $"{nanoseconds} ns",
        < 1_000_000 => $"{Short(nanoseconds / 1e3)} µs",
        < 1_000_000_000 => $"{Short(nanoseconds / 1e6)} ms",
        _ => $"{Short(nanoseconds / 1e9)} s",
    };

    /// <summary><c>850 ms</c>, <c>12.5 s</c>, <c>3 min 20 s</c>.</summary>
    public static string Duration(TimeSpan duration) => duration switch
    {
        { TotalSeconds: < 1 } => $"{duration.TotalMilliseconds:0} ms",
        { TotalMinutes: < 2 } => $"{duration.TotalSeconds:0.#} s",
        _ => $"{(long)duration.TotalMinutes} min {duration.Seconds} s",
    };

    /// <summary>Lines of at most <paramref name="width"/> characters, as far as words allow.</summary>
    public static IEnumerable<string> Wrap(string text, int width)
    {
        foreach (var paragraph in text.Split('\n'))
        {
            var line = "";
            foreach (var word in paragraph.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (line.Length > 0 && line.Length + 1 + word.Length > width)
                {
                    yield return line;
                    line = "";
                }

                line += (line.Length > 0 ? " " : "") + word;
            }

            yield return line;
        }
    }

    // Three significant digits: nobody reads more in a table.
    private static string Short(double value) => value switch
    {
        < 10 => value.ToString("0.00", CultureInfo.InvariantCulture),
        < 100 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("0", CultureInfo.InvariantCulture),
    };
}
