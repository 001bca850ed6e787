// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Dora.Cli.Output;
using Dora.Dataflows;

namespace Dora.Cli.Commands;

/// <summary><c>dora expand FILE</c>: the dataflow with its modules replaced by their nodes, as YAML.</summary>
internal static class ExpandCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = SharedOptions.Descriptor();
        var command = new Command("expand", "Write a dataflow out flat: modules replaced by their nodes") { file };
        command.SetAction(parsed => Expand(parsed.GetValue(file)!, terminal));
        return command;
    }

    private static int Expand(string file, Terminal terminal)
    {
        Descriptors.RequireFile(file);
        var result = DescriptorExpander.Expand(file, Descriptors.ForLooking());
        DiagnosticPrinter.Print(result.Diagnostics, terminal);
        if (result.HasErrors)
            return ExitCode.InvalidDescriptor;
        terminal.Out.Write(result.Yaml);
        return ExitCode.Success;
    }
}
