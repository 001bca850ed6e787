// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes.Connection;

/// <summary>Lets the receiving thread wait for a segment that a message names but that the control thread has not applied yet.</summary>
/// <remarks>
/// The daemon sends a segment to its readers before the publisher may use it, so when a message names one that is not here, its
/// descriptor lies in the socket already: the wait is for our own control thread, not for a peer.
/// </remarks>
internal sealed class SegmentArrivals
{
    /// <summary>Far more than a thread needs to read a socket, even on a machine that swaps.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(5);

    private readonly object _lock = new();
    private readonly HashSet<(uint EdgeId, uint SegmentId)> _present = [];
    private bool _isOver;

    /// <summary>Control thread: the segment is mapped.</summary>
    public void Add(uint edgeId, uint segmentId)
    {
        lock (_lock)
        {
            _present.Add((edgeId, segmentId));
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Control thread: the segment is gone.</summary>
    public void Remove(uint edgeId, uint segmentId)
    {
        lock (_lock)
            _present.Remove((edgeId, segmentId));
    }

    /// <summary>Forgets everything of an edge.</summary>
    public void RemoveEdge(uint edgeId)
    {
        lock (_lock)
            _present.RemoveWhere(entry => entry.EdgeId == edgeId);
    }

    /// <summary>Nothing arrives any more.</summary>
    public void End()
    {
        lock (_lock)
        {
            _isOver = true;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Waits until the segment has arrived, or it is certain that it will not.</summary>
    public void Wait(uint edgeId, uint segmentId)
    {
        var deadline = Environment.TickCount64 + (long)WaitMax.TotalMilliseconds;
        lock (_lock)
        {
            while (!_isOver && !_present.Contains((edgeId, segmentId)) && deadline - Environment.TickCount64 is > 0 and var left)
                Monitor.Wait(_lock, (int)left);
        }
    }
}
