// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;

namespace Dora.Nodes.Joining;

/// <summary>A message that waits in a join.</summary>
/// <param name="Item">It.</param>
/// <param name="Stamp">Its stamp.</param>
/// <param name="Key">What orders it among the messages of its input: the stamp, or its number in mode <see cref="JoinMode.Zip"/>.</param>
/// <param name="ArrivedNs">When it came, monotonic.</param>
internal readonly record struct JoinEntry<T>(T Item, long Stamp, long Key, long ArrivedNs);

/// <summary>Messages of one input that wait, oldest first. Grows to its input's capacity and stays there: steady use allocates nothing.</summary>
internal sealed class JoinQueue<T>
{
    private JoinEntry<T>[] _ring = new JoinEntry<T>[4]; // a power of two
    private int _head;

    /// <summary>Messages.</summary>
    public int Count { get; private set; }

    /// <summary>One of them, 0 the oldest.</summary>
    public ref readonly JoinEntry<T> this[int index] => ref _ring[(_head + index) & (_ring.Length - 1)];

    /// <summary>Puts one at the end.</summary>
    public void Add(in JoinEntry<T> entry)
    {
        if (Count == _ring.Length)
            Grow();
        _ring[(_head + Count++) & (_ring.Length - 1)] = entry;
    }

    /// <summary>Takes the oldest.</summary>
    public JoinEntry<T> Take()
    {
        ref var first = ref _ring[_head];
        var entry = first;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            first = default;
        _head = (_head + 1) & (_ring.Length - 1);
        Count--;
        return entry;
    }

    private void Grow()
    {
        var larger = new JoinEntry<T>[_ring.Length * 2];
        for (var i = 0; i < Count; i++)
            larger[i] = this[i];
        (_ring, _head) = (larger, 0);
    }
}
