// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Globalization;

namespace Dora.Dataflows.Parsing;

/// <summary>Durations and sizes: a bare number as dora-rs writes it, or a number with a unit.</summary>
internal static class Quantity
{
    /// <summary>Ten years: what fits into nanoseconds many times over, and more than anyone means.</summary>
    public static readonly TimeSpan MaxDuration = TimeSpan.FromDays(3653);

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.+-");

    private static readonly SearchValues<char> ExponentCharacters = SearchValues.Create("0123456789+-");

    /// <summary>1 EiB: far beyond any machine, still a positive <see cref="long"/>.</summary>
    private const double MaxBytes = 1L << 60;

    /// <summary>Seconds, or a number with one of <c>ns us ms s m min h</c>.</summary>
    /// <param name="text">As written.</param>
    /// <param name="duration">Rounded to ticks; a positive one never becomes zero.</param>
    /// <param name="problem">What is wrong with it: fits after "but".</param>
    public static bool TryDuration(string text, out TimeSpan duration, out string problem)
    {
        duration = default;
        if (!TrySplit(text, out double number, out string unit))
        {
            problem = "is not a number with a unit";
            return false;
        }

        double? seconds = unit switch
        {
            "" or "s" or "sec" or "secs" => number,
            "ms" => number * 1e-3,
            "us" or "µs" or "μs" => number * 1e-6,
            "ns" => number * 1e-9,
            "m" or "min" => number * 60,
            "h" => number * 3600,
            _ => null,
        };
        problem = seconds switch
        {
            null => $"has the unknown unit '{unit}'; use ns, us, ms, s, m or h",
            < 0 => "is negative",
            double s when s > MaxDuration.TotalSeconds => "is longer than ten years",
            _ => "",
        };
        if (problem.Length > 0) return false;
        long ticks = (long)Math.Round(seconds!.Value * TimeSpan.TicksPerSecond);
        duration = TimeSpan.FromTicks(seconds.Value > 0 ? Math.Max(1, ticks) : 0);
        return true;
    }

    /// <summary>Bytes, or a number with one of <c>B K KB KiB M MB MiB G GB GiB</c>; all are powers of 1024, as in dora-rs.</summary>
    /// <param name="text">As written.</param>
    /// <param name="bytes">At least 1.</param>
    /// <param name="problem">What is wrong with it: fits after "but".</param>
    public static bool TryBytes(string text, out long bytes, out string problem)
    {
        bytes = 0;
        if (!TrySplit(text, out double number, out string unit))
        {
            problem = "is not a number with a unit";
            return false;
        }

        double? size = unit.ToUpperInvariant() switch
        {
            "" or "B" => number,
            "K" or "KB" or "KIB" => number * 1024,
            "M" or "MB" or "MIB" => number * (1 << 20),
            "G" or "GB" or "GIB" => number * (1 << 30),
            _ => null,
        };
        problem = size switch
        {
            null => $"has the unknown unit '{unit}'; use B, KB, MB or GB",
            < 1 => "is less than one byte",
            > MaxBytes => "is more than any machine has",
            _ => "",
        };
        if (problem.Length > 0) return false;
        bytes = (long)size!.Value;
        return true;
    }

    /// <summary><c>"1.5 ms"</c> to 1.5 and <c>"ms"</c>. The number is decimal and finite.</summary>
    private static bool TrySplit(string text, out double number, out string unit)
    {
        string trimmed = text.Trim();
        int end = trimmed.AsSpan().IndexOfAnyExcept(NumberCharacters);

        // An exponent, but not the start of a unit.
        if (end > 0 && trimmed[end] is 'e' or 'E' && end + 1 < trimmed.Length && trimmed[end + 1] is '+' or '-' or (>= '0' and <= '9'))
        {
            int rest = trimmed.AsSpan(end + 1).IndexOfAnyExcept(ExponentCharacters);
            end = rest < 0 ? -1 : end + 1 + rest;
        }

        unit = end < 0 ? "" : trimmed[end..].Trim();
        return double.TryParse(trimmed.AsSpan(0, end < 0 ? trimmed.Length : end).TrimEnd(), NumberStyles.Float, CultureInfo.InvariantCulture, out number)
            && double.IsFinite(number);
    }
}
