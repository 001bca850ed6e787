// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon.Core;
using Dora.Dataflows.Graph;
using Dora.Protocol;
using Dora.Protocol.Messages;

namespace Dora.SimulationTests.DaemonCore;

/// <summary>The real core behind a filter that breaks one rule: proof that the checker can fail.</summary>
internal sealed class BrokenCore(DataflowCore core, BrokenCore.Flaw flaw) : ICore
{
    private readonly Dictionary<NodeId, int> _latest = [];

    /// <summary>How one rule is broken; what is null is left as it is.</summary>
    internal sealed record Flaw(string Name)
    {
        /// <summary>Keeps an effect (itself), changes it, or drops it (null).</summary>
        public Func<Effect, Effect?>? OnEffect { get; init; }

        /// <summary>Changes an event, or keeps it from the core (null).</summary>
        public Func<DaemonEvent, DaemonEvent?>? OnEvent { get; init; }

        /// <summary>Effects that the core would not have given.</summary>
        public Func<DaemonEvent, Effect?>? Invents { get; init; }

        /// <summary>The core reads another graph than the one that is true.</summary>
        public Func<GraphNode, GraphNode>? MisreadNode { get; init; }
        public Func<CoreSettings, CoreSettings>? MisreadSettings { get; init; }
        public bool IsDeafToTime { get; init; }
        public bool TakesStaleForCurrent { get; init; }

        public override string ToString() => Name;

        public ICore Make(DataflowGraph graph, CoreSettings settings)
        {
            if (MisreadNode is not null)
                graph = graph with { Nodes = [.. graph.Nodes.Select(MisreadNode)] };
            return new BrokenCore(new DataflowCore(graph, MisreadSettings?.Invoke(settings) ?? settings), this);
        }
    }

    public long? NextDeadlineNs => flaw.IsDeafToTime ? null : core.NextDeadlineNs;

    public Incarnation? ExpectedIncarnation(NodeId node) => core.ExpectedIncarnation(node, out _);

    public void Apply(DaemonEvent e, long nowNs, List<Effect> effects)
    {
        var told = flaw.OnEvent is null ? e : flaw.OnEvent(e);
        if (told is null)
            return;
        if (flaw.TakesStaleForCurrent && told is DaemonEvent.NodeExited exited && _latest.TryGetValue(exited.Who.Node, out var latest))
            told = exited with { Who = new Incarnation(exited.Who.Node, latest) };
        List<Effect> own = [];
        core.Apply(told, nowNs, own);
        if (flaw.Invents?.Invoke(e) is { } invented)
            own.Add(invented);
        foreach (var effect in own)
        {
            if (effect is Effect.SpawnNode(var who))
                _latest[who.Node] = who.Number;
            if ((flaw.OnEffect is null ? effect : flaw.OnEffect(effect)) is { } kept)
                effects.Add(kept);
        }
    }

    public static IEnumerable<Flaw> All()
    {
        yield return Forgets<Effect.CloseEdge>();
        yield return Forgets<Effect.OpenEdge>();
        yield return Forgets<Effect.WiringDone>();
        yield return Forgets<Effect.StartNode>();
        yield return Forgets<Effect.SendInputClosed>();
        yield return Forgets<Effect.SendInputRecovered>();
        yield return Forgets<Effect.SendStop>();
        yield return Forgets<Effect.SendNodeRestarted>();
        yield return Forgets<Effect.SendNodeFailed>();
        yield return Forgets<Effect.SignalGroup>();
        yield return Forgets<Effect.KillNode>();
        yield return Forgets<Effect.SpawnNode>();
        yield return Forgets<Effect.Finished>();
        yield return new("uses an edge id twice") { OnEffect = e => e is Effect.OpenEdge open ? open with { Edge = new EdgeId(1) } : e };
        yield return new("wires before the neighbours are there")
        {
            Invents = e => e is DaemonEvent.NodeConnected(var who) ? new Effect.WiringDone(who) : null,
        };
        yield return new("starts who is ready without waiting")
        {
            Invents = e => e is DaemonEvent.NodeReady(var who) ? new Effect.StartNode(who) : null,
        };
        yield return new("restarts whoever ends")
        {
            Invents = e => e is DaemonEvent.NodeExited(var who, _, _) ? new Effect.SpawnNode(who with { Number = who.Number + 1 }) : null,
        };
        yield return new("finishes twice")
        {
            Invents = e => e is DaemonEvent.ForceStop ? new Effect.Finished(new DataflowOutcome(true, "", null, [], default)) : null,
        };
        yield return new("asks to stop for the wrong cause")
        {
            OnEffect = e => e is Effect.SendStop { Cause: StopCause.Manual } stop ? stop with { Cause = StopCause.AllInputsClosed } : e,
        };
        yield return new("never looks at the clock") { IsDeafToTime = true, OnEvent = e => e is DaemonEvent.DeadlineReached ? null : e };
        yield return new("takes the exit of a dead incarnation for that of the living") { TakesStaleForCurrent = true };
        yield return new("does not hear of exits") { OnEvent = e => e is DaemonEvent.NodeExited ? null : e };
        yield return new("does not hear of lost launchers") { OnEvent = e => e is DaemonEvent.LauncherLost ? null : e };
        yield return new("does not hear of lost connections") { OnEvent = e => e is DaemonEvent.NodeDisconnected ? null : e };
        yield return new("does not hear of broken rules") { OnEvent = e => e is DaemonEvent.NodeDisconnected gone ? gone with { BrokenRule = null } : e };
        yield return new("does not hear a stop request") { OnEvent = e => e is DaemonEvent.StopRequested ? null : e };
        yield return new("does not hear of closed outputs") { OnEvent = e => e is DaemonEvent.OutputsClosed ? null : e };
        yield return new("does not hear heartbeats") { OnEvent = e => e is DaemonEvent.Heartbeat ? null : e };
        yield return Misreads("restart policy", node => node with { Restart = node.Restart with { Policy = RestartPolicy.Always } });
        yield return Misreads("restart limit", node => node with { Restart = node.Restart with { MaxRestarts = 0 } });
        yield return Misreads("restart window", node => node with { Restart = node.Restart with { Window = TimeSpan.FromMilliseconds(1) } });
        yield return Misreads("restart delay", node => node with { Restart = node.Restart with { Delay = TimeSpan.Zero } });
        yield return Misreads("longest restart delay", node => node with { Restart = node.Restart with { MaxDelay = null } });
        yield return Misreads("health check", node => node with { Health = node.Health with { HealthCheckTimeout = null } });
        yield return Misreads("startup timeout", node => node with { Health = node.Health with { StartupTimeout = TimeSpan.FromHours(1) } });
        yield return Misreads("stop grace", node => node with { Health = node.Health with { StopGrace = TimeSpan.FromHours(1) } });
        yield return new("misreads the time from SIGTERM to SIGKILL") { MisreadSettings = s => s with { TermGrace = TimeSpan.FromHours(1) } };
    }

    private static Flaw Forgets<T>()
        where T : Effect => new($"forgets {typeof(T).Name}") { OnEffect = e => e is T ? null : e };

    private static Flaw Misreads(string what, Func<GraphNode, GraphNode> how) => new($"misreads the {what}") { MisreadNode = how };
}
