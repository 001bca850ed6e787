// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Dora.Cli.Output;

namespace Dora.Cli.Commands;

/// <summary><c>dora-daemon --run-dataflow FILE</c> of the early documentation: the same as <c>dora run FILE</c>.</summary>
internal static class DaemonCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = new Option<string>("--run-dataflow") { Description = "The dataflow's YAML file", HelpName = "FILE", Required = true };
        var options = new RunOptionSet();
        var command = new Command("daemon", "Run one dataflow, as the program dora-daemon of earlier versions did") { file };
        command.Hidden = true;
        options.AddTo(command);
        command.SetAction((parsed, _) => RunCommand.RunAsync(options.Read(parsed, parsed.GetValue(file)!), terminal));
        return command;
    }
}
