// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Graph;
using Dora.Protocol;
using Dora.Protocol.Messages;

namespace Dora.Daemon.Core;

/// <summary>What the core wants done, in this order. The shell carries it out and reports what comes of it as events.</summary>
/// <remarks>No effect names an incarnation that is known to be dead. A send to one that died meanwhile is dropped silently.</remarks>
public abstract record Effect
{
    private Effect() { }

    /// <summary>Start a process. Never for dynamic nodes.</summary>
    public sealed record SpawnNode(Incarnation Who) : Effect;

    /// <summary>Make an edge and give it to both ends; both are connected (or <see cref="Incarnation.Dora"/>).</summary>
    /// <param name="Edge">Fresh.</param>
    /// <param name="Publisher">Who sends; <see cref="Incarnation.Dora"/> for timers and logs.</param>
    /// <param name="Subscriber">Who receives.</param>
    /// <param name="Input">The receiver's input; its source says which output, timer or log.</param>
    public sealed record OpenEdge(EdgeId Edge, Incarnation Publisher, Incarnation Subscriber, GraphInput Input) : Effect;

    /// <summary>Take an edge away from those of its ends that still live; the subscriber drains it first.</summary>
    public sealed record CloseEdge(EdgeId Edge, string Reason) : Effect;

    /// <summary>All edges that the node needs before it can be ready were opened.</summary>
    public sealed record WiringDone(Incarnation Who) : Effect;

    /// <summary>The barrier is open, or was when this incarnation became ready.</summary>
    public sealed record StartNode(Incarnation Who) : Effect;

    /// <summary>Nothing more will come on this input (unless <see cref="SendInputRecovered"/> follows some day).</summary>
    public sealed record SendInputClosed(Incarnation Who, DataId Input, string Reason) : Effect;

    /// <summary>An input that was reported closed has a publisher again.</summary>
    public sealed record SendInputRecovered(Incarnation Who, DataId Input) : Effect;

    /// <summary>Ask the node to end; it is signalled when <paramref name="Grace"/> is over (null: no limit).</summary>
    public sealed record SendStop(Incarnation Who, StopCause Cause, TimeSpan? Grace) : Effect;

    /// <summary>Tell a subscriber that a publisher of its has a new process.</summary>
    public sealed record SendNodeRestarted(Incarnation Who, NodeId Restarted) : Effect;

    /// <summary>Tell a subscriber that a publisher of its failed for good; the closing of these inputs follows.</summary>
    public sealed record SendNodeFailed(Incarnation Who, ImmutableArray<DataId> AffectedInputs, string Error, NodeId Source) : Effect;

    /// <summary>Tell a runtime that an operator's program changed.</summary>
    public sealed record SendReload(Incarnation Who, OperatorId Operator, string Source) : Effect;

    /// <summary>Send a signal to the node's process group.</summary>
    public sealed record SignalGroup(Incarnation Who, int Signal) : Effect;

    /// <summary>SIGKILL to the node's group and orphans. It may still be launching: then nothing of it shall come to life.</summary>
    public sealed record KillNode(Incarnation Who) : Effect;

    /// <summary>For <see cref="IRunObserver.NodeChanged"/>.</summary>
    public sealed record ReportNode(NodeChange Change) : Effect;

    /// <summary>For <see cref="IRunObserver.DataflowChanged"/>.</summary>
    public sealed record ReportDataflow(DataflowPhase Phase, string Message) : Effect;

    /// <summary>Last effect, once: no process is left, no edge is open, no deadline runs.</summary>
    public sealed record Finished(DataflowOutcome Outcome) : Effect;
}

/// <summary>How a dataflow ended.</summary>
/// <param name="Succeeded">No node failed.</param>
/// <param name="Message">For people, one line.</param>
/// <param name="FirstFailure">The cause of all others, as far as is known; null when there was none.</param>
/// <param name="Nodes">One row for each node, in the order of the descriptor.</param>
/// <param name="Duration">From <see cref="DaemonEvent.Begin"/>.</param>
public sealed record DataflowOutcome(
    bool Succeeded,
    string Message,
    NodeFailure? FirstFailure,
    ImmutableArray<NodeReport> Nodes,
    TimeSpan Duration)
{
    /// <summary>The report of the whole run, with what its edges did (<see cref="EdgeLedger"/>), how its operators kept their deadlines
    /// (<see cref="TimingLedger"/>), and what became of the messages of joins (<see cref="JoinLedger"/>).</summary>
    public DataflowReport ToReport(DataflowId id, ImmutableArray<EdgeReport> edges, ImmutableArray<OperatorTimingReport> timings, ImmutableArray<JoinReport> joins) => new()
    {
        Id = id,
        Succeeded = Succeeded,
        FirstFailure = FirstFailure,
        Nodes = Nodes,
        Edges = edges,
        OperatorTimings = timings,
        Joins = joins,
        Duration = Duration,
    };
}
