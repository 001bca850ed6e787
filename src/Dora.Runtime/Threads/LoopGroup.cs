// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using Dora.Platform.Synchronization;
using Dora.Runtime.Port;

namespace Dora.Runtime.Threads;

/// <summary>What the loops of one runtime have in common: whether anything is still going on, and what the pump is to do for them.</summary>
/// <remarks>
/// Quiescence is counted: one for each loop that is not waiting, one for each event in an inbox. Only who counts can add more, so once it is
/// zero it stays zero until the pump, or a task that an operator started, brings something new. Threads: any.
/// </remarks>
internal sealed class LoopGroup(INodePort node) : IDisposable
{
    private readonly WakeEvent _quiet = new();
    private volatile bool _isFinishing; // the pump
    private readonly ConcurrentQueue<string> _resumed = new(); // loops add, the pump takes
    private int _going;
    private int _alive; // loops with operators that have not ended

    /// <summary>Whether every loop waits, and nothing is on its way between them.</summary>
    public bool IsQuiet => Volatile.Read(ref _going) == 0;

    public bool HaveAllEnded => Volatile.Read(ref _alive) == 0;

    /// <summary>Loops that are going to run; before any does.</summary>
    public void Begin(int loops) => (_going, _alive) = (loops, loops);

    /// <summary>One thing more goes on.</summary>
    public void NoteBegun() => Interlocked.Increment(ref _going);

    /// <summary>One thing less.</summary>
    public void NoteEnded()
    {
        if (Interlocked.Decrement(ref _going) == 0 && _isFinishing)
        {
            _quiet.Set();
            node.Wake();
        }
    }

    /// <summary>From now on the pump is woken when everything is quiet.</summary>
    public void BeginFinish()
    {
        _isFinishing = true;
        Interlocked.MemoryBarrier(); // the pump says that it wants to know, then looks; a loop counts, then looks whether it does
    }

    /// <summary>For a pump that receives nothing any more: until nothing goes on, or nobody is left whom it could go on in.</summary>
    public void WaitUntilQuiet()
    {
        while (!IsQuiet && !HaveAllEnded)
        {
            _quiet.Wait(Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _quiet.Dispose();

    /// <summary>All operators of a loop have ended.</summary>
    public void NoteLoopEnded()
    {
        if (Interlocked.Decrement(ref _alive) == 0)
        {
            _quiet.Set();
            node.Wake();
        }
    }

    /// <summary>An input's message was taken: the pump may bring the next one.</summary>
    public void Resume(string inputId)
    {
        _resumed.Enqueue(inputId);
        node.Wake();
    }

    /// <summary>For the pump: an input that may go on.</summary>
    public bool TryTakeResumed(out string inputId) => _resumed.TryDequeue(out inputId!);
}
