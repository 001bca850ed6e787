// SPDX-License-Identifier: Apache-2.0

namespace Dora.Platform.Sockets;

/// <summary>A session of frames cannot go on. The channel is unusable afterwards; dispose it.</summary>
public sealed class FrameException : IOException
{
    internal FrameException(FrameFault fault, string message, Exception? inner = null) : base(message, inner) => Fault = fault;

    /// <summary>What ended it.</summary>
    public FrameFault Fault { get; }
}

/// <summary>What can end a session of frames.</summary>
public enum FrameFault
{
    /// <summary>The peer closed the socket or died while we were sending.</summary>
    PeerGone,

    /// <summary>The stream ended in the middle of a frame.</summary>
    Torn,

    /// <summary>The peer announced, or we were asked to send, a frame above the cap.</summary>
    TooLong,

    /// <summary>The peer sent more descriptors than may wait.</summary>
    TooManyDescriptors,

    /// <summary>A frame named more descriptors than came with it.</summary>
    MissingDescriptors,

    /// <summary>This process had no free descriptor number for what the peer sent.</summary>
    DescriptorsLost,

    /// <summary>The peer does not read: more waits to be sent than the bound allows.</summary>
    Stalled,
}
