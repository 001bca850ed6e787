// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Dora.Nodes.Joining;

/// <summary>Which messages belong together. Defined in <c>docs/guide/join.md</c>, word for word.</summary>
internal enum JoinMode
{
    /// <summary>The newest of each member, as soon as each has one.</summary>
    All,

    /// <summary>The newest of each member that has one, as soon as one has.</summary>
    Any,

    /// <summary>The first of each, the second of each, and so on.</summary>
    Zip,

    /// <summary>Each message of one member, with the newest that the others ever brought.</summary>
    Latest,

    /// <summary>Equal stamps.</summary>
    Exact,

    /// <summary>Stamps as near to each other as can be.</summary>
    Approximate,

    /// <summary>All messages in the order of their stamps; equal stamps make one set.</summary>
    Deterministic,

    /// <summary>Batches by number or time.</summary>
    Window,
}

/// <summary>What happens when a set is not complete in time.</summary>
internal enum JoinTimeoutAction
{
    /// <summary>What there is becomes a set.</summary>
    Partial,

    /// <summary>It is dropped and counted.</summary>
    Drop,

    /// <summary>It is dropped and counted, and a set without messages says so.</summary>
    Error,
}

/// <summary>What a message's stamp is.</summary>
internal enum JoinStamp
{
    /// <summary>When it was sent, by its sender's clock.</summary>
    Source,

    /// <summary>When the join got it.</summary>
    Arrival,

    /// <summary>A parameter of its metadata.</summary>
    Parameter,
}

/// <summary>Why a message became part of no set.</summary>
internal enum JoinDrop
{
    /// <summary>A newer one of the same input came first.</summary>
    Superseded,

    /// <summary>No set can contain it any more.</summary>
    Unmatched,

    /// <summary>The set it waited for was not complete in time.</summary>
    TimedOut,

    /// <summary>It came after a set that had to come after it, or behind a later message of its input.</summary>
    Late,

    /// <summary>The input's queue was full.</summary>
    QueueFull,

    /// <summary>It lacks the parameter that is its stamp.</summary>
    NoStamp,

    /// <summary>Another member is closed, so that no set can be complete any more; or the receiver has ended.</summary>
    Ended,
}

/// <summary>One input of a join.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Capacity">Messages that may wait in the join.</param>
/// <param name="IsLossless">Whether it is not offered more than that, rather than losing its oldest.</param>
internal readonly record struct JoinInput(string Id, int Capacity, bool IsLossless);

/// <summary>A join as the dataflow describes it. Immutable.</summary>
internal sealed record JoinPlan
{
    /// <summary>Stands for a time or distance without a limit.</summary>
    public const long Unlimited = long.MaxValue;

    /// <summary>Which messages belong together.</summary>
    public required JoinMode Mode { get; init; }

    /// <summary>The members, then the inputs that are collected.</summary>
    public required ImmutableArray<JoinInput> Inputs { get; init; }

    /// <summary>How many of <see cref="Inputs"/> are members.</summary>
    public required int MemberCount { get; init; }

    /// <summary>The member that makes the sets in mode <see cref="JoinMode.Latest"/>.</summary>
    public int Trigger { get; init; }

    /// <summary>Largest spread of a set in mode <see cref="JoinMode.Approximate"/>, in units of the stamp.</summary>
    public long ToleranceNs { get; init; } = Unlimited;

    /// <summary>How long the member that waited first may wait.</summary>
    public long TimeoutNs { get; init; } = Unlimited;

    /// <summary>What then happens.</summary>
    public JoinTimeoutAction OnTimeout { get; init; }

    /// <summary>What the stamps are.</summary>
    public JoinStamp Stamp { get; init; }

    /// <summary>UTF-8 name of the parameter, for <see cref="JoinStamp.Parameter"/>.</summary>
    public ImmutableArray<byte> StampParameter { get; init; } = [];

    /// <summary>How much older than the trigger a message of another member may be, in mode <see cref="JoinMode.Latest"/>.</summary>
    public long MaxAgeNs { get; init; } = Unlimited;

    /// <summary>Messages in a window, all members together; 0: not counted.</summary>
    public int WindowCount { get; init; }

    /// <summary>Length of a window, from its first message on.</summary>
    public long WindowNs { get; init; } = Unlimited;

    /// <summary>Whether members that will bring nothing more are left out, rather than ending all sets.</summary>
    public bool GoesOnWithoutClosed => TimeoutNs != Unlimited && OnTimeout == JoinTimeoutAction.Partial;
}
