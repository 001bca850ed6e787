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
    private readonly bool[] _wasThere;

    public JoinSet(int inputs)
    {
        _items = new T[inputs][];
        Array.Fill(_items, []);
        _counts = new int[inputs];
        _dropped = new ulong[inputs];
        _wasThere = new bool[inputs];
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

    /// <summary>Whether an input had a message for the set; also when it has none because it was <see cref="JoinOutcome.TimedOut"/>.</summary>
    public bool WasThere(int input) => _counts[input] > 0 || _wasThere[input];

    /// <summary>Notes that an input had a message, which is dropped.</summary>
    public void NoteThere(int input) => _wasThere[input] = true;

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        for (var i = 0; i < _items.Length; i++)
            Array.Clear(_items[i], 0, _counts[i]);
        Array.Clear(_counts);
        Array.Clear(_wasThere);
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

    /// <summary>Becomes a copy of another set of the same inputs.</summary>
    /// <param name="other">It.</param>
    /// <param name="copy">Makes each message.</param>
    public void CopyFrom(JoinSet<T> other, Func<T, T> copy)
    {
        Clear();
        for (var i = 0; i < _items.Length; i++)
        {
            foreach (var item in other[i])
                Add(i, copy(item));
        }

        (Outcome, StampMin, StampMax) = (other.Outcome, other.StampMin, other.StampMax);
        other._dropped.CopyTo(_dropped, 0);
        other._wasThere.CopyTo(_wasThere, 0);
    }

    /// <summary>Says what was dropped, and forgets it in <paramref name="since"/>.</summary>
    public void TakeDropped(ulong[] since)
    {
        since.CopyTo(_dropped, 0);
        Array.Clear(since);
    }
}
