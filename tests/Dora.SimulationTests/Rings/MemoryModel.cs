// SPDX-License-Identifier: Apache-2.0

namespace Dora.SimulationTests.Rings;

/// <summary>How much a processor may reorder.</summary>
internal enum MemoryOrder
{
    /// <summary>Not at all: every load sees the last store.</summary>
    Sequential,

    /// <summary>At least as x64: stores become visible late, but in order; every load acquires and every store releases.</summary>
    StoresLate,

    /// <summary>At least as arm64: plain accesses have no order; acquire, release and fences have what they promise.</summary>
    Weak,
}

/// <summary>A store: its value, and what a thread that acquires it knows from then on.</summary>
internal sealed class Message
{
    internal ulong Value { get; init; }

    internal StoredCell? Cell { get; init; }

    internal int[] View { get; init; } = [];

    /// <summary>The explorer's: what happened before the store.</summary>
    internal int[] Clock { get; } = new int[4];
}

/// <summary>
/// Shared memory in which a load may see any store that is not yet overtaken by what its thread knows ("view"): for each place the
/// stores in their order, for each thread the oldest of them that it may still see. An acquiring load takes over the view that came with a releasing
/// store; a full fence exchanges views with all earlier fences.
/// </summary>
/// <remarks>Stores take their place in the order when they are executed, and a load never sees a store of the future: what that leaves out is
/// argued in docs/internals/memory-order.md.</remarks>
internal sealed class MemoryModel(MemoryOrder order, int threads)
{
    private const int PlacesMax = 40;
    private static readonly Message Zero = new() { View = new int[PlacesMax] };

    private readonly List<Message>[] _stores = [.. Enumerable.Range(0, PlacesMax).Select(_ => new List<Message>())];
    private readonly int[][] _views = Views(threads);    // what each thread may see at least
    private readonly int[][] _pending = Views(threads);  // what plain loads have seen, effective from the next fence on
    private readonly int[][] _released = Views(threads); // what a plain store carries: the view at the last fence
    private readonly int[] _fences = new int[PlacesMax];

    internal bool IsSequential => order == MemoryOrder.Sequential;

    internal void Reset()
    {
        foreach (var stores in _stores)
        {
            stores.Clear();
            stores.Add(Zero);
        }

        Array.Clear(_fences);
        for (var i = 0; i < _views.Length; i++)
        {
            Array.Clear(_views[i]);
            Array.Clear(_pending[i]);
            Array.Clear(_released[i]);
        }
    }

    /// <summary>Everybody knows what the set-up has done.</summary>
    internal void Publish(int setupThread)
    {
        for (var i = 0; i < _views.Length; i++)
        {
            Join(_views[i], _views[setupThread]);
            Join(_released[i], _views[setupThread]);
        }
    }

    internal Message LastStoreOf(int place) => _stores[place][^1];

    /// <summary>How many outcomes an access has now.</summary>
    internal int OutcomesOf(int thread, in Access access)
    {
        if (order == MemoryOrder.Sequential)
            return 1;
        switch (access.Kind)
        {
            case AccessKind.Read:
                return _stores[access.Place].Count - _views[thread][access.Place];
            case AccessKind.Exchange:
                var outcomes = 1;
                var first = order == MemoryOrder.Weak ? _views[thread][access.Place] : FirstVisibleAfterFence(thread, access.Place);
                for (var i = first; i < _stores[access.Place].Count - 1; i++)
                    outcomes += _stores[access.Place][i].Value != access.Expected ? 1 : 0;
                return outcomes;
            case AccessKind.Sleep:
                return _stores[access.Place].Count - FirstVisibleAfterFence(thread, access.Place);
            default:
                return 1;
        }
    }

    /// <summary>Does an access. Outcome 0 sees the newest store.</summary>
    internal Message Do(int thread, in Access access, int outcome)
    {
        switch (access.Kind)
        {
            case AccessKind.Read:
                return See(thread, access.Place, _stores[access.Place].Count - 1 - outcome, access.IsOrdered);
            case AccessKind.Write:
                Store(thread, access.Place, access.Value, access.IsOrdered, access.Cell);
                return Zero;
            case AccessKind.Exchange:
                return Exchange(thread, access, outcome);
            case AccessKind.Increment or AccessKind.Or or AccessKind.Clear:
                Fence(thread);
                var before = See(thread, access.Place, _stores[access.Place].Count - 1, isOrdered: true);
                Store(thread, access.Place, Changed(before.Value, access), isOrdered: true, cell: null);
                Fence(thread);
                return before;
            case AccessKind.Sleep:
                Fence(thread);
                return See(thread, access.Place, _stores[access.Place].Count - 1 - outcome, isOrdered: true);
            case AccessKind.Fence or AccessKind.Wake:
                Fence(thread);
                return Zero;
            default:
                // A lock: as good as the exchange and the store that it is made of.
                See(thread, access.Place, _stores[access.Place].Count - 1, isOrdered: true);
                Store(thread, access.Place, 0, isOrdered: true, cell: null);
                return Zero;
        }
    }

    private static ulong Changed(ulong before, in Access access) => access.Kind switch
    {
        AccessKind.Increment => before + 1,
        AccessKind.Or => before | access.Value,
        _ => before & ~access.Value,
    };

    private Message Exchange(int thread, in Access access, int outcome)
    {
        var stores = _stores[access.Place];
        var last = stores.Count - 1;
        if (outcome == 0 && stores[last].Value == access.Expected)
        {
            Fence(thread);
            var seen = See(thread, access.Place, last, isOrdered: true);
            Store(thread, access.Place, access.Value, isOrdered: true, cell: null);
            Fence(thread);
            return seen;
        }

        // It fails. On arm64 that is a load, and no fence.
        if (order != MemoryOrder.Weak)
            Fence(thread);
        var index = last;
        for (; outcome > 0; outcome--)
        {
            do
                index--;
            while (stores[index].Value == access.Expected);
        }

        return See(thread, access.Place, index, isOrdered: true);
    }

    private int FirstVisibleAfterFence(int thread, int place) => Math.Max(_views[thread][place], Math.Max(_pending[thread][place], _fences[place]));

    private Message See(int thread, int place, int index, bool isOrdered)
    {
        var message = _stores[place][index];
        _views[thread][place] = index;
        Join(isOrdered || order != MemoryOrder.Weak ? _views[thread] : _pending[thread], message.View);
        return message;
    }

    private void Store(int thread, int place, ulong value, bool isOrdered, StoredCell? cell)
    {
        var view = _views[thread];
        view[place] = _stores[place].Count;
        var carried = (int[])(isOrdered || order != MemoryOrder.Weak ? view : _released[thread]).Clone();
        carried[place] = view[place];
        _stores[place].Add(new Message { Value = value, Cell = cell, View = carried });
    }

    private void Fence(int thread)
    {
        Join(_views[thread], _pending[thread]);
        Join(_views[thread], _fences);
        Join(_fences, _views[thread]);
        Join(_released[thread], _views[thread]);
    }

    private static void Join(int[] into, int[] from)
    {
        for (var i = 0; i < into.Length; i++)
            into[i] = Math.Max(into[i], from[i]);
    }

    private static int[][] Views(int threads) => [.. Enumerable.Range(0, threads).Select(_ => new int[PlacesMax])];
}
