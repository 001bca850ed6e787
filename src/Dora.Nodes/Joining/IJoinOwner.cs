// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes.Joining;

/// <summary>Who owns the messages of a join: takes back those that become part of no set.</summary>
internal interface IJoinOwner<T>
{
    /// <summary>Takes a message back that was never used.</summary>
    void Drop(int input, T item, JoinDrop reason);

    /// <summary>Takes a message back that was used before, through a hold of its own.</summary>
    void Release(T item);

    /// <summary>A second hold on a message, for a set; the join keeps the first.</summary>
    T Share(T item);
}
