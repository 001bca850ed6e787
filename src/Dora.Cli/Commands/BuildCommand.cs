// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Dora.Cli.Building;
using Dora.Cli.Output;
using Dora.Cli.Running;

namespace Dora.Cli.Commands;

/// <summary><c>dora build FILE</c>: runs <c>build:</c> lines, then builds C# sources into the cache.</summary>
internal static class BuildCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = SharedOptions.Descriptor();
        var noCache = new Option<bool>("--no-cache") { Description = "Build C# sources even if they are in the cache" };
        var command = new Command("build", "Run a dataflow's build lines and build its C# sources") { file, noCache };
        command.SetAction((parsed, _) => BuildAsync(parsed.GetValue(file)!, !parsed.GetValue(noCache), terminal));
        return command;
    }

    private static async Task<int> BuildAsync(string file, bool useCache, Terminal terminal)
    {
        var options = Descriptors.ForLooking() with { CheckFiles = true }; // what a build line makes is not asked for
        if (Descriptors.LoadAndReport(file, options, terminal) is not { } graph)
            return ExitCode.InvalidDescriptor;
        using StopSignals signals = new();
        if (!await BuildLines.RunAsync(graph, terminal, signals.Stop))
            return ExitCode.Failed;
        var assemblies = await new DataflowBuilder(BuildCache.Default(), terminal).BuildAsync(graph, useCache, signals.Stop);
        if (assemblies is null)
            return ExitCode.Failed;
        terminal.Error.WriteLine($"{file}: ready to run");
        return ExitCode.Success;
    }
}
