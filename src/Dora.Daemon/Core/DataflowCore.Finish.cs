// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Graph;
using Dora.Protocol;
using Dora.Protocol.Messages;

namespace Dora.Daemon.Core;

// How work runs out: closed outputs close inputs, closed inputs end nodes, ended nodes end the dataflow.
public sealed partial class DataflowCore
{
    private void OutputsClosed(NodeState node, ImmutableArray<DataId> outputs)
    {
        IEnumerable<DataId> closed = outputs.IsDefaultOrEmpty ? node.Spec.Outputs : outputs;
        foreach (var output in closed)
            node.MarkClosed(output);
        foreach (var input in node.Readers)
        {
            if (!input.IsRelayed && node.HasClosed(input.Output!.Value))
                CloseInput(input, $"'{node.Id}' closed its output '{input.Output}'");
        }
    }

    private void SaidGoodbye(NodeState node)
    {
        _wiring.Detach(node, $"'{node.Id}' ends");
        node.SaidGoodbye = true;
        if (node.IsDynamic)
        {
            Detach(node);
            return;
        }
        node.Deadlines.Clear(Deadline.Health);
        if (!MayBeRestarted(node))
            OutputsClosed(node, []);
        RearmStartup(node);
    }

    /// <summary>A rule was broken on one edge: that edge ends, everything else goes on.</summary>
    private void EdgeFaulted(InputState input, NodeId reportedBy, string reason)
    {
        var subscriber = input.Subscriber;
        var ends = input.Publisher is { } publisher && !input.IsRelayed ? $"'{publisher.Id}' and '{subscriber.Id}'" : $"'{subscriber.Id}' and dora itself";
        var story = $"edge {input.Spec.Source} -> {subscriber.Id}/{input.Id} was cut: its memory is damaged ({reason}), as '{reportedBy}' reports; "
            + $"who damaged it is not known: {ends} can write there";
        _turn.Remark(subscriber, story, isError: true);
        CloseInput(input, story);
    }

    private void OperatorReported(NodeState node, DaemonEvent.OperatorReported report)
    {
        var text = $"operator '{report.Operator}': {OperatorStateText(report)}";
        _turn.Remark(node, text, isError: report.State is OperatorState.Failed or OperatorState.Restarted);
        if (report.State == OperatorState.StopAll)
            StopAll($"operator '{node.Id}/{report.Operator}' asked for it", null);
    }

    private static string OperatorStateText(DaemonEvent.OperatorReported report)
    {
        var state = report.State switch
        {
            OperatorState.Started => "started",
            OperatorState.Failed => "failed",
            OperatorState.Restarted => $"restarted (restart {report.Restarts})",
            OperatorState.Stopped => "stopped",
            OperatorState.StopAll => "stops the dataflow",
            OperatorState.Reloaded => "reloaded",
            _ => "unknown state",
        };
        return report.Message.Length == 0 ? state : $"{state}: {report.Message}";
    }

    private void CloseReadersOf(NodeState publisher, string reason)
    {
        foreach (var input in publisher.Readers)
            CloseInput(input, reason);
    }

    private void CloseInput(InputState input, string reason)
    {
        if (input.IsClosed)
            return;
        _wiring.Close(input, reason);
        input.CloseReason = reason;
        TellClosed(input);
        FinishIfAllInputsAreClosed(input.Subscriber);
    }

    private void TellClosed(InputState input)
    {
        if (input.ToldClosed || input.Subscriber is not { Listens: true, Started: true, Finishing: false })
            return;
        input.ToldClosed = true;
        _turn.Emit(new Effect.SendInputClosed(input.Subscriber.Who, input.Id, input.CloseReason!));
    }

    /// <summary>Nothing can reach the node any more: it is told, and will not be restarted.</summary>
    private void FinishIfAllInputsAreClosed(NodeState node)
    {
        if (node.Finishing || IsStopping || !HasRunDry(node))
            return;
        if (node.Life == NodeLife.BackingOff && _barrierOpen)
        {
            EndForGood(node, node.Pending! with { Summary = $"{node.Pending.Summary}; not restarted: all its inputs have closed" });
            return;
        }
        if (node is not { Listens: true, Started: true, Stop.Stage: StopStage.None })
            return;
        foreach (var timer in node.Inputs)
            CloseInputOfFinished(timer);
        node.Finishing = true;
        node.Deadlines.Clear(Deadline.Health);
        var grace = node.Spec.Health.FinishGrace;
        if (grace is { } finishGrace && !node.IsDynamic)
            node.Deadlines.Arm(Deadline.Finish, _turn.After(finishGrace));
        _turn.Emit(new Effect.SendStop(node.Who, StopCause.AllInputsClosed, grace));
        _turn.Report(node, NodePhase.Stopping, "all inputs are closed");
    }

    /// <summary>Timers that do not keep their node alive end with its other inputs.</summary>
    private void CloseInputOfFinished(InputState timer)
    {
        if (timer.IsClosed)
            return;
        const string reason = "all other inputs are closed";
        _wiring.Close(timer, reason);
        timer.CloseReason = reason;
        TellClosed(timer);
    }

    /// <summary>
    /// Whether a node that has inputs has no open one left. Timers count unless exit_when_nodes_finish is on; even then a node that
    /// has nothing but timers is a source, which only ends by itself.
    /// </summary>
    private bool HasRunDry(NodeState node)
    {
        if (node.Inputs.Count == 0)
            return false;
        var timersCount = _timersKeepAlive || node.Inputs.TrueForAll(input => input.IsTimer);
        return node.Inputs.TrueForAll(input => input.IsClosed || (input.IsTimer && !timersCount));
    }

    /// <summary>Log inputs close when nobody is left who could log: every living node only waits for logs.</summary>
    private void EndLogsIfNobodyElseLives()
    {
        if (!_barrierOpen || IsStopping || _logInputs.IsEmpty)
            return;
        var nobodyElseLives = _nodes.All(node => node.IsOver || OnlyWaitsForLogs(node)); // before the first of them is told
        foreach (var input in _logInputs)
        {
            var source = (InputSource.Logs)input.Spec.Source;
            var watched = source.OfNode is { } only && only != input.Subscriber.Id ? _byId.GetValueOrDefault(only) : null;
            if (watched?.IsOver ?? nobodyElseLives)
                CloseInput(input, watched is null ? "nobody is left who logs" : $"'{watched.Id}' has ended");
        }
    }

    private bool OnlyWaitsForLogs(NodeState node)
    {
        var anyLogs = false;
        foreach (var input in node.Inputs)
        {
            if (input.IsLogs)
                anyLogs = true;
            else if (!input.IsClosed && (_timersKeepAlive || !input.IsTimer))
                return false;
        }
        return anyLogs && !node.Finishing;
    }

    /// <summary>
    /// Over when all nodes that were spawned have ended; if all nodes are dynamic, when the last one has left or it was stopped.
    /// </summary>
    private void FinishIfAllHaveEnded()
    {
        var anySpawned = false;
        var anyCame = false;
        var anyAttached = false;
        foreach (var node in _nodes)
        {
            if (node.IsDynamic)
            {
                anyCame |= node.Number >= 0;
                anyAttached |= node.IsAlive;
                continue;
            }
            if (node.Life != NodeLife.Ended)
                return;
            anySpawned = true;
        }
        if (!anySpawned && _nodes.Length > 0 && !IsStopping && (anyAttached || !anyCame))
            return;
        Finish();
    }

    private void Finish()
    {
        foreach (var node in _nodes)
        {
            if (node is { IsDynamic: true, IsAlive: true })
                Dismiss(node);
            node.Deadlines.ClearAll();
        }
        IsFinished = true;
        var outcome = OutcomeOf();
        _turn.Emit(new Effect.ReportDataflow(DataflowPhase.Finished, outcome.Message));
        _turn.Emit(new Effect.Finished(outcome));
    }

    /// <summary>The dataflow ends without waiting for those it did not start.</summary>
    private void Dismiss(NodeState node)
    {
        if (node.Stop.Stage == StopStage.None)
            _turn.Emit(new Effect.SendStop(node.Who, StopCause.Manual, TimeSpan.Zero));
        _wiring.Detach(node, "the dataflow has ended");
        node.LastExit = "attached until the end";
    }

    private DataflowOutcome OutcomeOf()
    {
        var message = _failures.First is { } first
            ? $"{_failures.Count} of {_nodes.Length} nodes failed; first '{first.Node}': {_byId[first.Node].LastExit}"
            : _stopReason is not null ? $"stopped: {_stopReason}"
            : "all nodes have ended";
        return new DataflowOutcome(
            Succeeded: _failures.First is null,
            message,
            _failures.First,
            [.. _nodes.Select(ReportOf)],
            Durations.FromNs(_turn.NowNs - _begunAtNs));
    }

    private static NodeReport ReportOf(NodeState node) => new(
        node.Id,
        node.RestartCount,
        node.LastExit.Length > 0 ? node.LastExit : "never attached",
        node.Failure is not null,
        node.Failure?.CausedBy,
        node.MaxRssBytes,
        node.CpuTime);
}
