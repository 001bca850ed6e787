// SPDX-License-Identifier: Apache-2.0

namespace Dora.Runtime.Scheduling;

/// <summary>What decides about the turn of one that is ready.</summary>
/// <param name="Priority">0 to 99; the highest goes first.</param>
/// <param name="DeadlineNs">Within a priority the earliest goes first; <see cref="long.MaxValue"/>: none.</param>
/// <param name="Distance">Then the one with the fewest operators behind it, so that what has been begun is finished first.</param>
internal readonly record struct Urgency(int Priority, long DeadlineNs = long.MaxValue, int Distance = 0);

/// <summary>Who is ready, in the order: priority, earliest deadline, nearness to the sink, first come first served.</summary>
/// <remarks>
/// <para>Who waits rises by one priority each <see cref="AgeingNs"/>, without end: so nobody waits for ever, however busy those above are.</para>
/// <para>Pure: the caller says what time it is. Operations take O(log n) and allocate only to grow. Not thread-safe.</para>
/// </remarks>
internal sealed class AgeingReadyQueue<T>
    where T : class
{
    /// <summary>Waiting time that is worth one priority.</summary>
    public const long AgeingNs = 100_000_000;

    private readonly IndexedHeap<Entry, ByUrgency> _ready = new();
    private readonly IndexedHeap<Entry, ByAgeing> _ageing = new(); // the same entries, by when they rise next
    private readonly Stack<Entry> _idle = new();
    private ulong _ticket;

    public int Count => _ready.Count;

    /// <param name="item">Not in the queue yet.</param>
    /// <param name="urgency">What decides about its turn, for as long as it waits.</param>
    /// <param name="nowNs">Of a monotonic clock; never less than before.</param>
    public void Enqueue(T item, in Urgency urgency, long nowNs)
    {
        if (!_idle.TryPop(out var entry))
        {
            entry = new Entry();
        }

        entry.Item = item;
        entry.Urgency = urgency;
        entry.Level = urgency.Priority;
        entry.Ticket = _ticket++;
        entry.SinceNs = nowNs;
        entry.RisesAtNs = nowNs + AgeingNs;
        _ready.Add(entry);
        _ageing.Add(entry);
    }

    /// <summary>Takes the one whose turn it is out.</summary>
    public bool TryDequeue(long nowNs, out T item)
    {
        if (_ready.Count == 0)
        {
            item = null!;
            return false;
        }

        while (_ageing.First is var oldest && oldest.RisesAtNs <= nowNs)
        {
            var waits = (nowNs - oldest.SinceNs) / AgeingNs;
            oldest.Level = oldest.Urgency.Priority + (int)Math.Min(waits, int.MaxValue / 2);
            oldest.RisesAtNs = oldest.SinceNs + ((waits + 1) * AgeingNs);
            _ageing.Moved(oldest);
            _ready.Moved(oldest);
        }

        var first = _ready.First;
        item = first.Item;
        _ready.Remove(first);
        _ageing.Remove(first);
        first.Item = null!;
        _idle.Push(first);
        return true;
    }

    private sealed class Entry
    {
        public T Item = null!;
        public Urgency Urgency;
        public int Level; // its priority, and what it rose by waiting
        public ulong Ticket;
        public long SinceNs;
        public long RisesAtNs;
        public int ReadyPlace;
        public int AgeingPlace;
    }

    private readonly struct ByUrgency : IHeapOrder<Entry>
    {
        public static bool IsBefore(Entry a, Entry b)
        {
            if (a.Level != b.Level)
            {
                return a.Level > b.Level;
            }

            if (a.Urgency.DeadlineNs != b.Urgency.DeadlineNs)
            {
                return a.Urgency.DeadlineNs < b.Urgency.DeadlineNs;
            }

            return a.Urgency.Distance != b.Urgency.Distance ? a.Urgency.Distance < b.Urgency.Distance : a.Ticket < b.Ticket;
        }

        public static ref int Place(Entry entry) => ref entry.ReadyPlace;
    }

    private readonly struct ByAgeing : IHeapOrder<Entry>
    {
        public static bool IsBefore(Entry a, Entry b) => a.RisesAtNs != b.RisesAtNs ? a.RisesAtNs < b.RisesAtNs : a.Ticket < b.Ticket;

        public static ref int Place(Entry entry) => ref entry.AgeingPlace;
    }
}
