// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes.Joining;

/// <summary>What a set is.</summary>
internal enum JoinOutcome
{
    /// <summary>As the mode wants it.</summary>
    Complete,

    /// <summary>Members are missing.</summary>
    Partial,

    /// <summary>Not complete in time, and dropped: there are no messages.</summary>
    TimedOut,
}

/// <summary>Messages that belong together, per input. Used again and again: steady use allocates nothing.</summary>
/// <remarks>Ownership: whoever has the set owns its messages.</remarks>
internal sealed class JoinSet<T>
{
    private readonly T[][] _items;
    private readonly int[] _counts;
    private readonly ulong[] _dropped;

    public JoinSet(int inputs)
    {
        _items = new T[inputs][];
        Array.Fill(_items, []);
        _counts = new int[inputs];
        _dropped = new ulong[inputs];
    }

    /// <summary>What it is.</summary>
    public JoinOutcome Outcome { get; set; }

    /// <summary>Messages, collected ones included.</summary>
    public int Total { get; private set; }

    /// <summary>Smallest stamp of the members.</summary>
    public long StampMin { get; private set; }

    /// <summary>Largest stamp of the members.</summary>
    public long StampMax { get; private set; }

    /// <summary>Distance between the two; 0 when there are no members.</summary>
    public long Spread => StampMax >= StampMin ? (long)Math.Min((ulong)(StampMax - StampMin), long.MaxValue) : 0;

    /// <summary>Messages of one input, oldest first.</summary>
    public ReadOnlySpan<T> this[int input] => _items[input].AsSpan(0, _counts[input]);

    /// <summary>Messages of each input that have been dropped since the set before.</summary>
    public ReadOnlySpan<ulong> Dropped => _dropped;

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        for (var i = 0; i < _items.Length; i++)
            Array.Clear(_items[i], 0, _counts[i]);
        Array.Clear(_counts);
        (Outcome, Total, StampMin, StampMax) = (JoinOutcome.Complete, 0, long.MaxValue, long.MinValue);
    }

    /// <summary>Adds a message of a member.</summary>
    public void AddMember(int input, T item, long stamp)
    {
        StampMin = Math.Min(StampMin, stamp);
        StampMax = Math.Max(StampMax, stamp);
        Add(input, item);
    }

    /// <summary>Adds a message that does not count for the stamps.</summary>
    public void Add(int input, T item)
    {
        if (_counts[input] == _items[input].Length)
            Array.Resize(ref _items[input], Math.Max(1, _items[input].Length * 2));
        _items[input][_counts[input]++] = item;
        Total++;
    }

    /// <summary>Says what was dropped, and forgets it in <paramref name="since"/>.</summary>
    public void TakeDropped(ulong[] since)
    {
        since.CopyTo(_dropped, 0);
        Array.Clear(since);
    }
}
