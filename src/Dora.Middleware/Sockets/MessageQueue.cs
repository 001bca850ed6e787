// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;

namespace Dora.Middleware;

/// <summary>A queue of messages from which the oldest ordinary one can be removed past correlated ones. Allocates only to grow.</summary>
/// <typeparam name="T">What stands for a message.</typeparam>
internal sealed class MessageQueue<T>
    where T : class
{
    private (T? Item, bool IsCorrelated)[] _items = new (T?, bool)[16];
    private int _head;
    private int _count;

    internal int Count => _count;

    internal int OrdinaryCount { get; private set; }

    internal void Add(T item, bool isCorrelated)
    {
        if (_count == _items.Length)
            Grow();
        At(_count++) = (item, isCorrelated);
        if (!isCorrelated)
            OrdinaryCount++;
    }

    /// <summary>Removes the oldest message.</summary>
    internal bool TryRemove([NotNullWhen(true)] out T? item)
    {
        item = null;
        if (_count == 0)
            return false;
        ref var first = ref At(0);
        item = first.Item!;
        if (!first.IsCorrelated)
            OrdinaryCount--;
        first = default;
        _head = (_head + 1) % _items.Length;
        _count--;
        return true;
    }

    /// <summary>Removes the oldest message that is not correlated. The correlated ones before it move up by one.</summary>
    internal bool TryRemoveOrdinary([NotNullWhen(true)] out T? item)
    {
        item = null;
        if (OrdinaryCount == 0)
            return false;
        var place = 0;
        while (At(place).IsCorrelated)
            place++;
        item = At(place).Item!;
        for (; place > 0; place--)
            At(place) = At(place - 1);
        At(0) = default;
        _head = (_head + 1) % _items.Length;
        _count--;
        OrdinaryCount--;
        return true;
    }

    private ref (T? Item, bool IsCorrelated) At(int place) => ref _items[(_head + place) % _items.Length];

    private void Grow()
    {
        var larger = new (T?, bool)[_items.Length * 2];
        for (var i = 0; i < _count; i++)
            larger[i] = At(i);
        _items = larger;
        _head = 0;
    }
}
