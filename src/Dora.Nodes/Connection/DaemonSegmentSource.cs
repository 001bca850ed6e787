// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;
using Dora.Platform;
using Dora.SharedMemory;

namespace Dora.Nodes.Connection;

/// <summary>Memory for the messages of one output, from the daemon: it creates, seals and distributes; this node only maps.</summary>
/// <remarks>The order keeps readers safe: we map writable, then the daemon forbids that to all others, then readers get it.</remarks>
internal sealed class DaemonSegmentSource(string outputId, SegmentRequests requests) : ISegmentSource
{
    private volatile bool _isLeaving;

    /// <inheritdoc/>
    public WritableSegment? Request(long slotBytes, int slotCount)
    {
        if (requests.Request(outputId, slotBytes, slotCount) is not var (id, memory))
            return null;

        WritableSegment segment;
        try
        {
            using (memory)
                segment = WritableSegment.Map(id, memory);
        }
        catch (Exception e) when (e is SharedMemoryException or PlatformException)
        {
            requests.Retire(id);
            return null; // no room for the mapping
        }

        if (requests.ShareAndWait(id))
            return segment;
        segment.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public void Retire(uint segmentId)
    {
        if (!_isLeaving)
            requests.Retire(segmentId);
    }

    /// <summary>The node ends in good order: what subscribers have queued must stay theirs, so nothing is retired from now on.</summary>
    public void Leave() => _isLeaving = true;
}
