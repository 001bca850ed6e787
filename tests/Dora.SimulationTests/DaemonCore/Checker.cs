// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using Dora.Daemon.Core;
using Dora.Dataflows.Graph;
using Dora.Protocol;

namespace Dora.SimulationTests.DaemonCore;

/// <summary>What the core can know of a node, gathered from events and effects alone, never from the core's own state.</summary>
internal sealed class KnownNode(GraphNode spec)
{
    public GraphNode Spec => spec;
    public bool IsDynamic => spec.Kind == NodeKind.Dynamic;
    public int Number { get; set; } = -1;
    public Incarnation Who => new(spec.Id, Number);

    /// <summary>Spawned or attached, and its end was not reported.</summary>
    public bool Alive { get; set; }
    public bool WasConnected { get; set; }
    public bool Connected { get; set; }
    public bool SaidGoodbye { get; set; }
    public bool Listens => Alive && Connected && !SaidGoodbye;
    public bool Wired { get; set; }
    public bool Ready { get; set; }
    public bool Started { get; set; }
    public bool ToldAllClosed { get; set; }
    public bool ToldToStop { get; set; }
    public HashSet<DataId> ToldClosed { get; } = [];
    public HashSet<DataId> ClosedOutputs { get; } = [];
    public HashSet<DataId> FaultedInputs { get; } = [];
    public List<long> RestartsNs { get; } = [];
    public long SpawnedNs { get; set; }
    public long EndedNs { get; set; }
    public ExitStatus? LastExit { get; set; }
    public bool EndedForGood { get; set; }
    public bool ReportedFailedForGood { get; set; }
    public long LastBeatNs { get; set; }
    /// <summary>It was cut off for a broken rule: however it ends, it has failed.</summary>
    public bool BrokeRule { get; set; }
    public long? TermDueNs { get; set; }
    public long? TermedNs { get; set; }
    public bool Killed { get; set; }

    /// <summary>Its program changed: another process takes over, whatever its policy says.</summary>
    public bool Replaced { get; set; }

    public int Replacements { get; set; }

    public void Begin(int number, long nowNs)
    {
        Number = number;
        Alive = true;
        WasConnected = Connected = SaidGoodbye = Wired = Ready = Started = ToldAllClosed = ToldToStop = Killed = BrokeRule = Replaced = false;
        ToldClosed.Clear();
        ClosedOutputs.Clear();
        FaultedInputs.Clear();
        SpawnedNs = nowNs;
        TermDueNs = TermedNs = null;
    }

    public void End(long nowNs)
    {
        Alive = Connected = Started = Ready = false;
        EndedNs = nowNs;
    }
}

/// <summary>
/// The rules of the daemon core (docs/internals/daemon-core.md), checked from outside: it sees each event before the core does, each
/// effect, and the truth of the simulated machine at the end.
/// </summary>
internal sealed partial class Checker
{
    private readonly DataflowGraph _graph;
    private readonly CoreSettings _settings;
    private readonly Dictionary<NodeId, KnownNode> _nodes;
    private readonly Dictionary<EdgeId, Effect.OpenEdge> _open = [];
    private readonly Dictionary<InputId, EdgeId> _edgeOf = [];
    private uint _lastEdge;
    private long _nowNs;
    private bool _barrierOpen;
    private long? _stoppingSinceNs;
    private bool _finished;

    /// <summary>Who must hear of a neighbour's failure or restart before this event is over.</summary>
    private readonly HashSet<(NodeId To, NodeId Of)> _owedNews = [];

    public Checker(DataflowGraph graph, CoreSettings settings)
    {
        _graph = graph;
        _settings = settings;
        _nodes = graph.Nodes.ToDictionary(node => node.Id, node => new KnownNode(node));
    }

    private bool IsStopping => _stoppingSinceNs is not null;

    /// <summary>What the core is about to be told.</summary>
    public void Before(DaemonEvent e, long nowNs)
    {
        Require(nowNs >= _nowNs, $"time goes backward");
        _nowNs = nowNs;
        switch (e)
        {
            case DaemonEvent.NodeConnected(var who) when !IsStopping:
                Connected(who);
                break;
            case DaemonEvent.NodeReady(var who) when Current(who) is { Listens: true, Wired: true } node:
                node.Ready = true;
                break;
            case DaemonEvent.NodeDisconnected gone when Current(gone.Who) is { Connected: true } node:
                node.BrokeRule = gone.BrokenRule is not null;
                Disconnected(node);
                break;
            case DaemonEvent.Goodbye(var who) when Current(who) is { Listens: true } node:
                SaidGoodbye(node);
                break;
            case DaemonEvent.OutputsClosed(var who, var outputs) when Current(who) is { Listens: true, Replaced: false } node:
                node.ClosedOutputs.UnionWith(outputs.IsEmpty ? node.Spec.Outputs : outputs);
                break;
            case DaemonEvent.Heartbeat(var who) when Current(who) is { Started: true } node:
                node.LastBeatNs = nowNs;
                break;
            case DaemonEvent.EdgeFaulted(var edge, _, _) when _open.TryGetValue(edge, out var open):
                _nodes[open.Subscriber.Node].FaultedInputs.Add(open.Input.Id);
                break;
            case DaemonEvent.NodeExited(var who, var status, _) when Current(who) is { IsDynamic: false } node:
                Ended(node, status);
                break;
            case DaemonEvent.NodeLaunchFailed(var who, _) when Current(who) is { IsDynamic: false } node:
                Ended(node, null);
                break;
            case DaemonEvent.LauncherLost(var who) when Current(who) is { IsDynamic: false } node:
                Ended(node, null);
                break;
            case DaemonEvent.NodeChanged(var id, _) when !IsStopping && _nodes.GetValueOrDefault(id) is { IsDynamic: false, ToldAllClosed: false, EndedForGood: false } node:
                node.Replaced = true;
                break;
            case DaemonEvent.StopRequested or DaemonEvent.ForceStop when !_finished:
                _stoppingSinceNs ??= nowNs;
                break;
        }
    }

    public EdgeId? AnyOpenEdgeOf(Incarnation who, SimRandom random)
    {
        var mine = _open.Values.Where(edge => edge.Publisher == who || edge.Subscriber == who).Select(edge => edge.Edge).ToList();
        return mine.Count == 0 ? null : mine[random.Below(mine.Count)];
    }

    private void Connected(Incarnation who)
    {
        var node = _nodes[who.Node];
        if (node.IsDynamic && !node.Alive && who.Number == node.Number + 1)
            node.Begin(who.Number, _nowNs);
        else if (!node.Alive || node.Who != who || node.WasConnected || node.Killed || node.TermedNs is not null)
            return;
        node.Connected = node.WasConnected = true;
        if (who.Number > 0)
            OweNewsOf(node, _ => true);
    }

    private void OweNewsOf(KnownNode node, Func<(KnownNode Reader, DataId Input), bool> concerns)
    {
        foreach (var reader in _nodes.Values)
        {
            if (reader == node || reader is not { Listens: true, Started: true, ToldAllClosed: false })
                continue;
            if (reader.Spec.Inputs.Any(input => Reads(input, node.Spec.Id) && concerns((reader, input.Id))))
                _owedNews.Add((reader.Spec.Id, node.Spec.Id));
        }
    }

    private void Disconnected(KnownNode node)
    {
        node.Connected = false;
        if (node.IsDynamic)
            node.End(_nowNs);
        else if (!node.Started)
            node.Ready = false;
    }

    private void SaidGoodbye(KnownNode node)
    {
        node.SaidGoodbye = true;
        if (node.IsDynamic)
            node.End(_nowNs);
        else if (!node.Started)
            node.Ready = false;
    }

    private void Ended(KnownNode node, ExitStatus? status)
    {
        node.End(_nowNs);
        node.LastExit = status;
    }

    private KnownNode? Current(Incarnation who) =>
        _nodes.TryGetValue(who.Node, out var node) && node.Alive && node.Number == who.Number ? node : null;

    private static bool IsRelayed(KnownNode publisher, DataId output) =>
        publisher.Spec.Logs.SendStdoutAs == output || publisher.Spec.Logs.SendLogsAs == output;

    /// <summary>Whose process must live for an input to have an edge; null: only the daemon.</summary>
    private KnownNode? SenderOf(GraphInput input) =>
        input.Source is InputSource.Node(var output) && _nodes[output.Node] is var publisher && !IsRelayed(publisher, output.Output)
            ? publisher
            : null;

    private static void Require(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] RuleText rule)
    {
        if (!holds)
            throw new InvariantBrokenException(rule.ToString());
    }
}
