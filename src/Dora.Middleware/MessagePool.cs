// SPDX-License-Identifier: Apache-2.0

namespace Dora.Middleware;

/// <summary>Storage objects of one subscription that are not in use: taken by one thread, returned by any, without a lock.</summary>
/// <remarks>
/// Returners push with compare-and-swap; the taker never pops from that list but swaps it out whole when its own is empty.
/// So nobody ever compares a head it has looked inside of, and the ABA problem does not arise.
/// </remarks>
internal sealed class MessagePool
{
    private MessageStorage? _mine; // taking thread only
    private MessageStorage? _returned; // pushed by returners, swapped out by the taker

    /// <summary>An idle object, or null: then make one. Taking thread only.</summary>
    internal MessageStorage? TryRemove()
    {
        var first = _mine ?? Interlocked.Exchange(ref _returned, null);
        if (first is null)
            return null;
        _mine = first.Next;
        first.Next = null;
        return first;
    }

    /// <summary>Puts back what <see cref="TryRemove"/> gave. Taking thread only.</summary>
    internal void Undo(MessageStorage storage)
    {
        storage.Next = _mine;
        _mine = storage;
    }

    /// <summary>Any thread.</summary>
    internal void Add(MessageStorage storage)
    {
        var head = Volatile.Read(ref _returned);
        while (true)
        {
            storage.Next = head;
            var seen = Interlocked.CompareExchange(ref _returned, storage, head);
            if (ReferenceEquals(seen, head))
                return;
            head = seen;
        }
    }
}
