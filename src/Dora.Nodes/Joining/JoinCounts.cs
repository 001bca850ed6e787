// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes.Joining;

/// <summary>What became of the messages of one input of a join: offered = used + dropped + waiting.</summary>
internal sealed class JoinCounts
{
    private readonly ulong[] _dropped = new ulong[(int)JoinDrop.Ended + 1];

    /// <summary>Messages that the join was given.</summary>
    public ulong Offered { get; set; }

    /// <summary>Those that became part of a set.</summary>
    public ulong Used { get; set; }

    /// <summary>Those that became part of none, by reason.</summary>
    public ulong this[JoinDrop reason] => _dropped[(int)reason];

    /// <summary>Those that became part of none.</summary>
    public ulong Dropped { get; private set; }

    /// <summary>One was dropped.</summary>
    public void Drop(JoinDrop reason)
    {
        _dropped[(int)reason]++;
        Dropped++;
    }
}
