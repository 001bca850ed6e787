// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.CommandLine;
using Dora.Cli.Building;
using Dora.Cli.Output;
using Dora.Cli.Running;
using Dora.Cli.Watching;
using Dora.Daemon;
using Dora.Daemon.Launching;
using Dora.Dataflows.Graph;

namespace Dora.Cli.Commands;

/// <summary><c>dora run FILE</c>: checks, builds what has to be built, and runs one dataflow in this process until it ends.</summary>
internal static class RunCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = SharedOptions.Descriptor();
        var options = new RunOptionSet();
        var command = new Command("run", "Run a dataflow until it ends or Ctrl-C") { file };
        options.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(options.Read(parsed, parsed.GetValue(file)!), terminal));
        return command;
    }

    public static async Task<int> RunAsync(RunSettings settings, Terminal terminal)
    {
        var environment = Descriptors.ProcessEnvironment();
        foreach (var (name, value) in settings.Environment)
            environment[name] = value;
        if (Descriptors.LoadAndReport(settings.File, new() { Environment = environment, AllowShell = settings.AllowShellNodes }, terminal) is not { } graph)
            return ExitCode.InvalidDescriptor;

        Talk talk = new(terminal, settings.Quiet);
        using StopSignals signals = new();
        if (await MakeReadyAsync(graph, settings, terminal, signals.Stop) is not { } ready)
            return ExitCode.Failed;

        talk.Line($"{terminal.ErrorInk.Bold(Path.GetFileName(graph.SourcePath))}: {GraphSummary.Counts(graph)}");
        foreach (var line in GraphSummary.Lines(graph, terminal.ErrorInk))
            talk.Line(line);

        RunPrinter printer = new(graph, settings, talk, terminal);
        using StopCountdown countdown = new(graph, settings.Grace, talk, signals);
        RunControl control = new();
        var daemon = EmbeddedDaemon.RunAsync(ready.Graph, Options(settings, ready), printer, signals.Stop, signals.Force, control);
        var report = settings.Watch ? await WatchWhile(daemon, graph, ready, settings, talk, terminal, control) : await daemon;
        countdown.Dispose();

        Talk.Try(() => WriteClosing(report, settings, terminal));
        return signals.WasStopped ? ExitCode.Interrupted : report.Succeeded ? ExitCode.Success : ExitCode.Failed;
    }

    private static async Task<DataflowReport> WatchWhile(
        Task<DataflowReport> daemon, DataflowGraph graph, Ready ready, RunSettings settings, Talk talk, Terminal terminal, RunControl control)
    {
        using CancellationTokenSource over = new();
        var reload = new HotReload(graph, ready.Assemblies, settings.Build, talk, terminal, control).RunAsync(over.Token);
        try
        {
            return await daemon;
        }
        finally
        {
            await over.CancelAsync();
            await reload;
        }
    }

    private static async Task<Ready?> MakeReadyAsync(DataflowGraph graph, RunSettings settings, Terminal terminal, CancellationToken cancel)
    {
        if (settings.Build && !await BuildLines.RunAsync(graph, terminal, cancel))
            return null;
        var assemblies = await new DataflowBuilder(BuildCache.Default(), terminal).BuildAsync(graph, useCache: true, cancel);
        if (assemblies is null)
            return null;
        var (resolved, commands) = NodeCommands.Resolve(graph, assemblies);
        return new Ready(resolved, commands, assemblies);
    }

    private static void WriteClosing(DataflowReport report, RunSettings settings, Terminal terminal)
    {
        if (settings.Json)
            ReportJson.Write(report, terminal.Out);
        else if (!settings.Quiet)
            ReportTables.Write(report, terminal);
        if (report.FirstFailure is { } failure)
            FailureMessage.Print(report, failure, settings.LogDirectory, terminal);
    }

    private static RunOptions Options(RunSettings settings, Ready ready) => new()
    {
        LogDirectory = settings.LogDirectory,
        KeptStateDirectory = StateHome.Default().FolderOf(settings.Name ?? StateHome.NameOf(settings.File)),
        StopAfter = settings.StopAfter,
        StopGrace = settings.Grace,
        Environment = settings.Environment.ToImmutableSortedDictionary(),
        AllowShellNodes = settings.AllowShellNodes,
        ExitWhenNodesFinish = settings.ExitWhenNodesFinish,
        Commands = ready.Commands,
        Launcher = new NodeCommand(Environment.ProcessPath!, [LauncherProgram.Command]),
    };

    private sealed record Ready(DataflowGraph Graph, ImmutableDictionary<Protocol.NodeId, NodeCommand> Commands, IReadOnlyDictionary<string, string> Assemblies);
}
