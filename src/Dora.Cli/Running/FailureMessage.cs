// SPDX-License-Identifier: Apache-2.0

using Dora.Cli.Output;
using Dora.Daemon;

namespace Dora.Cli.Running;

/// <summary>The last words of a failed run: who failed first, and where to read on.</summary>
internal static class FailureMessage
{
    public static void Print(DataflowReport report, NodeFailure failure, string? logDirectory, Terminal terminal)
    {
        var ink = terminal.ErrorInk;
        var lines = failure.Message.TrimEnd().Split('\n');
        terminal.Error.WriteLine($"{ink.Red("error:")} node '{failure.Node}' failed first: {Printable.Of(lines[0])}");
        foreach (var line in lines.Skip(1))
            terminal.Error.WriteLine($"  {ink.Dim("|")} {Printable.Of(line.TrimEnd('\r'))}");
        if (logDirectory is not null)
            terminal.Error.WriteLine($"  its log: {Path.Combine(logDirectory, report.Id.ToString(), $"log_{failure.Node}.jsonl")}");
    }
}
