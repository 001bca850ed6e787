// SPDX-License-Identifier: Apache-2.0

namespace Dora.Middleware;

/// <summary>What one subscriber has of a publisher at this moment; says why the publisher waits.</summary>
public readonly struct EdgeUse
{
    internal EdgeUse(uint edgeId, int queued, int slots, bool pushesBack)
    {
        EdgeId = edgeId;
        Queued = queued;
        Slots = slots;
        PushesBack = pushesBack;
    }

    /// <summary>The edge.</summary>
    public uint EdgeId { get; }

    /// <summary>Messages in its queue.</summary>
    public int Queued { get; }

    /// <summary>Slots of the publisher's memory that it has: in its queue, or held by it.</summary>
    public int Slots { get; }

    /// <summary>Whether the last message that was held back would have to wait for it.</summary>
    public bool PushesBack { get; }
}
