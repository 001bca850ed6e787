// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using System.Globalization;
using Dora.Cli.Output;
using Dora.Cli.Running;

namespace Dora.Cli.Commands;

/// <summary><c>dora state list</c> and <c>dora state delete NAME</c>: what operators keep for the next run of their dataflow.</summary>
internal static class StateCommand
{
    public static Command Create(Terminal terminal) => new("state", "Show or delete what operators keep between runs")
    {
        CreateList(terminal),
        CreateDelete(terminal),
    };

    private static Command CreateList(Terminal terminal)
    {
        var command = new Command("list", "Show what is kept, and where");
        command.SetAction(_ =>
        {
            var home = StateHome.Default();
            foreach (var kept in home.All())
            {
                terminal.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{kept.Dataflow}  {kept.Node}  {kept.Bytes / 1024} KB  {kept.ChangedUtc:yyyy-MM-dd HH:mm:ss}Z"));
            }

            terminal.Error.WriteLine($"in {home.Root}");
            return ExitCode.Success;
        });
        return command;
    }

    private static Command CreateDelete(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "A dataflow's name as 'dora state list' shows it, or its YAML file" };
        var node = new Option<string?>("--node") { Description = "Only what the operators of this node keep" };
        var command = new Command("delete", "Delete what a dataflow's operators keep: its next run starts from nothing") { name, node };
        command.SetAction(parsed =>
        {
            var given = parsed.GetValue(name)!;
            var known = File.Exists(given) ? StateHome.NameOf(given) : StateHome.CheckedName(given)!;
            if (!StateHome.Default().Delete(known, parsed.GetValue(node)))
                throw new CliException($"nothing is kept under the name '{known}'", ExitCode.Failed, "'dora state list' shows what is");
            terminal.Error.WriteLine($"deleted what '{known}' kept");
            return ExitCode.Success;
        });
        return command;
    }
}
