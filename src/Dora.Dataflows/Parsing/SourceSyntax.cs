// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Keys;

namespace Dora.Dataflows.Parsing;

/// <summary>The source of an input as it is written, not yet looked up.</summary>
internal abstract record SourceSyntax
{
    private SourceSyntax() { }

    /// <summary><c>node/output</c> or <c>node/operator/output</c>.</summary>
    public sealed record Output(string Node, string? Operator, string Name) : SourceSyntax;

    /// <summary><c>dora/timer/unit/number</c>.</summary>
    public sealed record Timer(long IntervalNs) : SourceSyntax;

    /// <summary><c>dora/logs[/level[/node]]</c>.</summary>
    public sealed record Logs(string? MinLevel, string? Node) : SourceSyntax;

    /// <summary><c>_mod/port</c>: what the outside connected to a module's port.</summary>
    public sealed record Port(string Name) : SourceSyntax;

    /// <summary>What is wrong with it.</summary>
    public sealed record Bad(string Code, string Problem, string Fix) : SourceSyntax;

    private const long MinIntervalNs = 1_000;
    private const long MaxIntervalNs = 24L * 3600 * 1_000_000_000;

    public static SourceSyntax Parse(string text)
    {
        string[] parts = text.Split('/');
        if (parts[0] == "dora") return Virtual(parts);
        if (parts[0] == "_mod") return ParsePort(parts);
        string? bad = parts.FirstOrDefault(p => IdRules.Problem(p) is not null);
        if (parts.Length is 2 or 3 && bad is null)
            return parts.Length == 2 ? new Output(parts[0], null, parts[1]) : new Output(parts[0], parts[1], parts[2]);
        string problem = parts.Length is 2 or 3 ? $"{Quoted.Text(bad!)} can't be an id: {IdRules.Problem(bad!)}" : "it is not of the form node/output";
        return new Bad("DF0108", problem, "write 'node/output', 'node/operator/output', 'dora/timer/millis/100' or 'dora/logs'");
    }

    private static SourceSyntax ParsePort(string[] parts) =>
        parts.Length == 2 && IdRules.Problem(parts[1]) is null
            ? new Port(parts[1])
            : new Bad("DF0308", "a port is '_mod/<port>'", "write '_mod/' and a port of the module");

    private static SourceSyntax Virtual(string[] parts)
    {
        string kind = parts.Length > 1 ? parts[1] : "";
        return kind switch
        {
            "timer" => ParseTimer(parts),
            "logs" => ParseLogs(parts),
            _ => new Bad(
                "DF0108", $"dora offers 'timer' and 'logs'{Suggestion.DidYouMean(kind, ["timer", "logs"])}",
                "write 'dora/timer/<unit>/<number>' or 'dora/logs'"),
        };
    }

    private static SourceSyntax ParseTimer(string[] parts)
    {
        const string Form = "write dora/timer/secs/1, dora/timer/millis/100, dora/timer/micros/500, dora/timer/nanos/50000 or dora/timer/hz/30";
        if (parts.Length != 4) return new Bad("DF0109", "a timer is 'dora/timer/<unit>/<number>'", Form);
        string number = parts[3];
        decimal? unitNs = parts[2] switch
        {
            "secs" => 1_000_000_000m,
            "millis" => 1_000_000m,
            "micros" => 1_000m,
            "nanos" => 1m,
            _ => null,
        };
        if (unitNs is null && parts[2] != "hz")
            return new Bad(
                "DF0109",
                $"there is no timer unit {Quoted.Text(parts[2])}{Suggestion.DidYouMean(parts[2], ["secs", "millis", "micros", "nanos", "hz"])}",
                Form);
        double intervalNs;
        if (unitNs is { } ns)
        {
            if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long count))
                return new Bad("DF0109", $"{Quoted.Text(number)} is not a whole number", "use a smaller unit, or 'hz' with a fraction");
            intervalNs = (double)(count * ns);
        }
        else
        {
            const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
            if (!double.TryParse(number, Style, CultureInfo.InvariantCulture, out double hz) || !double.IsFinite(hz))
                return new Bad(
                    "DF0109", $"{Quoted.Text(number)} is not a number",
                    "write for example 'dora/timer/hz/30' or 'dora/timer/hz/0.5'");
            intervalNs = Math.Round(1e9 / hz);
        }

        return intervalNs switch
        {
            <= 0 => new Bad("DF0109", "the interval is zero", "use an interval of at least 1 microsecond"),
            double.PositiveInfinity when number.Trim('0', '.') == "" => new Bad(
                "DF0109", "zero times a second is never",
                "remove the input, or use a small number such as 0.1"),
            < MinIntervalNs => new Bad("DF0109", "the interval is shorter than 1 microsecond", "use an interval of at least 1 microsecond"),
            > MaxIntervalNs => new Bad("DF0109", "the interval is longer than a day", "use a shorter one and count"),
            _ => new Timer((long)intervalNs),
        };
    }

    private static SourceSyntax ParseLogs(string[] parts)
    {
        const string Form = "write 'dora/logs', 'dora/logs/warn' or 'dora/logs/warn/<node>'";
        if (parts.Length > 4) return new Bad("DF0128", "a log source is 'dora/logs[/<level>[/<node>]]'", Form);
        if (parts.Length > 2 && !LogKeys.Levels.Contains(parts[2]))
            return new Bad(
                "DF0128",
                $"there is no log level {Quoted.Text(parts[2])}{Suggestion.DidYouMean(parts[2], LogKeys.Levels)}",
                Form);
        if (parts.Length > 3 && IdRules.Problem(parts[3]) is { } problem) return new Bad("DF0128", $"{Quoted.Text(parts[3])} can't be a node: {problem}", Form);
        return new Logs(parts.ElementAtOrDefault(2), parts.ElementAtOrDefault(3));
    }
}
