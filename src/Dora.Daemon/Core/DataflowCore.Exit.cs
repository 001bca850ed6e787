// SPDX-License-Identifier: Apache-2.0

namespace Dora.Daemon.Core;

// The end of a process or a connection, and what comes of it: a restart, or the end of the node.
public sealed partial class DataflowCore
{
    private void Disconnected(NodeState node, string? brokenRule)
    {
        node.Connected = false;
        node.Deadlines.Clear(Deadline.Health);
        if (brokenRule is not null)
            node.CondemnedFor ??= $"broke the rules of its session: it {brokenRule}";
        if (node.IsDynamic)
        {
            Detach(node);
            return;
        }
        _wiring.Detach(node, $"'{node.Id}' is disconnected");
        RearmStartup(node);
        if (node.SaidGoodbye || node.Stop.Stage != StopStage.None)
            return;
        // Nearly always it is dead and its exit status is on the way. If not, nobody can reach it any more.
        node.LostConnection = brokenRule is null;
        node.Stop.Await(_turn.After(_settings.LostConnectionGrace));
    }

    /// <summary>A dynamic node left. It may come again, but nobody waits for that.</summary>
    private void Detach(NodeState node)
    {
        var inGoodOrder = node.SaidGoodbye && node.CondemnedFor is null;
        node.LastExit = node.CondemnedFor ?? (inGoodOrder ? "detached" : "connection lost");
        _wiring.Detach(node, $"'{node.Id}' is detached");
        node.Bury(NodeLife.Idle);
        _turn.Report(node, NodePhase.Exited, node.LastExit, isError: !inGoodOrder && !IsStopping);
        CloseReadersOf(node, $"'{node.Id}' is detached");
    }

    /// <summary>A process that lost its connection before it was started can't become ready again: its time runs on.</summary>
    private void RearmStartup(NodeState node)
    {
        if (node.Started)
            return;
        node.Ready = false;
        if (node.Stop.Stage >= StopStage.Terminated)
            return; // it is being replaced
        if (node.StartupLeftNs is { } leftNs)
            node.Deadlines.Arm(Deadline.Startup, Durations.Add(_turn.NowNs, leftNs));
        else if (!node.Deadlines.IsArmed(Deadline.Startup))
            node.Deadlines.Arm(Deadline.Startup, _turn.After(node.Spec.Health.StartupTimeout));
        node.StartupLeftNs = null;
    }

    private void LaunchFailed(NodeState node, string message)
    {
        if (!node.IsDynamic)
            EndIncarnation(node, Verdict.OfFailedLaunch(node, message));
    }

    private void LauncherLost(NodeState node)
    {
        // Who watched over it is gone; whatever of it still lives must go, too, and no status will ever come.
        _turn.Emit(new Effect.KillNode(node.Who));
        EndIncarnation(node, new Verdict(true, node.CondemnedFor ?? "its launcher died"));
    }

    private void Exited(NodeState node, ExitStatus status, string stderrTail)
    {
        node.MaxRssBytes = Math.Max(node.MaxRssBytes, status.MaxRssBytes);
        node.CpuTime += status.CpuTime;
        EndIncarnation(node, Verdict.Of(node, status, stderrTail));
    }

    private void EndIncarnation(NodeState node, Verdict verdict)
    {
        var healthyNs = node.Started ? _turn.NowNs - node.StartedAtNs : 0;
        var mayBeRestarted = MayBeRestarted(node);
        _wiring.Detach(node, $"'{node.Id}' is gone");
        node.Bury(NodeLife.BackingOff);
        node.Pending = verdict;
        node.LastExit = verdict.Summary;
        if (node.Replacement is { } reason && mayBeRestarted)
        {
            _turn.Report(node, NodePhase.Restarting, $"{reason}; starting the new program", isError: false);
            node.Deadlines.Arm(Deadline.Restart, _turn.NowNs);
            return;
        }
        var decision = mayBeRestarted ? node.Restarts.Decide(verdict.Failed, healthyNs, _turn.NowNs) : new RestartDecision(null);
        if (decision.DelayNs is { } delayNs)
        {
            var delay = delayNs == 0 ? "at once" : $"in {Durations.Text(Durations.FromNs(delayNs))}";
            _turn.Report(node, NodePhase.Restarting, $"{verdict.Message}; restarting {delay}", verdict.Failed);
            node.Deadlines.Arm(Deadline.Restart, Durations.Add(_turn.NowNs, delayNs));
            return;
        }
        if (decision.Reason.Length > 0)
            verdict = verdict with { Summary = $"{verdict.Summary}; {decision.Reason}" };
        EndForGood(node, verdict);
    }

    private bool MayBeRestarted(NodeState node) =>
        (node.Restarts.CanRestart || node.Replacement is not null) && !node.Finishing && !IsStopping && !(_barrierOpen && HasRunDry(node));

    private void Respawn(NodeState node)
    {
        node.RestartCount++;
        Spawn(node);
    }

    private void EndForGood(NodeState node, Verdict verdict)
    {
        var breaksStart = !_barrierOpen && !IsStopping;
        if (breaksStart)
            verdict = verdict with { Failed = true, Summary = WhyStartFails(node, verdict) };
        node.Life = NodeLife.Ended;
        node.Deadlines.ClearAll();
        node.Pending = null;
        node.LastExit = verdict.Summary;
        if (verdict.Failed)
            _failures.Record(node, verdict.Message);
        FailureLedger.PassOn(node);
        var cause = node.Failure?.CausedBy is { } root ? $" (after the failure of '{root}')" : "";
        _turn.Report(node, NodePhase.Exited, (verdict with { Summary = verdict.Summary + cause }).Message, verdict.Failed);
        if (verdict.Failed)
            TellReadersOfFailure(node, verdict.Message);
        CloseReadersOf(node, verdict.Failed ? $"'{node.Id}' failed: {verdict.Summary}" : $"'{node.Id}' has ended");
        if (!breaksStart)
            return;
        FailureLedger.BlameAll(_nodes, node.Id);
        StopAll($"the start failed because of '{node.Id}'", null);
    }

    /// <summary>An end before the start is a failure even with exit code 0.</summary>
    private static string WhyStartFails(NodeState node, Verdict verdict)
    {
        if (verdict.Failed)
            return verdict.Summary;
        return node.WasConnected
            ? $"ended before the dataflow had started ({verdict.Summary})"
            : $"ended without connecting ({verdict.Summary}); is it a dora node?";
    }

    private void TellReadersOfFailure(NodeState failed, string error)
    {
        foreach (var reader in DistinctReaders(failed))
        {
            var affected = reader.Inputs.Where(input => input.Publisher == failed && !input.IsClosed).Select(input => input.Id);
            if (affected.Any())
                _turn.Emit(new Effect.SendNodeFailed(reader.Who, [.. affected], error, failed.Id));
        }
    }

    /// <summary>Neighbours that read from a node, can be told things and care; each once.</summary>
    private static IEnumerable<NodeState> DistinctReaders(NodeState node) =>
        node.Readers
            .Select(input => input.Subscriber)
            .Where(reader => reader != node && reader is { Listens: true, Started: true, Finishing: false })
            .Distinct();
}
