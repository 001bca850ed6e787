// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Graph;
using Dora.Protocol;

namespace Dora.Daemon.Core;

/// <summary>Decides everything about one running dataflow: who starts, who is wired to whom, who is restarted, when it is over.</summary>
/// <remarks>
/// A pure state machine: no I/O, clock, lock or randomness, so the same events at the same times give the same effects.
/// Threading: one caller at a time. <c>docs/internals/daemon-core.md</c> has the rules.
/// </remarks>
public sealed partial class DataflowCore
{
    private readonly CoreSettings _settings;
    private readonly Turn _turn = new();
    private readonly Wiring _wiring;
    private readonly FailureLedger _failures = new();
    private readonly ImmutableArray<NodeState> _nodes;
    private readonly Dictionary<NodeId, NodeState> _byId;
    private readonly ImmutableArray<InputState> _logInputs;
    private readonly bool _timersKeepAlive;

    private bool _begun;
    private long _begunAtNs;
    private long _stopAfterNs = Durations.Never;

    /// <summary>Every node was ready and all were started. Never closes again.</summary>
    private bool _barrierOpen;

    /// <summary>Why everything is being stopped; null: it is not.</summary>
    private string? _stopReason;

    /// <summary>Nothing happens before <see cref="DaemonEvent.Begin"/>.</summary>
    /// <exception cref="ArgumentException">The graph names a node twice, or a source that does not exist.</exception>
    public DataflowCore(DataflowGraph graph, CoreSettings settings)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _wiring = new Wiring(_turn);
        _timersKeepAlive = !(graph.ExitWhenNodesFinish || settings.ExitWhenNodesFinish);
        _nodes = [.. graph.Nodes.Select(spec => new NodeState(spec, settings, _turn))];
        _byId = _nodes.ToDictionary(node => node.Id);
        foreach (var node in _nodes)
            Link(node);
        _logInputs = [.. _nodes.SelectMany(node => node.Inputs).Where(input => input.IsLogs)];
    }

    /// <summary>When to call with <see cref="DaemonEvent.DeadlineReached"/> at the latest, on the caller's clock; null: never.</summary>
    public long? NextDeadlineNs { get; private set; }

    /// <summary>Whether <see cref="Effect.Finished"/> was given; later events are ignored.</summary>
    public bool IsFinished { get; private set; }

    private bool IsStopping => _stopReason is not null;

    /// <summary>Takes one event and appends what shall be done, in order.</summary>
    /// <param name="e">What happened.</param>
    /// <param name="nowNs">A monotonic clock, ns; never less than in an earlier call.</param>
    /// <param name="effects">Appended to.</param>
    public void Apply(DaemonEvent e, long nowNs, List<Effect> effects)
    {
        ArgumentNullException.ThrowIfNull(e);
        ArgumentNullException.ThrowIfNull(effects);
        if (IsFinished || _begun == e is DaemonEvent.Begin)
            return; // over; or before the beginning; or begun twice
        _turn.Begin(nowNs, effects);
        Take(e);
        Settle();
        // What falls due now is handled now: what is right must not depend on which event the shell happened to bring first.
        while (!IsFinished && EarliestDeadline() is var (atNs, node) && atNs <= nowNs)
        {
            Expire(node);
            Settle();
        }
        NextDeadlineNs = !IsFinished && EarliestDeadline().AtNs is var next && next != Durations.Never ? next : null;
    }

    /// <summary>
    /// As whom a process that says hello under this name shall be welcomed (report it as <see cref="DaemonEvent.NodeConnected"/>):
    /// the incarnation that was spawned and has not connected yet, or the next one of a dynamic node that is not attached.
    /// Null: refuse it, with <paramref name="refusal"/> as reason.
    /// </summary>
    public Incarnation? ExpectedIncarnation(NodeId node, out string refusal)
    {
        refusal = "";
        if (!_byId.TryGetValue(node, out var state))
            refusal = $"this dataflow has no node '{node}'";
        else if (!_begun || IsFinished || IsStopping)
            refusal = "the dataflow is not running";
        else if (state.IsAlive && state.WasConnected)
            refusal = $"node '{node}' is connected already";
        else if (state.Stop.Stage >= StopStage.Terminated)
            refusal = $"node '{node}' is being stopped";
        else if (state.IsDynamic)
            return new Incarnation(node, state.Number + 1);
        else if (state.IsAlive)
            return state.Who;
        else
            refusal = $"node '{node}' was started by the daemon and has ended";
        return null;
    }

    private void Link(NodeState node)
    {
        foreach (var spec in node.Spec.Inputs)
        {
            NodeState? publisher = null;
            if (spec.Source is InputSource.Node(var output) && !_byId.TryGetValue(output.Node, out publisher))
                throw new ArgumentException($"input '{node.Id}/{spec.Id}' reads '{output}', but there is no such node");
            var input = new InputState(node, spec, publisher);
            node.Inputs.Add(input);
            publisher?.Readers.Add(input);
        }
    }

    private void Take(DaemonEvent e)
    {
        switch (e)
        {
            case DaemonEvent.Begin:
                Begin();
                break;
            case DaemonEvent.NodeLaunched launched when Current(launched.Who) is { } node:
                Launched(node, launched.Pid);
                break;
            case DaemonEvent.NodeLaunchFailed failed when Current(failed.Who) is { } node:
                LaunchFailed(node, failed.Message);
                break;
            case DaemonEvent.NodeConnected connected:
                Connected(connected.Who);
                break;
            case DaemonEvent.NodeReady ready when Listening(ready.Who) is { } node:
                BecameReady(node);
                break;
            case DaemonEvent.NodeDisconnected gone when Current(gone.Who) is { Connected: true } node:
                Disconnected(node, gone.BrokenRule);
                break;
            case DaemonEvent.OutputsClosed closed when Listening(closed.Who) is { Replacement: null } node: // its successor will send
                OutputsClosed(node, closed.Outputs);
                break;
            case DaemonEvent.Heartbeat beat when Listening(beat.Who) is { } node:
                Heartbeat(node);
                break;
            case DaemonEvent.Goodbye goodbye when Listening(goodbye.Who) is { } node:
                SaidGoodbye(node);
                break;
            case DaemonEvent.NodeExited exited when Current(exited.Who) is { IsDynamic: false } node:
                Exited(node, exited.Status, exited.StderrTail);
                break;
            case DaemonEvent.LauncherLost lost when Current(lost.Who) is { IsDynamic: false } node:
                LauncherLost(node);
                break;
            case DaemonEvent.EdgeFaulted fault when _wiring.Find(fault.Edge) is { } input:
                EdgeFaulted(input, fault.ReportedBy, fault.Reason);
                break;
            case DaemonEvent.OperatorReported report when Listening(report.Who) is { } node:
                OperatorReported(node, report);
                break;
            case DaemonEvent.OperatorChanged changed when _byId.GetValueOrDefault(changed.Node) is { Listens: true } node:
                _turn.Emit(new Effect.SendReload(node.Who, changed.Operator, changed.Source));
                break;
            case DaemonEvent.NodeChanged changed when _byId.GetValueOrDefault(changed.Node) is { IsDynamic: false } node:
                Replace(node, changed.Reason);
                break;
            case DaemonEvent.StopRequested stop:
                StopAll(stop.Reason, stop.Grace);
                break;
            case DaemonEvent.ForceStop force:
                KillAll(force.Reason);
                break;
        }
    }

    /// <summary>What follows from the state as a whole, after each change.</summary>
    private void Settle()
    {
        OpenBarrierIfAllAreReady();
        EndLogsIfNobodyElseLives();
        FinishIfAllHaveEnded();
    }

    private (long AtNs, NodeState? Node) EarliestDeadline()
    {
        var earliest = (AtNs: _stopAfterNs, Node: (NodeState?)null);
        foreach (var node in _nodes)
        {
            var atNs = node.Deadlines.Next().AtNs;
            if (atNs < earliest.AtNs)
                earliest = (atNs, node);
        }
        return earliest;
    }

    private void Expire(NodeState? node)
    {
        if (node is null)
        {
            _stopAfterNs = Durations.Never;
            StopAll($"its time of {Durations.Text(_settings.StopAfter ?? default)} is over", null);
            return;
        }
        var kind = node.Deadlines.Next().Kind;
        node.Deadlines.Clear(kind);
        switch (kind)
        {
            case Deadline.Startup:
                Condemn(node, $"not ready after {Durations.Text(node.Spec.Health.StartupTimeout)} (startup_timeout)");
                break;
            case Deadline.Health:
                var silence = node.Spec.Health.HealthCheckTimeout ?? default;
                Condemn(node, $"no sign of life for {Durations.Text(silence)} (health_check_timeout)");
                break;
            case Deadline.Finish:
                StopStraggler(node);
                break;
            case Deadline.Restart:
                Respawn(node);
                break;
            case Deadline.Stop:
                AdvanceStop(node);
                break;
        }
    }

    /// <summary>The node, if this incarnation is its present one and has not ended.</summary>
    private NodeState? Current(Incarnation who) =>
        _byId.TryGetValue(who.Node, out var node) && node.Number == who.Number && node.IsAlive ? node : null;

    /// <summary>The node, if this incarnation is connected and has not said goodbye: what else it says counts for nothing.</summary>
    private NodeState? Listening(Incarnation who) => Current(who) is { Listens: true } node ? node : null;
}
