// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Protocol;

namespace Dora.Daemon;

/// <summary>How one dataflow is run.</summary>
public sealed record RunOptions
{
    /// <summary>Folder under which <c>&lt;dataflow id&gt;/log_&lt;node&gt;.jsonl</c> is written; null: no log files.</summary>
    public string? LogDirectory { get; init; }

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
    public required TimeSpan Duration { get; init; }
}

/// <summary>Why a node failed.</summary>
/// <param name="Node">Which.</param>
/// <param name="Message">Exit code or signal and, if known, the last lines of its standard error.</param>
/// <param name="CausedBy">The node whose failure led to this one; null: itself.</param>
public sealed record NodeFailure(NodeId Node, string Message, NodeId? CausedBy);

/// <summary>One row of the closing table for nodes.</summary>
public sealed record NodeReport(NodeId Node, int Restarts, string Exit, bool Failed, NodeId? CausedBy, long MaxRssBytes, TimeSpan CpuTime);

/// <summary>One row of the closing table for edges; counts over all incarnations.</summary>
/// <param name="Source"><c>node/output</c> or a virtual source.</param>
/// <param name="Target"><c>node/input</c>.</param>
/// <param name="Sent">Messages published to this edge.</param>
/// <param name="Received">Messages taken by the subscriber.</param>
/// <param name="Dropped">Messages that the queue policy or a death took away: Sent = Received + Dropped at the end.</param>
/// <param name="Bytes">Payload bytes published.</param>
/// <param name="AgeP50Ns">Median time from publishing to taking; null: nothing was taken.</param>
/// <param name="AgeP99Ns">99th percentile of the same.</param>
public sealed record EdgeReport(string Source, string Target, ulong Sent, ulong Received, ulong Dropped, ulong Bytes, long? AgeP50Ns, long? AgeP99Ns);
