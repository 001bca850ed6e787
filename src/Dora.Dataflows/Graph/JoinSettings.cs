// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Protocol;

namespace Dora.Dataflows.Graph;

/// <summary>Inputs of a node or an operator that are received together, as one event.</summary>
public sealed record JoinSettings
{
    public required JoinMode Mode { get; init; }

    /// <summary>The members, in the order of the descriptor.</summary>
    public required ImmutableArray<DataId> Inputs { get; init; }

    /// <summary>Inputs of which all messages since the set before come with each set.</summary>
    public ImmutableArray<DataId> Collected { get; init; } = [];

    /// <summary>Largest spread of an approximate set; null: any.</summary>
    public TimeSpan? Tolerance { get; init; }

    public JoinStamp Stamp { get; init; }

    /// <summary>Key of the parameter that is the stamp, with <see cref="JoinStamp.Parameter"/>.</summary>
    public string? StampParameter { get; init; }

    /// <summary>How long the message that waited first may wait; null: for ever.</summary>
    public TimeSpan? Timeout { get; init; }

    public JoinTimeoutAction OnTimeout { get; init; }

    /// <summary>The member that makes the sets of <see cref="JoinMode.Latest"/>.</summary>
    public DataId? Trigger { get; init; }

    /// <summary>How much older than the trigger another member's message may be; null: any.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Messages that end a window; null: not counted.</summary>
    public int? WindowCount { get; init; }

    /// <summary>Time that ends a window; null: not timed.</summary>
    public TimeSpan? WindowDuration { get; init; }
}

/// <summary>Which messages belong together; <c>docs/guide/join.md</c> defines each.</summary>
public enum JoinMode
{
    All,
    Any,
    Zip,
    Latest,
    Exact,
    Approximate,
    Deterministic,
    Window,
}

/// <summary>What a message's stamp is.</summary>
public enum JoinStamp
{
    /// <summary>When it was sent.</summary>
    Source,

    /// <summary>When it was received.</summary>
    Arrival,

    /// <summary>A parameter that came with it.</summary>
    Parameter,
}

/// <summary>What happens to messages that waited too long.</summary>
public enum JoinTimeoutAction
{
    /// <summary>They become a set.</summary>
    Partial,

    /// <summary>They are dropped.</summary>
    Drop,

    /// <summary>They are dropped, and the receiver is told.</summary>
    Error,
}
