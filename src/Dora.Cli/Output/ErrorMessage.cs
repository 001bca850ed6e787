// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Output;

/// <summary>How an error that is not a diagnostic looks.</summary>
internal static class ErrorMessage
{
    /// <summary>What, then how to mend it; the exceptions behind it only where asked for.</summary>
    public static void Print(CliException error, Terminal terminal, bool debug)
    {
        var ink = terminal.ErrorInk;
        terminal.Error.WriteLine($"{ink.Red("error:")} {error.Message}");
        if (error.Fix is { } fix)
            terminal.Error.WriteLine($"  {ink.Cyan("fix:")} {fix}");
        if (debug && error.InnerException is { } inner)
            terminal.Error.WriteLine(inner);
    }

    /// <summary>One line and where to send it.</summary>
    public static void PrintBug(Exception bug, Terminal terminal, bool debug)
    {
        var ink = terminal.ErrorInk;
        terminal.Error.WriteLine($"{ink.Red("bug in dora:")} {bug.GetType().Name}: {bug.Message.ReplaceLineEndings(" ")}");
        terminal.Error.WriteLine(debug
            ? bug.ToString()
            : $"  Please report it at {ProductInfo.IssuesUrl} with the output of the same command and --debug.");
    }
}
