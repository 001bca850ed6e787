// SPDX-License-Identifier: Apache-2.0

using Dora.Platform.Synchronization;

namespace Dora.Middleware;

/// <summary>The bound on shared memory that all publishers of one node have together (<c>pool_bytes_max</c>).</summary>
/// <remarks>Threading: any thread. Its lock is a leaf: nothing is called under it.</remarks>
public sealed class PoolBudget
{
    private readonly Lock _lock = new();
    private readonly List<SharedMemoryPublisher> _publishers = [];
    private long _bytesUsed;
    private long? _releasedAtNs; // monotonic; the last time that memory was given back

    /// <summary>Sets the bound.</summary>
    /// <param name="bytesMax">Greater than 0.</param>
    public PoolBudget(long bytesMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytesMax);
        BytesMax = bytesMax;
    }

    /// <summary>The bound.</summary>
    public long BytesMax { get; }

    /// <summary>Bytes of all segments that exist now.</summary>
    public long BytesUsed
    {
        get
        {
            lock (_lock)
                return _bytesUsed;
        }
    }

    internal void Add(SharedMemoryPublisher publisher)
    {
        lock (_lock)
            _publishers.Add(publisher);
    }

    internal void Remove(SharedMemoryPublisher publisher)
    {
        lock (_lock)
            _publishers.Remove(publisher);
    }

    internal bool TryReserve(long bytes)
    {
        lock (_lock)
        {
            if (bytes > BytesMax - _bytesUsed)
                return false;
            _bytesUsed += bytes;
            return true;
        }
    }

    internal void Release(long bytes)
    {
        lock (_lock)
        {
            _bytesUsed -= bytes;
            _releasedAtNs = Clocks.MonotonicNs;
        }
    }

    /// <summary>Gives back what was reserved but never became memory.</summary>
    internal void Cancel(long bytes)
    {
        lock (_lock)
            _bytesUsed -= bytes;
    }

    /// <summary>The most that could yet come back to the system from this node; null: memory is on its way, since readers unmap it in their own time.</summary>
    /// <param name="patienceNs">How long memory may be on its way.</param>
    internal long? BytesToComeBack(long patienceNs)
    {
        lock (_lock)
            return _releasedAtNs is { } atNs && Clocks.MonotonicNs - atNs < patienceNs ? null : _bytesUsed;
    }

    /// <summary>Lets every publisher give back the segments that it does not use at this moment.</summary>
    internal void RetireIdle()
    {
        foreach (var publisher in Publishers())
            publisher.RetireIdle(onlyUnusedSinceLastCall: false);
    }

    /// <summary>Lets every publisher report faults that were found meanwhile. Without any lock.</summary>
    internal void ReportFaults()
    {
        foreach (var publisher in Publishers())
            publisher.ReportFaults();
    }

    private SharedMemoryPublisher[] Publishers()
    {
        lock (_lock)
            return [.. _publishers];
    }
}
