// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;

namespace Dora.Nodes.Receiving;

/// <summary>One input of the node: the edges that feed it, oldest first, and whether it is late or closed.</summary>
/// <remarks>
/// <para>There is one edge, except around a restart of the publisher: then the old edge is drained before the new one is served.</para>
/// <para>Threading: the control thread adds and closes edges; the receiving thread takes, and disposes what is drained.</para>
/// </remarks>
internal sealed class InputPort(InputInfo info, Action<uint, string> peerFaulted)
{
    private readonly Lock _lock = new(); // for replacing _edges; held for a few instructions
    private volatile Subscription[] _edges = [];
    private volatile string? _closeReason; // control thread
    private bool _closeReported;           // receiving thread

    public string Id => info.Id;

    /// <summary>Whether the input is late; receiving thread.</summary>
    public InputDeadline Deadline { get; } = new(info.Timeout);

    /// <summary>Called on the control thread when an edge was added or closed: the receiver may have to look without being rung for.</summary>
    public Action? EdgesChanged { get; set; }

    /// <summary>Its edges now, oldest first. Any thread.</summary>
    public IReadOnlyList<Subscription> Edges => _edges;

    /// <summary>Whether the receiver knows that there may be something to take; receiving thread.</summary>
    public bool IsInLine { get; set; }

    /// <summary>Whether its messages stay in the queue for now, and its silence does not count; receiving thread.</summary>
    public bool IsPaused { get; set; }

    /// <summary>Its place in the node's join; -1: its messages are given out by themselves.</summary>
    public int JoinPlace { get; set; } = -1;

    /// <summary>Link of the receiver's order of service.</summary>
    public InputPort? Next { get; set; }

    /// <summary>Whether the input is closed and that has not been given out yet.</summary>
    public bool IsCloseDue => _closeReason is not null && !_closeReported;

    /// <summary>Whether it is closed, drained, and that has not been given out yet.</summary>
    public bool IsDrainedCloseDue => IsCloseDue && _edges.Length == 0;

    /// <summary>Whether it is closed and drained.</summary>
    public bool IsDrained => _closeReason is not null && _edges.Length == 0;

    /// <summary>Whether nothing can be taken any more and the event that says so has been given out.</summary>
    public bool HasEnded => _edges.Length == 0 && (_closeReason is null || _closeReported);

    /// <summary>Whether there is something to take. Cheap.</summary>
    public bool HasData
    {
        get
        {
            foreach (var edge in _edges)
            {
                if (edge.HasData)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Messages in the queues of all edges.</summary>
    public long QueuedCount
    {
        get
        {
            long count = 0;
            foreach (var edge in _edges)
                count += (long)Math.Min(edge.GetCounters().Queued, int.MaxValue);
            return count;
        }
    }

    /// <summary>A publisher, or the next incarnation of one, is connected.</summary>
    public void Add(Subscription edge)
    {
        lock (_lock)
        {
            _edges = [.. _edges, edge];
            _closeReason = null;
            _closeReported = false;
        }

        EdgesChanged?.Invoke();
    }

    /// <summary>The edge of this id, if it is one of this input's and not yet drained.</summary>
    public Subscription? Find(uint edgeId) => Array.Find(_edges, edge => edge.EdgeId == edgeId);

    /// <summary>Nothing new will arrive. What is queued is still received, then the close is reported.</summary>
    public void Close(string reason)
    {
        lock (_lock)
        {
            foreach (var edge in _edges)
                edge.Close(reason);
            _closeReason ??= reason;
        }

        EdgesChanged?.Invoke();
    }

    /// <summary>Takes the oldest message.</summary>
    public bool TryTake(out Message message)
    {
        if (IsPaused)
        {
            message = default;
            return false;
        }

        foreach (var edge in _edges)
        {
            if (edge.TryTake(out message))
                return true;
            if (edge.IsDrained)
                Forget(edge);
        }

        message = default;
        return false;
    }

    /// <summary>Forgets edges that are closed and have nothing left.</summary>
    public void ForgetDrained()
    {
        foreach (var edge in _edges)
        {
            if (edge.IsDrained)
                Forget(edge);
        }
    }

    /// <summary>True once, when the input has been closed and everything it held was received.</summary>
    public bool TryReportClose(out string reason)
    {
        reason = _closeReason ?? "";
        if (!IsCloseDue || _edges.Length > 0)
            return false;
        return _closeReported = true;
    }

    /// <summary>Forgets all edges, when the node ends.</summary>
    public void Dispose()
    {
        foreach (var edge in _edges)
            Forget(edge);
    }

    private void Forget(Subscription edge)
    {
        lock (_lock)
            _edges = [.. _edges.Where(other => other != edge)];
        if (edge.PoisonReason is { } fault)
            peerFaulted(edge.EdgeId, fault);
        edge.Dispose();
    }
}
