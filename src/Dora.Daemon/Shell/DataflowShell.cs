// SPDX-License-Identifier: Apache-2.0

using System.Security.Cryptography;
using Dora.Daemon.Core;
using Dora.Daemon.Edges;
using Dora.Daemon.Launching;
using Dora.Daemon.Logs;
using Dora.Daemon.Timers;
using Dora.Dataflows.Graph;
using Dora.Platform;
using Dora.Platform.Files;
using Dora.Platform.Synchronization;
using Dora.Protocol;
using Dora.SharedMemory;

namespace Dora.Daemon.Shell;

/// <summary>Runs one dataflow: brings the core its events and carries out its effects.</summary>
/// <remarks>
/// <para>Threading: all state lives on the poll's thread (<c>dora-daemon</c>); sockets, launchers, logs and deadlines call in there. Only
/// <see cref="Post"/> is for others. The timer thread sends ticks and touches nothing else.</para>
/// <para>Order of start: directory, poll, logs, timers, gate, then Begin. Order of stop: after the core's Finished — gate, timers, edges,
/// segments, logs, directory, poll.</para>
/// </remarks>
internal sealed partial class DataflowShell : INodeRegistry, ILogSink, IDisposable
{
    private readonly DataflowGraph _graph;
    private readonly IRunObserver _observer;
    private readonly DataflowId _id = NewId();
    private readonly DataflowCore _core;
    private readonly Dictionary<NodeId, GraphNode> _specs;
    private readonly Dictionary<NodeId, LiveNode> _live = []; // the latest incarnation of each
    private readonly Dictionary<Incarnation, NodeProcess> _processes = [];
    private readonly Dictionary<NodeId, NodeLog> _nodeLogs = [];
    private readonly List<Effect> _effects = [];
    private readonly Queue<DaemonEvent> _pending = new();
    private readonly TaskCompletionSource<DataflowReport> _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly RuntimeDirectory _directory;
    private readonly EventPoll _poll;
    private readonly Timer _deadline;
    private readonly LogHub _logs;
    private readonly LogTopics _logTopics;
    private readonly TimerService _timers;
    private readonly SegmentBoard _segments = new();
    private readonly EdgeBoard _edges;
    private readonly TimingLedger _timings;
    private readonly NodeSpawner _spawner;
    private readonly NodeGate _gate;
    private readonly FrameRules _rules;
    private readonly OomWatch _oom = new();
    private readonly StateFolders _stateFolders;
    private bool _applying;

    public DataflowShell(DataflowGraph graph, RunOptions options, IRunObserver observer)
    {
        _graph = graph;
        _observer = observer;
        _specs = graph.Nodes.ToDictionary(n => n.Id);
        _core = new DataflowCore(graph, CoreSettings.From(options, BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)))));
        var clock = new HybridLogicalClock(TimeProvider.System);

        _directory = RuntimeDirectory.Create(_id);
        _stateFolders = new StateFolders(Path.Combine(_directory.Path, "state"), options.KeptStateDirectory);
        _poll = new EventPoll("dora-daemon");
        _deadline = new Timer(_ => Post(new DaemonEvent.DeadlineReached()));
        var logDirectory = options.LogDirectory is { } folder ? Path.Combine(folder, _id.ToString()) : null;
        _logs = new LogHub(_poll, this, new LogOptions { Directory = logDirectory }, TimeProvider.System);
        _logTopics = new LogTopics(clock);
        _timers = new TimerService(clock);
        _edges = new EdgeBoard(graph, _segments, _timers, _logTopics);
        _timings = new TimingLedger(graph);
        _rules = new FrameRules(_segments, _edges);
        _segments.ReadersOf = _edges.ReadersOf;
        _spawner = new NodeSpawner(new NodeLauncher(_poll, options.Launcher), options, _id, _directory);
        foreach (var node in graph.Nodes)
            _nodeLogs.Add(node.Id, _logs.AddNode(node.Id, node.Logs, _spawner.EnvironmentOf(node)));
        _gate = new NodeGate(_poll, _directory.SocketPath, _id, this, Warn);
    }

    /// <summary>Ends with the report when every process is gone.</summary>
    public Task<DataflowReport> Finished => _finished.Task;

    /// <summary>Brings the core an event, from any thread.</summary>
    public void Post(DaemonEvent e) => _poll.Post(() => Apply(e));

    /// <summary>From now on an operator is loaded from <paramref name="source"/>: at once if its runtime is there. Any thread.</summary>
    public void Replace(NodeId node, OperatorId op, string source) => _poll.Post(() =>
    {
        var spec = _specs[node];
        _specs[node] = spec with { Operators = [.. spec.Operators.Select(known => known.Id == op ? known with { Source = source } : known)] };
        if (_live.TryGetValue(node, out var live))
            live.Spec = _specs[node]; // it may be starting, and be told its configuration only later
        Apply(new DaemonEvent.OperatorChanged(node, op, source));
    });

    /// <summary>From now on a node is started by <paramref name="command"/>: at once if it runs. Any thread.</summary>
    public void Replace(NodeId node, NodeCommand command, string reason) => _poll.Post(() =>
    {
        _spawner.Replace(node, command);
        Apply(new DaemonEvent.NodeChanged(node, reason));
    });

    /// <summary>Frees everything. After <see cref="Finished"/>, or to give up.</summary>
    public void Dispose()
    {
        _gate.Dispose();
        _deadline.Dispose();
        _timers.Dispose();
        foreach (var process in _processes.Values)
            process.Dispose();
        _logs.Dispose();
        _poll.Dispose(); // its thread has ended: the rest is nobody else's
        _edges.Dispose();
        _segments.Dispose();
        foreach (var node in _live.Values)
            node.Dispose();
        _directory.Dispose();
    }

    private void Apply(DaemonEvent e)
    {
        _pending.Enqueue(e);
        if (_applying)
            return; // an effect caused it: its turn comes when the effects before it are done
        _applying = true;
        while (_pending.TryDequeue(out var next))
        {
            _effects.Clear();
            _core.Apply(next, Clocks.MonotonicNs, _effects);
            foreach (var effect in _effects)
                Execute(effect);
        }

        _applying = false;
        ArmDeadline();
    }

    private void ArmDeadline()
    {
        if (_core.NextDeadlineNs is not { } atNs)
        {
            _deadline.Change(Timeout.Infinite, Timeout.Infinite);
            return;
        }

        // Rounded up: a timer that fires early would be armed again and again.
        var inMs = Math.Max(0, (atNs - Clocks.MonotonicNs + 999_999) / 1_000_000);
        _deadline.Change(Math.Min(inMs, int.MaxValue), Timeout.Infinite);
    }

    private void Execute(Effect effect)
    {
        switch (effect)
        {
            case Effect.SpawnNode spawn:
                Spawn(spawn.Who);
                break;
            case Effect.OpenEdge open:
                OpenEdge(open);
                break;
            case Effect.CloseEdge close:
                _edges.Close(close.Edge, close.Reason);
                break;
            case Effect.StartNode start when Find(start.Who) is { } node:
                node.Send(ToNode.Start(), []);
                _edges.StartTimersOf(node);
                break;
            case Effect.WiringDone done when Find(done.Who) is { } node:
                node.IsWired = true;
                node.Send(ToNode.WiringDone(), []);
                break;
            case Effect.SendInputClosed closed:
                Send(closed.Who, ToNode.InputClosed(closed.Input, closed.Reason));
                break;
            case Effect.SendInputRecovered recovered:
                Send(recovered.Who, ToNode.InputRecovered(recovered.Input));
                break;
            case Effect.SendStop stop:
                Send(stop.Who, ToNode.Stop(stop.Cause, stop.Grace));
                break;
            case Effect.SendNodeRestarted restarted:
                Send(restarted.Who, ToNode.NodeRestarted(restarted.Restarted));
                break;
            case Effect.SendNodeFailed failed:
                Send(failed.Who, ToNode.NodeFailed(failed));
                break;
            case Effect.SendReload reload:
                Send(reload.Who, ToNode.Reload(reload.Operator, reload.Source));
                break;
            case Effect.SignalGroup signal:
                _processes.GetValueOrDefault(signal.Who)?.Signal(signal.Signal);
                break;
            case Effect.KillNode kill:
                _processes.GetValueOrDefault(kill.Who)?.KillAll();
                break;
            case Effect.ReportNode report:
                _observer.NodeChanged(report.Change);
                break;
            case Effect.ReportDataflow report:
                _observer.DataflowChanged(report.Phase, report.Message);
                break;
            case Effect.Finished finished:
                _finished.TrySetResult(finished.Outcome.ToReport(_id, _edges.Finish(), _timings.Report(), _edges.Joins.Report()));
                break;
        }
    }

    private void Spawn(Incarnation who)
    {
        try
        {
            var node = Renew(who);
            var process = _spawner.Start(node, new ProcessEvents(this, who));
            _processes.Add(who, process);
            _nodeLogs[who.Node].Attach(process.StandardOutput, process.StandardError);
        }
        catch (Exception e) when (e is NodeLaunchException or SharedMemoryException or PlatformException)
        {
            Apply(new DaemonEvent.NodeLaunchFailed(who, e.Message));
        }
    }

    private void OpenEdge(Effect.OpenEdge open)
    {
        if (Find(open.Subscriber) is not { } subscriber)
            return;
        var publisher = open.Publisher == Incarnation.Dora ? null : Find(open.Publisher);
        if (publisher is null && open.Publisher != Incarnation.Dora)
            return;
        try
        {
            _edges.Open(open.Edge, publisher, subscriber, open.Input);
        }
        catch (Exception e) when (e is SharedMemoryException or PlatformException)
        {
            Apply(new DaemonEvent.EdgeFaulted(open.Edge, open.Subscriber.Node, e.Message));
        }
    }

    /// <summary>Makes what a new incarnation needs, and lets go of what its predecessor had.</summary>
    private LiveNode Renew(Incarnation who)
    {
        if (_live.Remove(who.Node, out var predecessor))
            predecessor.Dispose();
        var node = new LiveNode(who, _specs[who.Node]);
        _live.Add(who.Node, node);
        return node;
    }

    private LiveNode? Find(Incarnation who) =>
        _live.TryGetValue(who.Node, out var node) && node.Who == who && !node.IsGone ? node : null;

    private void Send(Incarnation who, Protocol.Messages.DaemonToNode message) => Find(who)?.Send(message, []);

    /// <summary>Ids that sort by time; those of a machine whose clock stands before 1970 sort first.</summary>
    private static DataflowId NewId()
    {
        var now = TimeProvider.System.GetUtcNow();
        return new DataflowId(Guid.CreateVersion7(now > DateTimeOffset.UnixEpoch ? now : DateTimeOffset.UnixEpoch));
    }

    private void Warn(string message) => _observer.LogLine(
        new NodeLogLine(NodeId.Dora, LogLevels.Warn, LogText.Escape(message), "daemon", UnixTime.ToNs(TimeProvider.System.GetUtcNow())));
}
