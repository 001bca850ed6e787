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

    private readonly Queue<InputEvent> _own = new(IdleMin * 2); // receiver: those that it took back itself, for it to lend again
    private readonly Lock _lock = new(); // held for a few instructions
    private readonly Queue<InputEvent> _events = new(IdleMin * 2); // those that others gave back; under the lock
    private readonly Stack<MessageHold> _holds = new(IdleMin * 2); // under the lock
    private int _out;           // events that somebody holds, but for those in _outOwn; under the lock
    private int _outOwn;        // receiver: events lent by it, less those that it took back
    private readonly Queue<JoinedEvent> _joined = new(); // idle; under the lock
    private int _collectAbove = HeldMany; // receiver: held events that make it worth looking for forgotten ones
    private int _warnAbove;     // receiver: forgotten events above which the next warning is due
    private int _forgottenBefore; // receiver: those found before the last collection
    private int _forgotten;     // finalizer thread, interlocked

    /// <summary>Retained events that were never disposed and had to be found by the garbage collector.</summary>
    public int Forgotten => Volatile.Read(ref _forgotten);

    /// <summary>An event for the receiver to lend. Without a lock while the receiver is the one who takes them back.</summary>
    public InputEvent RentByReceiver()
    {
        _outOwn++;
        if (_own.Count <= IdleMin)
        {
            lock (_lock)
            {
                while (_own.Count <= IdleMin && _events.TryDequeue(out var idle))
                    _own.Enqueue(idle);
            }
        }

        return _own.Count > IdleMin ? _own.Dequeue() : new InputEvent(this);
    }

    /// <summary>Events that wait in a join: held, but known of. Receiver.</summary>
    public int InJoin { get; set; }

    /// <summary>An event for a set. Any thread.</summary>
    public JoinedEvent RentJoined()
    {
        lock (_lock)
        {
            if (_joined.Count > IdleMin)
                return _joined.Dequeue();
        }

        return new JoinedEvent(this);
    }

    public void Return(JoinedEvent idle)
    {
        lock (_lock)
            _joined.Enqueue(idle);
    }

    /// <summary>An event that retains another. Any thread.</summary>
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

    /// <summary>The receiver takes back what it lent.</summary>
    public void ReturnByReceiver(InputEvent idle)
    {
        _outOwn--;
        _own.Enqueue(idle);
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
        var held = Volatile.Read(ref _out) + _outOwn - InJoin;
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
