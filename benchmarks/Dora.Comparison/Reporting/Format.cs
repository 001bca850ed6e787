// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Dora.Comparison.Running;

namespace Dora.Comparison.Reporting;

/// <summary>Figures as people read them: three digits, the unit by the metric's name.</summary>
internal static class Format
{
    public static string Number(string metric, double value) => metric == "msgs_per_s" ? Count(value) : Digits(value);

    /// <summary>Median and, of more than one run, the extremes.</summary>
    public static string Cell(string metric, Statistics? statistics) => statistics switch
    {
        null => "–",
        { Count: 1 } one => Number(metric, one.Median),
        { } many => $"{Number(metric, many.Median)} ({Number(metric, many.Min)}–{Number(metric, many.Max)})",
    };

    public static string Size(int bytes) => bytes switch
    {
        >= 1_000_000 when bytes % 1_000_000 == 0 || bytes == 4_096_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.##} MB"),
        >= 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):0.##} MiB"),
        >= 1 << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.##} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
    };

    public static string MetricTitle(string metric) => metric switch
    {
        "p50_us" => "p50, µs",
        "p90_us" => "p90, µs",
        "p99_us" => "p99, µs",
        "p999_us" => "p99.9, µs",
        "max_us" => "max, µs",
        "msgs_per_s" => "messages/s",
        "gb_per_s" => "GB/s",
        "cpu_us_per_msg" => "CPU µs/message",
        "alloc_bytes_per_msg" => "bytes allocated/message",
        "first_us" => "first message, µs",
        "cpu_us_per_s" => "CPU µs/s",
        _ => metric,
    };

    /// <summary>A ratio or a figure of a goal.</summary>
    public static string Digits(double value) => value switch
    {
        0 => "0",
        _ when double.IsInfinity(value) => "∞",
        < 0 => "−" + Digits(-value),
        < 0.001 => "< 0.001",
        < 1 => value.ToString("0.###", CultureInfo.InvariantCulture),
        < 10 => value.ToString("0.##", CultureInfo.InvariantCulture),
        < 100 => value.ToString("0.#", CultureInfo.InvariantCulture),
        _ => value.ToString("N0", CultureInfo.InvariantCulture),
    };

    private static string Count(double value) => value switch
    {
        >= 999_500 => Digits(value / 1e6) + " M",
        >= 9_950 => Digits(value / 1e3) + " K",
        _ => Digits(value),
    };
}
