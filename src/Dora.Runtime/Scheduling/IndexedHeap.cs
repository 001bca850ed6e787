// SPDX-License-Identifier: Apache-2.0

namespace Dora.Runtime.Scheduling;

/// <summary>An order of entries that each know their place in a heap.</summary>
/// <typeparam name="TEntry">A reference type.</typeparam>
internal interface IHeapOrder<TEntry>
{
    /// <summary>Whether <paramref name="a"/> comes out before <paramref name="b"/>. Strict and total.</summary>
    static abstract bool IsBefore(TEntry a, TEntry b);

    /// <summary>Where the entry keeps its place.</summary>
    static abstract ref int Place(TEntry entry);
}

/// <summary>A binary heap whose entries can be moved and taken out from anywhere, because they know their place.</summary>
/// <remarks>Not thread-safe. Allocates only to grow.</remarks>
internal sealed class IndexedHeap<TEntry, TOrder>
    where TEntry : class
    where TOrder : struct, IHeapOrder<TEntry>
{
    private TEntry[] _entries = new TEntry[16];

    public int Count { get; private set; }

    /// <summary>The one that comes out first; only when there is one.</summary>
    public TEntry First => _entries[0];

    public void Add(TEntry entry)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }

        Put(entry, Count++);
        Up(entry);
    }

    public void Remove(TEntry entry)
    {
        var last = _entries[--Count];
        _entries[Count] = null!;
        if (ReferenceEquals(last, entry))
        {
            return;
        }

        Put(last, TOrder.Place(entry));
        Up(last);
        Down(last);
    }

    /// <summary>Restores the order after one entry has changed.</summary>
    public void Moved(TEntry entry)
    {
        Up(entry);
        Down(entry);
    }

    private void Up(TEntry entry)
    {
        var place = TOrder.Place(entry);
        while (place > 0 && _entries[(place - 1) / 2] is var parent && TOrder.IsBefore(entry, parent))
        {
            Put(parent, place);
            place = (place - 1) / 2;
        }

        Put(entry, place);
    }

    private void Down(TEntry entry)
    {
        var place = TOrder.Place(entry);
        while ((place * 2) + 1 < Count)
        {
            var child = (place * 2) + 1;
            if (child + 1 < Count && TOrder.IsBefore(_entries[child + 1], _entries[child]))
            {
                child++;
            }

            if (!TOrder.IsBefore(_entries[child], entry))
            {
                break;
            }

            Put(_entries[child], place);
            place = child;
        }

        Put(entry, place);
    }

    private void Put(TEntry entry, int place)
    {
        _entries[place] = entry;
        TOrder.Place(entry) = place;
    }
}
