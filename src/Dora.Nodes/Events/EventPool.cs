// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes.Events;

/// <summary>Idle input events of one node. Steady receiving allocates nothing.</summary>
/// <remarks>
/// First in, first out, and never fewer than <see cref="IdleMin"/> at rest: a program that uses an event after giving it back then
/// gets an exception for the next few messages, instead of another message's bytes.
/// </remarks>
internal sealed class EventPool
{
    /// <summary>Held events from which on the question arises whether the program still knows of them.</summary>
    private const int HeldMany = 32;

    /// <summary>Other events that are handed out before one is used again.</summary>
    public const int IdleMin = 8;

    private readonly Lock _lock = new(); // held for a few instructions
    private readonly Queue<InputEvent> _events = new(IdleMin * 2);
    private readonly Stack<MessageHold> _holds = new(IdleMin * 2);
    private int _out;           // events that somebody holds; under the lock
    private int _collectAbove = HeldMany; // receiver: held events that make it worth looking for forgotten ones
    private int _warnAbove;     // receiver: forgotten events above which the next warning is due
    private int _forgottenBefore; // receiver: those found before the last collection
    private int _forgotten;     // finalizer thread, interlocked

    /// <summary>Retained events that were never disposed and had to be found by the garbage collector.</summary>
    public int Forgotten => Volatile.Read(ref _forgotten);

    public InputEvent RentEvent()
    {
        lock (_lock)
        {
            _out++;
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
        {
            _out--;
            _events.Enqueue(idle);
        }
    }

    public void Return(MessageHold idle)
    {
        lock (_lock)
            _holds.Push(idle);
    }

    /// <summary>Finalizer thread: an event of this pool was forgotten, and is gone.</summary>
    public void CountForgotten()
    {
        Interlocked.Increment(ref _forgotten);
        lock (_lock)
            _out--;
    }

    /// <summary>Whether a warning is due: at the first forgotten event, and each time the number has doubled. Receiver.</summary>
    public bool TryWarn(out int forgotten)
    {
        forgotten = Forgotten;
        if (forgotten <= _warnAbove)
            return false;
        _warnAbove = forgotten * 2;
        return true;
    }

    /// <summary>Runs the garbage collector when unusually many events are held. For a receiver that has nothing better to do.</summary>
    /// <returns>Whether many are held, so that it is worth asking again in a second.</returns>
    /// <remarks>
    /// A program that forgets retained events takes their memory from the publisher until nothing more arrives; then nothing more is
    /// allocated either, and the collector would never run by itself. It runs again only if it found something the last time, or when
    /// the number has doubled: a program that means to hold many pays for a handful of collections in its life.
    /// </remarks>
    public bool CollectForgottenIfMany()
    {
        int held;
        lock (_lock)
            held = _out;
        if (held < HeldMany)
        {
            _collectAbove = HeldMany;
            return false;
        }

        var forgotten = Forgotten;
        if (held >= _collectAbove || forgotten != _forgottenBefore)
        {
            _collectAbove = held * 2;
            _forgottenBefore = forgotten;
            GC.Collect();
        }

        return true;
    }
}
