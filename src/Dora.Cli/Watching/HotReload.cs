// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.Cli.Building;
using Dora.Cli.Output;
using Dora.Daemon;
using Dora.Dataflows.Graph;

namespace Dora.Cli.Watching;

/// <summary><c>dora run --watch</c>: looks at the sources of a running dataflow and puts what has changed to use.</summary>
/// <remarks>
/// <para>It looks a few times a second and waits until two looks see the same, so that it does not build what is half written.</para>
/// <para>What does not build, or is no operator, changes nothing: the old program goes on.</para>
/// <para>Threads: one caller of <see cref="RunAsync"/>; talks and the control may be used by others meanwhile.</para>
/// </remarks>
internal sealed class HotReload(
    DataflowGraph graph, IReadOnlyDictionary<string, string> assemblies, bool runsBuildLines, Talk talk, Terminal terminal, RunControl control)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly List<SourceProgram> _sources = [.. DataflowBuilder.ProgramsOf(graph).Distinct()];
    private readonly Dictionary<WatchedProgram, string?> _files = WatchedProgram.Of(graph).ToDictionary(p => p, p => p.Hash());
    private readonly bool _runsBuildLines = runsBuildLines && BuildLines.Of(graph).Any();
    private IReadOnlyDictionary<string, string> _assemblies = assemblies; // by source, of what is in use

    /// <summary>Everything of a dataflow that is looked at, as it is now.</summary>
    private sealed record Look(string Descriptor, string Sources, string Files, string BuildInputs);

    /// <summary>Until cancelled; never fails.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            var seen = TakeLook();
            talk.Line($"watching {_sources.Count + _files.Count} {(_sources.Count + _files.Count == 1 ? "program" : "programs")} for changes");
            using PeriodicTimer looks = new(Interval);
            while (await looks.WaitForNextTickAsync(cancel))
            {
                var now = TakeLook();
                if (now == seen)
                    continue;
                now = await SettleAsync(now, looks, cancel);
                await ApplyAsync(seen, now, cancel);
                seen = now; // what changes while we build is seen by the next look
            }
        }
        catch (OperationCanceledException)
        {
            // The dataflow is over.
        }
    }

    private async Task<Look> SettleAsync(Look look, PeriodicTimer looks, CancellationToken cancel)
    {
        while (true)
        {
            await looks.WaitForNextTickAsync(cancel);
            var next = TakeLook();
            if (next == look)
                return look;
            look = next;
        }
    }

    private Look TakeLook()
    {
        SourceFingerprint touched = new("", FileStamp.Of);
        StringBuilder sources = new(), files = new();
        foreach (var source in _sources)
            sources.Append(Try(() => touched.Of(source))).Append('\n');
        foreach (var file in _files.Keys)
            files.Append(FileStamp.Of(file.Path)).Append('\n');
        return new Look(
            FileStamp.Of(graph.SourcePath), sources.ToString(), files.ToString(),
            _runsBuildLines ? Try(() => FileStamp.OfSourcesUnder(graph.BaseDirectory)) : "");
    }

    // A file that goes away while it is looked at: the next look sees what became of it.
    private static string Try(Func<string> look)
    {
        try
        {
            return look();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private async Task ApplyAsync(Look before, Look now, CancellationToken cancel)
    {
        if (before.Descriptor != now.Descriptor)
            talk.Always($"{Path.GetFileName(graph.SourcePath)} changed: that takes a new 'dora run'");
        try
        {
            if (before.BuildInputs != now.BuildInputs && !await BuildLines.RunAsync(graph, terminal, cancel))
                KeepOld();
            if (before.Sources != now.Sources)
                await BuildSourcesAsync(cancel);
            SwapFiles();
        }
        catch (Exception e) when (e is CliException or IOException or UnauthorizedAccessException)
        {
            talk.Always($"{terminal.ErrorInk.Red("error:")} {e.Message}");
            KeepOld();
        }
    }

    private async Task BuildSourcesAsync(CancellationToken cancel)
    {
        if (await new DataflowBuilder(BuildCache.Default(), terminal).BuildAsync(graph, useCache: true, cancel) is not { } built)
        {
            KeepOld();
            return;
        }

        var changed = built.Where(made => _assemblies.GetValueOrDefault(made.Key) != made.Value).Select(made => made.Key).ToHashSet();
        _assemblies = built;
        var (resolved, _) = NodeCommands.Resolve(graph, built);
        foreach (var (asWritten, asBuilt) in graph.Nodes.Zip(resolved.Nodes))
        {
            if (asWritten.Program is { } program && changed.Contains(program.Source))
                StartAnew(asWritten);
            foreach (var (source, op) in asWritten.Operators.Zip(asBuilt.Operators))
            {
                if (changed.Contains(source.Source))
                    Swap(asWritten, op);
            }
        }
    }

    private void SwapFiles()
    {
        foreach (var (program, used) in _files.ToArray())
        {
            if (program.Hash() is not { } hash || hash == used)
                continue; // gone for now, or touched only
            _files[program] = hash;
            var node = graph.Nodes.Single(n => n.Id == program.Node);
            if (program.Operator is { } op)
                Swap(node, node.Operators.Single(o => o.Id == op));
            else
                StartAnew(node);
        }
    }

    private void Swap(GraphNode node, GraphOperator op)
    {
        talk.Line($"{node.Id}/{op.Id} changed: its runtime loads it again");
        control.ReplaceOperator(node.Id, op.Id, op.Source);
    }

    private void StartAnew(GraphNode node)
    {
        if (node.Kind == NodeKind.Dynamic)
            return; // not ours to start
        control.ReplaceNode(node.Id, NodeCommands.Of(node, _assemblies, graph.BaseDirectory), "its program changed");
    }

    private void KeepOld() => talk.Always("the old programs go on");
}
