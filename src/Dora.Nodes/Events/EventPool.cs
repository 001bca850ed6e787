// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes.Events;

/// <summary>Idle input events of one node. Steady receiving allocates nothing.</summary>
/// <remarks>
/// First in, first out, and never fewer than <see cref="IdleMin"/> at rest: a program that uses an event after giving it back then
/// gets an exception for the next few messages, instead of another message's bytes.
/// </remarks>
internal sealed class EventPool
{
    /// <summary>Other events that are handed out before one is used again.</summary>
    public const int IdleMin = 8;

    private readonly Lock _lock = new(); // held for a few instructions
    private readonly Queue<InputEvent> _events = new(IdleMin * 2);
    private readonly Stack<MessageHold> _holds = new(IdleMin * 2);
    private int _forgotten; // finalizer thread, interlocked

    /// <summary>Retained events that were never disposed and had to be found by the garbage collector.</summary>
    public int Forgotten => Volatile.Read(ref _forgotten);

    public InputEvent RentEvent()
    {
        lock (_lock)
        {
            if (_events.Count > IdleMin)
                return _events.Dequeue();
        }

        return new InputEvent(this);
    }

    public MessageHold RentHold()
    {
        lock (_lock)
        {
            if (_holds.TryPop(out var hold))
                return hold;
        }

        return new MessageHold(this);
    }

    public void Return(InputEvent idle)
    {
        lock (_lock)
            _events.Enqueue(idle);
    }

    public void Return(MessageHold idle)
    {
        lock (_lock)
            _holds.Push(idle);
    }

    public void CountForgotten() => Interlocked.Increment(ref _forgotten);
}
