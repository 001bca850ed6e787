// SPDX-License-Identifier: Apache-2.0

using Dora.Cli.Commands;
using Dora.Cli.Output;
using Dora.Daemon;
using Dora.Dataflows.Graph;

namespace Dora.Cli.Running;

/// <summary>Shows a run while it lasts: state changes on standard error, what nodes print to theirs on the stream they printed it to.</summary>
internal sealed class RunPrinter : IRunObserver
{
    private static readonly string[] Levels = ["error", "warn", "info", "debug", "trace"];
    private readonly Terminal _terminal;
    private readonly Talk _talk;
    private readonly NodePrefix _prefix;
    private readonly int _maxLevel;
    private readonly bool _stdoutIsTaken;

    public RunPrinter(DataflowGraph graph, RunSettings settings, Talk talk, Terminal terminal)
    {
        _terminal = terminal;
        _talk = talk;
        _prefix = new NodePrefix(graph.Nodes.Select(n => n.Id.Value));
        _maxLevel = Array.IndexOf(Levels, settings.LogLevel);
        _stdoutIsTaken = settings.Json;
    }

    public void NodeChanged(NodeChange change)
    {
        // The others follow from these, and a line for each would only be noise.
        if (change.Phase is NodePhase.Spawning or NodePhase.Running && !change.IsError)
            return;
        var ink = _terminal.ErrorInk;
        var state = change.Phase.ToString().ToLowerInvariant();
        var again = change.Incarnation > 0 && change.Phase is NodePhase.Started ? $" (restart {change.Incarnation})" : "";
        var text = change.Message.Length > 0 ? $"{state}{again}: {change.Message}" : state + again;
        // A message may quote a node's last words, line by line.
        var line = string.Join('\n', text.Split('\n').Select(Printable.Of)
            .Select(part => _prefix.Of(change.Node.Value, ink) + (change.IsError ? ink.Red(part) : ink.Dim(part))));
        if (change.IsError)
            _talk.Always(line);
        else
            _talk.Line(line);
    }

    public void LogLine(NodeLogLine line)
    {
        if (line.Level == "stdout" && !_stdoutIsTaken)
        {
            _talk.Data(_prefix.Of(line.Node.Value, _terminal.OutInk) + line.Message);
            return;
        }

        var level = Array.IndexOf(Levels, line.Level);
        if (level > _maxLevel)
            return;
        var ink = _terminal.ErrorInk;
        var target = line.Target is { Length: > 0 } t ? ink.Dim(t + ": ") : "";
        var mark = level switch
        {
            0 => ink.Red("error: "),
            1 => ink.Yellow("warn: "),
            > 1 => ink.Dim(line.Level + ": "),
            _ => "", // a raw line
        };
        _talk.Always(_prefix.Of(line.Node.Value, ink) + mark + target + line.Message);
    }

    public void DataflowChanged(DataflowPhase phase, string message)
    {
        if (phase is DataflowPhase.Running or DataflowPhase.Stopping)
            _talk.Line(_terminal.ErrorInk.Bold($"dataflow {phase.ToString().ToLowerInvariant()}") + (message.Length > 0 ? $": {message}" : ""));
    }
}
