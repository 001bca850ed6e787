// SPDX-License-Identifier: Apache-2.0

using Dora.Platform;
using Dora.SharedMemory;
using Microsoft.Win32.SafeHandles;

namespace Dora.Middleware;

/// <summary>A segment source for whoever creates memory itself: the daemon's own outputs, and tests.</summary>
/// <param name="nextId">Gives ids that are unique in the dataflow. Any thread.</param>
/// <param name="share">Hands a sealed segment to the readers; owns the descriptor from then on. On the thread that grows the pool.</param>
/// <param name="retire">Tells the readers to forget a segment.</param>
public sealed class LocalSegmentSource(
    Func<uint> nextId, Action<uint, SafeFileHandle> share, Action<uint> retire) : ISegmentSource
{
    /// <inheritdoc/>
    public WritableSegment? Request(long slotBytes, int slotCount)
    {
        SafeFileHandle? fd = null;
        WritableSegment? segment = null;
        try
        {
            fd = SegmentMemory.Create(slotBytes, slotCount);
            segment = WritableSegment.Map(nextId(), fd);
            SegmentMemory.SealForReaders(fd);
        }
        catch (Exception e) when (e is SharedMemoryException or PlatformException)
        {
            segment?.Dispose();
            fd?.Dispose();
            return null; // no memory: the pool stays as it is
        }

        share(segment.Id, fd);
        return segment;
    }

    /// <inheritdoc/>
    public void Retire(uint segmentId) => retire(segmentId);
}
