// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol.Messages;

namespace Dora.Daemon.Core;

// Ending what would go on: in good order, by force, or because a finished node lingers.
public sealed partial class DataflowCore
{
    /// <summary>Repeated calls only shorten the grace.</summary>
    private void StopAll(string reason, TimeSpan? grace)
    {
        BeginStopping(reason);
        foreach (var node in _nodes)
        {
            if (node.IsAlive)
                Stop(node, GraceOf(node, grace), reason);
        }
    }

    private void KillAll(string reason)
    {
        BeginStopping(reason);
        foreach (var node in _nodes)
        {
            if (!node.IsAlive)
                continue;
            if (node.IsDynamic)
                Stop(node, TimeSpan.Zero, reason);
            else
                node.Stop.Kill(outright: true);
        }
    }

    /// <summary>From here on nobody is started or restarted.</summary>
    private void BeginStopping(string reason)
    {
        if (IsStopping)
            return;
        _stopReason = reason;
        _stopAfterNs = Durations.Never;
        _turn.Emit(new Effect.ReportDataflow(DataflowPhase.Stopping, reason));
        foreach (var node in _nodes)
        {
            if (node.Life == NodeLife.BackingOff)
                EndForGood(node, node.Pending! with { Summary = $"{node.Pending.Summary}; not restarted: the dataflow stops" });
        }
    }

    private void Stop(NodeState node, TimeSpan grace, string reason)
    {
        var stage = node.Stop.Stage;
        if (stage >= StopStage.Terminated)
            return;
        node.Deadlines.ClearAllBut(Deadline.Stop);
        node.StartupLeftNs = null;
        if (stage == StopStage.None)
            _turn.Report(node, NodePhase.Stopping, reason);
        if (node.Listens && stage == StopStage.None)
            _turn.Emit(new Effect.SendStop(node.Who, StopCause.Manual, grace));
        if (node.Listens || node.SaidGoodbye)
            node.Stop.Await(_turn.After(grace)); // who said goodbye knows; it gets the same time
        else
            node.Stop.Terminate();
    }

    /// <summary>Another process takes a node's place, with its changed program. Who reads from it goes on waiting; who has ended stays so.</summary>
    private void Replace(NodeState node, string reason)
    {
        if (IsStopping || node.Finishing)
            return;
        if (node.Life == NodeLife.BackingOff)
            node.Deadlines.Arm(Deadline.Restart, _turn.NowNs);
        if (!node.IsAlive)
            return;
        node.Replacement ??= reason;
        Stop(node, GraceOf(node, null), reason);
    }

    /// <summary>A node that has nothing left to do does not end.</summary>
    private void StopStraggler(NodeState node)
    {
        var grace = node.Spec.Health.FinishGrace ?? default;
        Stop(node, GraceOf(node, null), $"still running {Durations.Text(grace)} after its inputs closed (finish_grace_secs)");
    }

    private void AdvanceStop(NodeState node)
    {
        if (node.IsDynamic)
            return; // not ours to signal
        if (node is { LostConnection: true, Stop.Stage: StopStage.Asked })
            node.CondemnedFor = "lost its connection to the daemon and lived on";
        node.Stop.Advance();
    }

    private TimeSpan GraceOf(NodeState node, TimeSpan? requested) =>
        requested ?? _settings.StopGrace ?? node.Spec.Health.StopGrace;
}
