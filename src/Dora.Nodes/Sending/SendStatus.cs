// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes;

/// <summary>What became of a message that was to be sent. Expected outcomes, hence no exceptions.</summary>
public enum SendStatus
{
    /// <summary>Every subscriber has it in its queue, or has dropped a message for it by its own policy; drops are counted.</summary>
    Sent,

    /// <summary>A subscriber with <c>queue_policy: backpressure</c> has a full queue. Nobody got the message; try again later.</summary>
    BackPressured,

    /// <summary>Receivers hold on to so many messages that the memory bound of this node is reached. Nobody got the message; try again later.</summary>
    PoolExhausted,

    /// <summary>The node has been asked to stop while it waited for a full queue. Nobody got the message.</summary>
    Stopping,

    /// <summary>The output, or the whole node, was closed. Nobody got the message.</summary>
    Closed,
}
