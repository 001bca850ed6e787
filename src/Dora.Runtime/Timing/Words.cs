// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Dora.Runtime.Timing;

/// <summary>Durations for people.</summary>
internal static class Words
{
    /// <summary>Three digits with a unit: <c>12.3 ms</c>.</summary>
    public static string Of(long ns)
    {
        var (value, unit) = ns switch
        {
            < 1_000 => (ns, "ns"),
            < 1_000_000 => (ns / 1e3, "µs"),
            < 1_000_000_000 => (ns / 1e6, "ms"),
            _ => (ns / 1e9, "s"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{value.ToString(value < 10 ? "0.##" : value < 100 ? "0.#" : "0", CultureInfo.InvariantCulture)} {unit}");
    }
}
