// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;

namespace Dora.Nodes.Events;

/// <summary>A received message, shared by the event that brought it and those that retain it; the last one gives it back.</summary>
internal sealed class MessageHold(EventPool pool)
{
    private Message _message; // written while the count is 0, by the one who takes or gives back
    private int _count;       // any thread, interlocked

    /// <summary>The message. Only for those who count.</summary>
    public Message Message => _message;

    /// <summary>Begins with one holder.</summary>
    public void Start(in Message message)
    {
        _message = message;
        Volatile.Write(ref _count, 1);
    }

    /// <summary>Nobody holds it after all.</summary>
    public void Abandon()
    {
        _message = default;
        pool.Return(this);
    }

    /// <summary>One more holder; the caller is one already.</summary>
    public void Add() => Interlocked.Increment(ref _count);

    /// <summary>One holder less.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _count) > 0)
            return;

        var message = _message;
        _message = default;
        message.Dispose();
        pool.Return(this);
    }
}
