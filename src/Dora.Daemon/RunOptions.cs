// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Graph;
using Dora.Protocol;

namespace Dora.Daemon;

/// <summary>How one dataflow is run.</summary>
public sealed record RunOptions
{
    /// <summary>Folder under which <c>&lt;dataflow id&gt;/log_&lt;node&gt;.jsonl</c> is written; null: no log files.</summary>
    public string? LogDirectory { get; init; }

    /// <summary>Folder in which the next run of the same name finds what operators keep; null: nothing is kept.</summary>
    public string? KeptStateDirectory { get; init; }

    /// <summary>Stop by itself after this time; null: never.</summary>
    public TimeSpan? StopAfter { get; init; }

    /// <summary>Environment given to every node beside its own.</summary>
    public ImmutableSortedDictionary<string, string> Environment { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Whether nodes that are shell lines may run.</summary>
    public bool AllowShellNodes { get; init; }

    /// <summary>Overrides each node's stop grace; null: the node's own.</summary>
    public TimeSpan? StopGrace { get; init; }

    /// <summary>Whether timers alone do not keep the dataflow alive, in addition to what the descriptor says.</summary>
    public bool ExitWhenNodesFinish { get; init; }

    /// <summary>How each custom node is started: program and arguments, absolute, after building; by node.</summary>
    public required ImmutableDictionary<NodeId, NodeCommand> Commands { get; init; }

    /// <summary>The program that is run as launcher, and its first arguments: the running <c>dora</c> itself and its hidden command.</summary>
    public required NodeCommand Launcher { get; init; }
}

/// <summary>A program with its arguments, ready to execute.</summary>
public sealed record NodeCommand(string Program, ImmutableArray<string> Arguments);

/// <summary>How a dataflow ended, and what it did.</summary>
public sealed record DataflowReport
{
    public required DataflowId Id { get; init; }

    /// <summary>True when every node ended as it should.</summary>
    public required bool Succeeded { get; init; }

    /// <summary>The first failure, when there was one; everything after it may be its consequence.</summary>
    public NodeFailure? FirstFailure { get; init; }

    public required ImmutableArray<NodeReport> Nodes { get; init; }
    public required ImmutableArray<EdgeReport> Edges { get; init; }

    /// <summary>Operators with a deadline or a budget, in the order of the descriptor.</summary>
    public ImmutableArray<OperatorTimingReport> OperatorTimings { get; init; } = [];

    /// <summary>One for each join of a node or operator.</summary>
    public ImmutableArray<JoinReport> Joins { get; init; } = [];

    public required TimeSpan Duration { get; init; }
}

/// <summary>Why a node failed.</summary>
/// <param name="Node">Which.</param>
/// <param name="Message">Exit code or signal and, if known, the last lines of its standard error.</param>
/// <param name="CausedBy">The node whose failure led to this one; null: itself.</param>
public sealed record NodeFailure(NodeId Node, string Message, NodeId? CausedBy);

/// <summary>One row of the closing table for nodes.</summary>
public sealed record NodeReport(NodeId Node, int Restarts, string Exit, bool Failed, NodeId? CausedBy, long MaxRssBytes, TimeSpan CpuTime);

/// <summary>How one operator kept its deadline and its budget, over all processes of its runtime.</summary>
/// <param name="Node">The runtime node.</param>
/// <param name="Operator">Which of its operators.</param>
/// <param name="Handled">Messages that were handled.</param>
/// <param name="Missed">Of those, the ones that were handled after their deadline.</param>
/// <param name="Expired">Messages dropped unhandled, because their deadline had passed.</param>
/// <param name="OverBudget">Events whose handling took longer than the budget.</param>
/// <param name="WorstNs">Longest that handling one event took.</param>
public sealed record OperatorTimingReport(
    NodeId Node, OperatorId Operator, ulong Handled, ulong Missed, ulong Expired, ulong OverBudget, ulong WorstNs);

/// <summary>One row of the closing table for edges; counts over all incarnations. Sent = Received + Dropped + Lost.</summary>
/// <param name="Source"><c>node/output</c> or a virtual source.</param>
/// <param name="Target"><c>node/input</c>.</param>
public sealed record EdgeReport(string Source, string Target)
{
    /// <summary>Whether both ends are operators of one runtime, which count for themselves; ages are not measured there.</summary>
    public bool IsInProcess { get; init; }

    /// <summary>Messages published to this edge.</summary>
    public ulong Sent { get; init; }

    /// <summary>Messages taken by the subscriber.</summary>
    public ulong Received { get; init; }

    /// <summary>Messages that gave way to newer ones in a full queue.</summary>
    public ulong DroppedOldest { get; init; }

    /// <summary>Messages that found no place: the subscriber held as many as it may, or its queue could give none up.</summary>
    public ulong DroppedFull { get; init; }

    /// <summary>Messages that gave way because all shared memory of the publisher was in use.</summary>
    public ulong DroppedPool { get; init; }

    /// <summary>Messages that the runtime dropped because their deadline had passed before the operator's turn came (<c>on_miss: skip</c>).</summary>
    public ulong DroppedExpired { get; init; }

    /// <summary>All four.</summary>
    public ulong Dropped => DroppedOldest + DroppedFull + DroppedPool + DroppedExpired;

    /// <summary>Messages that ended with an end of the edge: they were in the queue when a process died or the dataflow stopped.</summary>
    public ulong Lost { get; init; }

    /// <summary>Payload bytes published.</summary>
    public ulong Bytes { get; init; }

    /// <summary>Median time from publishing to taking; null: nothing was taken.</summary>
    public long? AgeP50Ns { get; init; }

    /// <summary>99th percentile of the same.</summary>
    public long? AgeP99Ns { get; init; }
}

/// <summary>One row of the closing table for joins; counts over all incarnations.</summary>
/// <param name="Owner"><c>node</c> or <c>node/operator</c>.</param>
/// <param name="Mode">Which messages belong together.</param>
public sealed record JoinReport(string Owner, JoinMode Mode)
{
    /// <summary>Sets with a message of each member.</summary>
    public ulong Sets { get; init; }

    /// <summary>Sets in which members were missing.</summary>
    public ulong PartialSets { get; init; }

    /// <summary>Times that a set was not complete in time, and was dropped.</summary>
    public ulong TimedOutSets { get; init; }

    /// <summary>Messages that became part of a set.</summary>
    public ulong Used { get; init; }

    /// <summary>Messages that a newer one of the same input replaced.</summary>
    public ulong Superseded { get; init; }

    /// <summary>Messages that no set could contain any more.</summary>
    public ulong Unmatched { get; init; }

    /// <summary>Messages whose set was not complete in time.</summary>
    public ulong TimedOut { get; init; }

    /// <summary>Messages that came out of order.</summary>
    public ulong Late { get; init; }

    /// <summary>Messages that gave way because too many waited.</summary>
    public ulong QueueFull { get; init; }

    /// <summary>Messages without the parameter that is their stamp.</summary>
    public ulong NoStamp { get; init; }

    /// <summary>Messages that waited when a member or the receiver ended.</summary>
    public ulong Ended { get; init; }

    /// <summary>Messages that became part of no set.</summary>
    public ulong Dropped => Superseded + Unmatched + TimedOut + Late + QueueFull + NoStamp + Ended;
}
