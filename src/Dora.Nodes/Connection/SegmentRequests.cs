// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol.Messages;
using Microsoft.Win32.SafeHandles;

namespace Dora.Nodes.Connection;

/// <summary>Questions for memory that this node has asked the daemon, and their answers.</summary>
/// <remarks>
/// A sender that needs memory asks and sleeps; the control thread hands the answers in. Both steps of one request are bounded by
/// <see cref="AnswerMax"/>, and end at once when the daemon is gone.
/// </remarks>
internal sealed class SegmentRequests(DaemonLink link)
{
    /// <summary>How long the daemon may take to reserve memory: 1 GiB takes it about half a second, a loaded machine much longer.</summary>
    public static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(30);

    private readonly object _lock = new();
    private readonly Dictionary<uint, Answer?> _answers = []; // by request id; null: not answered yet
    private readonly HashSet<uint> _shared = [];              // segments that readers have, until somebody asked
    private uint _lastRequest;
    private bool _isOver;

    /// <summary>Asks for a segment and waits for it.</summary>
    /// <returns>Its id and its memory, which the caller owns; null when the daemon refuses or is gone.</returns>
    public (uint SegmentId, SafeFileHandle Memory)? Request(string outputId, long slotBytes, int slotCount)
    {
        uint id;
        lock (_lock)
        {
            id = ++_lastRequest;
            _answers[id] = null;
        }

        link.TrySend(new NodeToDaemon
        {
            RequestSegment = new RequestSegment
            {
                RequestId = id,
                OutputId = outputId,
                SlotBytes = (ulong)slotBytes,
                SlotCount = (uint)slotCount,
            },
        });
        lock (_lock)
        {
            WaitUntil(() => _answers[id] is not null);
            _answers.Remove(id, out var answer);
            return answer is { Memory: { } memory } ? (answer.SegmentId, memory) : null;
        }
    }

    /// <summary>Says that the segment is mapped, and waits until its readers have it. False: the daemon is gone.</summary>
    public bool ShareAndWait(uint segmentId)
    {
        link.TrySend(new NodeToDaemon { SegmentMapped = new SegmentMapped { SegmentId = segmentId } });
        lock (_lock)
        {
            WaitUntil(() => _shared.Contains(segmentId));
            return _shared.Remove(segmentId);
        }
    }

    /// <summary>Says that the segment is no longer used.</summary>
    public void Retire(uint segmentId) =>
        link.TrySend(new NodeToDaemon { RetireSegment = new RetireSegment { SegmentId = segmentId } });

    /// <summary>Control thread: the daemon granted a request.</summary>
    public void Granted(uint requestId, uint segmentId, SafeFileHandle memory) => Answered(requestId, new Answer(segmentId, memory));

    /// <summary>Control thread: the daemon refused a request.</summary>
    public void Refused(uint requestId) => Answered(requestId, new Answer(0, null));

    /// <summary>Control thread: every reader has the segment.</summary>
    public void Shared(uint segmentId)
    {
        lock (_lock)
        {
            _shared.Add(segmentId);
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>The daemon is gone: nothing will be answered any more.</summary>
    public void End()
    {
        lock (_lock)
        {
            _isOver = true;
            Monitor.PulseAll(_lock);
        }
    }

    private void Answered(uint requestId, Answer answer)
    {
        lock (_lock)
        {
            if (_answers.TryGetValue(requestId, out var earlier) && earlier is null)
            {
                _answers[requestId] = answer;
                Monitor.PulseAll(_lock);
                return;
            }
        }

        answer.Memory?.Dispose(); // nobody waits for it any more
    }

    private void WaitUntil(Func<bool> condition)
    {
        var deadline = Environment.TickCount64 + (long)AnswerMax.TotalMilliseconds;
        while (!condition() && !_isOver && deadline - Environment.TickCount64 is > 0 and var left)
            Monitor.Wait(_lock, (int)left);
    }

    private sealed record Answer(uint SegmentId, SafeFileHandle? Memory);
}
