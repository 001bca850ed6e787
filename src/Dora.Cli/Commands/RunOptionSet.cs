// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Dora.Cli.Running;

namespace Dora.Cli.Commands;

/// <summary>The options of <c>dora run</c>, shared with <c>dora-daemon --run-dataflow</c>.</summary>
internal sealed class RunOptionSet
{
    private readonly Option<TimeSpan?> _stopAfter = Duration("--stop-after", "Stop by itself after this time: 500ms, 10s, 2m, 1h");
    private readonly Option<string?> _name = new("--name") { Description = "Name of the dataflow, by which its next run finds kept state (default: the file's, and a number for its place)" };
    private readonly Option<TimeSpan?> _grace = Duration("--grace", "Time that nodes get to end after a stop, instead of their own");
    private readonly Option<Dictionary<string, string>> _env = new("--env")
    {
        Description = "K=V: environment variable for every node, also for $K in the descriptor; may be repeated",
        HelpName = "K=V",
        CustomParser = ParseVariables,
    };

    private readonly Option<bool> _allowShell = SharedOptions.AllowShellNodes();
    private readonly Option<bool> _exitWhenNodesFinish = new("--exit-when-nodes-finish") { Description = "Timers alone do not keep the dataflow alive" };
    private readonly Option<bool> _build = new("--build") { Description = "Run the build lines of the descriptor first" };
    private readonly Option<bool> _watch = new("--watch", "--hot-reload")
    {
        Description = "When a source changes, build it and swap the operator or start the node anew; with --build also run the build lines",
    };

    private readonly Option<string> _logLevel = new Option<string>("--log-level")
    {
        Description = "Least level of log records that are shown",
        DefaultValueFactory = _ => "info",
    }.AcceptOnlyFromAmong("error", "warn", "info", "debug", "trace");

    private readonly Option<string?> _logDirectory = new("--log-dir") { Description = "Where log_<node>.jsonl files go; 'none' writes no files (default: 'out' beside the descriptor)" };
    private readonly Option<string> _format = SharedOptions.Format("How the closing report is written; json: to standard output, which then carries nothing else");
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "Show only what nodes write, and errors" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _name, _stopAfter, _grace, _env, _allowShell, _exitWhenNodesFinish, _build, _watch, _logLevel, _logDirectory, _format, _quiet })
            command.Options.Add(option);
    }

    public RunSettings Read(ParseResult parsed, string file) => new()
    {
        File = file,
        Name = StateHome.CheckedName(parsed.GetValue(_name)),
        StopAfter = parsed.GetValue(_stopAfter),
        Grace = parsed.GetValue(_grace),
        Environment = parsed.GetValue(_env) ?? [],
        AllowShellNodes = parsed.GetValue(_allowShell),
        ExitWhenNodesFinish = parsed.GetValue(_exitWhenNodesFinish),
        Build = parsed.GetValue(_build),
        Watch = parsed.GetValue(_watch),
        LogLevel = parsed.GetValue(_logLevel)!,
        LogDirectory = parsed.GetValue(_logDirectory) switch
        {
            "none" => null,
            { } given => Path.GetFullPath(given),
            null => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, "out"),
        },
        Json = parsed.GetValue(_format) == "json",
        Quiet = parsed.GetValue(_quiet),
    };

    private static Option<TimeSpan?> Duration(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (TryParseDuration(text, out var duration))
                return duration;
            result.AddError($"'{text}' is no time for {name}; write 500ms, 10s, 2m or 1h");
            return null;
        },
    };

    /// <summary>A number with <c>ms</c>, <c>s</c>, <c>m</c> or <c>h</c>; seconds without.</summary>
    internal static bool TryParseDuration(string text, out TimeSpan duration)
    {
        var digits = text.TrimEnd("mshMSH".ToCharArray());
        var seconds = text[digits.Length..].ToLowerInvariant() switch
        {
            "" or "s" => 1,
            "ms" => 0.001,
            "m" => 60,
            "h" => 3600,
            _ => double.NaN,
        };
        duration = default;
        if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || !(number * seconds <= TimeSpan.FromDays(3650).TotalSeconds))
            return false;
        duration = TimeSpan.FromSeconds(number * seconds);
        return true;
    }

    private static Dictionary<string, string> ParseVariables(ArgumentResult result)
    {
        Dictionary<string, string> variables = [];
        foreach (var token in result.Tokens)
        {
            if (token.Value.IndexOf('=') is var at and > 0)
                variables[token.Value[..at]] = token.Value[(at + 1)..];
            else
                result.AddError($"'{token.Value}' for --env is not K=V");
        }

        return variables;
    }
}
