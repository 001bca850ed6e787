// SPDX-License-Identifier: Apache-2.0

using Dora.SharedMemory;

namespace Dora.Middleware;

/// <summary>Where the pool of a <see cref="SharedMemoryPublisher"/> gets its memory from: for a node the daemon, for the daemon itself.</summary>
/// <remarks>Called without any lock that adding or closing edges needs, by one thread at a time for each publisher.</remarks>
public interface ISegmentSource
{
    /// <summary>Creates a segment, lets it be mapped for writing here and only then handed to all readers of the output.</summary>
    /// <param name="slotBytes">Size of a slot, headers included.</param>
    /// <param name="slotCount">Number of slots.</param>
    /// <returns>The segment, after every present reader has been sent it (so that it may be published from); null when refused.</returns>
    /// <remarks>May block for a round trip; must end, with null, when the other side is gone. Must not throw.</remarks>
    WritableSegment? Request(long slotBytes, int slotCount);

    /// <summary>Says that a segment is unmapped here and readers shall forget it. Does not block for an answer, must not throw.</summary>
    /// <remarks>Not called for the segments of a disposed publisher: readers still take from them what is queued, and unmap them with
    /// their edge.</remarks>
    void Retire(uint segmentId);
}
