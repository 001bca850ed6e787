// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Dora.Cli.Completion;
using Dora.Cli.Output;

namespace Dora.Cli.Commands;

/// <summary><c>dora completion SHELL</c>: a script that makes the shell complete dora's commands.</summary>
internal static class CompletionCommand
{
    public static Command Create(Terminal terminal)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh, fish or pwsh" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        var command = new Command("completion", "Print a completion script, e.g. for: source <(dora completion bash)") { shell };
        command.SetAction(parsed =>
        {
            var words = CommandWords.Of(CommandLine.CreateRoot(terminal));
            terminal.Out.Write(parsed.GetValue(shell) switch
            {
                "bash" => BashCompletion.Write(words),
                "zsh" => ZshCompletion.Write(words),
                "fish" => FishCompletion.Write(words),
                _ => PowerShellCompletion.Write(words),
            });
        });
        return command;
    }
}
