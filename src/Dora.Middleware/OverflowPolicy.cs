// SPDX-License-Identifier: Apache-2.0

namespace Dora.Middleware;

/// <summary>What happens to a message that finds its subscriber's queue full (<c>queue_policy</c> in a descriptor).</summary>
public enum OverflowPolicy
{
    /// <summary>The oldest message in the queue makes room, and the drop is counted.</summary>
    DropOldest,

    /// <summary>The sender gets <see cref="SendStatus.BackPressured"/>; nothing is lost.</summary>
    BackPressure,
}
