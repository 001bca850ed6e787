// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using System.CommandLine.Parsing;
using Dora.Dataflows.Diagnostics;

namespace Dora.Cli.Output;

/// <summary>Mistakes on the command line, with the word that was probably meant.</summary>
internal static class UsageErrors
{
    /// <summary>One message for each mistake; none means that the command may run.</summary>
    public static IReadOnlyList<string> Find(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.Action is { ClearsParseErrors: true }) // help, version
            return [];

        // A mistyped option looks like an argument to the parser, and a mistyped command is followed by errors about its arguments.
        var options = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(a => a.Tokens).Select(t => t.Value)
            .Concat(parsed.UnmatchedTokens)
            .Where(t => t.Length > 1 && t[0] == '-')
            .ToList();
        if (options.Count > 0)
            return [.. options.Select(o => Unknown("option", o, Options(command)))];
        if (parsed.UnmatchedTokens.Count > 0)
        {
            return command.Subcommands.Count > 0
                ? [Unknown("command", parsed.UnmatchedTokens[0], command.Subcommands)]
                : [.. parsed.UnmatchedTokens.Select(t => $"'{t}' is one argument too many")];
        }

        return [.. parsed.Errors.Select(e => string.Join(' ', e.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))).Distinct()];
    }

    public static void Print(IReadOnlyList<string> messages, ParseResult parsed, Terminal terminal)
    {
        var ink = terminal.ErrorInk;
        foreach (var message in messages)
            terminal.Error.WriteLine($"{ink.Red("error:")} {message}");
        var command = parsed.CommandResult.Command;
        terminal.Error.WriteLine($"See '{ink.Bold(command is RootCommand ? "dora --help" : $"dora {command.Name} --help")}'.");
    }

    private static string Unknown(string what, string token, IEnumerable<Symbol> known)
    {
        var guess = Suggestion.Closest(token.Split('=', 2)[0], known.Where(s => !s.Hidden).Select(s => s.Name));
        return $"unknown {what} '{token}'" + (guess is null ? "" : $"; did you mean '{guess}'?");
    }

    private static IEnumerable<Option> Options(Command command) =>
        command.Options.Concat(command.Parents.OfType<Command>().SelectMany(p => p.Options.Where(o => o.Recursive)));
}
