// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Dora.Cli.Output;
using Dora.Dataflows.Diagnostics;

namespace Dora.Cli.Commands;

/// <summary><c>dora explain [CODE]</c>: what a finding means, with wrong and right YAML; without a code all of them.</summary>
internal static class ExplainCommand
{
    public static Command Create(Terminal terminal)
    {
        var code = new Argument<string?>("CODE") { Description = "For example DF0107; without it all codes are listed", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("explain", "Tell what an error or warning code means") { code };
        command.SetAction(parsed => parsed.GetValue(code) is { } one ? Explain(one, terminal) : List(terminal));
        return command;
    }

    private static int Explain(string code, Terminal terminal)
    {
        var known = DiagnosticCatalogue.Find(code);
        if (known is null)
        {
            var near = Suggestion.Closest(code.ToUpperInvariant(), DiagnosticCatalogue.All.Select(e => e.Code));
            throw new CliException($"there is no code '{code}'", ExitCode.Usage,
                near is null ? "'dora explain' lists all codes" : $"did you mean {near}? 'dora explain' lists all codes");
        }

        var ink = terminal.OutInk;
        terminal.Out.WriteLine(ink.Bold($"{known.Code}: {known.Title}"));
        terminal.Out.WriteLine();
        foreach (var line in Words.Wrap(known.Explanation, Math.Min(terminal.Width, 100)))
            terminal.Out.WriteLine(line);
        WriteExample("Wrong", known.Wrong, ink.Red, terminal.Out);
        WriteExample("Right", known.Right, ink.Green, terminal.Out);
        return ExitCode.Success;
    }

    private static int List(Terminal terminal)
    {
        foreach (var explanation in DiagnosticCatalogue.All)
            terminal.Out.WriteLine($"{terminal.OutInk.Bold(explanation.Code)}  {explanation.Title}");
        return ExitCode.Success;
    }

    private static void WriteExample(string title, string yaml, Func<string, string> paint, TextWriter to)
    {
        if (yaml.Length == 0)
            return;
        to.WriteLine();
        to.WriteLine(paint(title + ":"));
        foreach (var line in yaml.TrimEnd().Split('\n'))
            to.WriteLine("    " + line);
    }
}
