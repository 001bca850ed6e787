// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Dora.Nodes.Joining;

/// <summary>Which inputs a set is of: the members, then those that are collected.</summary>
internal sealed record JoinLayout(ImmutableArray<string> Inputs, int MemberCount)
{
    /// <summary>Place of an input; -1: it is none of these.</summary>
    public int IndexOf(string id)
    {
        for (var i = 0; i < Inputs.Length; i++) // a join has few
        {
            if (string.Equals(Inputs[i], id, StringComparison.Ordinal))
                return i;
        }

        return -1;
    }
}
