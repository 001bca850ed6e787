// SPDX-License-Identifier: Apache-2.0

namespace Dora.Middleware;

/// <summary>What became of an attempt to send, or to get memory to send from. Expected outcomes, hence no exceptions.</summary>
public enum SendStatus
{
    /// <summary>Every subscriber has it in its queue, or has had a message dropped by its policy; drops are counted on their edge.</summary>
    Sent,

    /// <summary>A queue is full and must not lose messages. Nothing was sent to anybody; wait for space and try again.</summary>
    BackPressured,

    /// <summary>All memory up to the pool's bound is in use. Nothing was sent; wait for space and try again.</summary>
    PoolExhausted,

    /// <summary>The message can never be sent: it exceeds <see cref="Publisher.PayloadBytesMax"/>, <see cref="Publisher.MetadataBytesMax"/> or the pool's bound.</summary>
    TooLarge,

    /// <summary>The publisher is disposed.</summary>
    Closed,

    /// <summary>The system has no memory for a message of this size, and would not have it if all messages of the node came back: no use in waiting for them.</summary>
    OutOfMemory,
}
