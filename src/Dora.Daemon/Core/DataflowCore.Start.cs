// SPDX-License-Identifier: Apache-2.0

namespace Dora.Daemon.Core;

// From nothing to running: spawn, connect, wire, ready, start.
public sealed partial class DataflowCore
{
    private void Begin()
    {
        _begun = true;
        _begunAtNs = _turn.NowNs;
        if (_settings.StopAfter is { } stopAfter)
            _stopAfterNs = _turn.After(stopAfter);
        _turn.Emit(new Effect.ReportDataflow(DataflowPhase.Starting, _nodes.Length == 1 ? "1 node" : $"{_nodes.Length} nodes"));
        foreach (var node in _nodes)
        {
            if (!node.IsDynamic)
                Spawn(node);
        }
    }

    private void Spawn(NodeState node)
    {
        node.NextIncarnation(NodeLife.Spawning);
        node.Deadlines.Arm(Deadline.Startup, _turn.After(node.Spec.Health.StartupTimeout));
        _turn.Report(node, NodePhase.Spawning, node.Number == 0 ? "" : $"restart {node.RestartCount}");
        _turn.Emit(new Effect.SpawnNode(node.Who));
    }

    private void Launched(NodeState node, int pid)
    {
        if (node.Life != NodeLife.Spawning)
            return;
        ComesToLife(node, $"process {pid}");
    }

    private void ComesToLife(NodeState node, string message)
    {
        node.Life = NodeLife.Launched;
        if (!IsStopping)
            _turn.Report(node, NodePhase.Started, message);
        node.Stop.Launched();
    }

    private void Connected(Incarnation who)
    {
        if (IsStopping || !_byId.TryGetValue(who.Node, out var node))
            return; // while stopping, a late comer is signalled, not served
        if (node.IsDynamic)
        {
            if (node.IsAlive || who.Number != node.Number + 1)
                return;
            node.NextIncarnation(NodeLife.Launched);
            _turn.Report(node, NodePhase.Started, "attached");
        }
        else if (Current(who) is null || node.WasConnected || node.Stop.Stage >= StopStage.Terminated)
        {
            return;
        }
        else if (node.Life == NodeLife.Spawning)
        {
            ComesToLife(node, "connected"); // its launcher's word is still on the way
        }
        node.Connected = node.WasConnected = true;
        PauseStartupClock(node);
        TellReadersOfRestart(node);
        _wiring.Attach(node);
        WireIfComplete(node);
        foreach (var input in node.Inputs)
            WireIfComplete(input.Publisher);
        foreach (var input in node.Readers)
            WireIfComplete(input.Subscriber);
    }

    /// <summary>Until the barrier opens a node waits for its neighbours' edges; later it takes those that are there.</summary>
    private void WireIfComplete(NodeState? node)
    {
        if (node is null || !node.Listens || node.Wired)
            return;
        if (!_barrierOpen && !node.IsDynamic && !Wiring.IsComplete(node))
            return;
        node.Wired = true;
        if (node.StartupLeftNs is { } leftNs)
        {
            node.StartupLeftNs = null;
            node.Deadlines.Arm(Deadline.Startup, Durations.Add(_turn.NowNs, leftNs));
        }
        _turn.Emit(new Effect.WiringDone(node.Who));
    }

    /// <summary>It is not its fault if its neighbours are late: their own clocks run.</summary>
    private void PauseStartupClock(NodeState node)
    {
        if (!node.Deadlines.IsArmed(Deadline.Startup))
            return;
        node.StartupLeftNs = node.Deadlines[Deadline.Startup] - _turn.NowNs;
        node.Deadlines.Clear(Deadline.Startup);
    }

    private void TellReadersOfRestart(NodeState node)
    {
        if (node.Number == 0)
            return;
        foreach (var reader in DistinctReaders(node))
            _turn.Emit(new Effect.SendNodeRestarted(reader.Who, node.Id));
    }

    private void BecameReady(NodeState node)
    {
        if (!node.Wired || node.Ready || node.Stop.Stage != StopStage.None)
            return;
        node.Ready = true;
        node.Deadlines.Clear(Deadline.Startup);
        _turn.Report(node, NodePhase.Ready, "");
        if (_barrierOpen)
            Start(node);
    }

    private void OpenBarrierIfAllAreReady()
    {
        if (_barrierOpen || IsStopping)
            return;
        foreach (var node in _nodes)
        {
            if (!node.IsDynamic && !node.Ready)
                return;
        }
        _barrierOpen = true;
        _turn.Emit(new Effect.ReportDataflow(DataflowPhase.Running, "all nodes are ready"));
        foreach (var node in _nodes)
        {
            if (node.Ready)
                Start(node);
        }
    }

    private void Start(NodeState node)
    {
        node.Started = true;
        node.StartedAtNs = _turn.NowNs;
        _turn.Emit(new Effect.StartNode(node.Who));
        _turn.Report(node, NodePhase.Running, "");
        Heartbeat(node);
        foreach (var input in node.Inputs)
        {
            if (input.IsClosed)
                TellClosed(input); // it closed before there was anybody to tell
        }
        FinishIfAllInputsAreClosed(node);
    }

    private void Heartbeat(NodeState node)
    {
        var isWatched = node is { IsDynamic: false, Started: true, Finishing: false, Stop.Stage: StopStage.None };
        if (isWatched && node.Spec.Health.HealthCheckTimeout is { } timeout)
            node.Deadlines.Arm(Deadline.Health, _turn.After(timeout));
    }

    /// <summary>Ends a node whose end is its own fault.</summary>
    private void Condemn(NodeState node, string cause)
    {
        node.CondemnedFor ??= cause;
        _turn.Report(node, NodePhase.Stopping, $"{cause}: killing it", isError: true);
        node.Stop.Kill(outright: true);
    }
}
