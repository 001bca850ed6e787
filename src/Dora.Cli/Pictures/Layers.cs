// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Pictures;

/// <summary>A directed graph cut into layers from left to right, as Sugiyama's method does it.</summary>
/// <remarks>Vertices below <c>count</c> are the caller's; those above stand for links that pass a layer.</remarks>
internal sealed class Layers
{
    private const int Sweeps = 8;
    private readonly List<int> _rank;
    private readonly List<List<int>> _before;
    private readonly List<List<int>> _after;

    /// <param name="count">Number of vertices.</param>
    /// <param name="links">From and to, indices of vertices; loops and several links of one pair are allowed.</param>
    public Layers(int count, IReadOnlyList<(int From, int To)> links)
    {
        IsBackward = FindBackward(count, links);
        _rank = [.. Rank(count, links, IsBackward)];
        _before = [.. Enumerable.Range(0, count).Select(_ => new List<int>())];
        _after = [.. Enumerable.Range(0, count).Select(_ => new List<int>())];
        Chains = [.. links.Select((link, i) => IsBackward[i] ? [] : Chain(link.From, link.To))];
        Columns = Order();
    }

    /// <summary>By link: whether it closes a cycle, and so goes against the reading direction.</summary>
    public bool[] IsBackward { get; }

    /// <summary>By link: all vertices that it goes through, ends included; empty for backward links.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Chains { get; }

    /// <summary>Vertices of each layer, top to bottom.</summary>
    public IReadOnlyList<List<int>> Columns { get; }

    public int RankOf(int vertex) => _rank[vertex];

    public IReadOnlyList<int> Before(int vertex) => _before[vertex];

    public IReadOnlyList<int> After(int vertex) => _after[vertex];

    /// <summary>Links that lead back to a vertex whose links are still being followed.</summary>
    private static bool[] FindBackward(int count, IReadOnlyList<(int From, int To)> links)
    {
        var outgoing = Enumerable.Range(0, links.Count).ToLookup(i => links[i].From);
        var backward = new bool[links.Count];
        var state = new byte[count]; // 0 new, 1 on the path, 2 done

        // With a stack of our own: a chain of 100,000 nodes must not overflow the thread's.
        Stack<(int Vertex, IEnumerator<int> Links)> path = new();
        for (var start = 0; start < count; start++)
        {
            if (state[start] == 0)
                Enter(start);
            while (path.TryPeek(out var top))
            {
                if (!top.Links.MoveNext())
                {
                    state[path.Pop().Vertex] = 2;
                    continue;
                }

                var link = top.Links.Current;
                if (state[links[link].To] == 1)
                    backward[link] = true;
                else if (state[links[link].To] == 0)
                    Enter(links[link].To);
            }
        }

        return backward;

        void Enter(int vertex)
        {
            state[vertex] = 1;
            path.Push((vertex, outgoing[vertex].GetEnumerator()));
        }
    }

    /// <summary>The longest way from a source; sources then move right, next to their first reader.</summary>
    private static int[] Rank(int count, IReadOnlyList<(int From, int To)> links, bool[] backward)
    {
        var forward = links.Where((_, i) => !backward[i]).ToList();
        var outgoing = forward.ToLookup(l => l.From, l => l.To);
        var waiting = new int[count];
        foreach (var (_, to) in forward)
            waiting[to]++;
        var isSource = waiting.Select(w => w == 0).ToArray();

        var rank = new int[count];
        Queue<int> ready = new(Enumerable.Range(0, count).Where(v => isSource[v]));
        while (ready.TryDequeue(out var vertex))
        {
            foreach (var to in outgoing[vertex])
            {
                rank[to] = Math.Max(rank[to], rank[vertex] + 1);
                if (--waiting[to] == 0)
                    ready.Enqueue(to);
            }
        }

        for (var v = 0; v < count; v++)
        {
            if (isSource[v] && outgoing[v].Any())
                rank[v] = outgoing[v].Min(to => rank[to]) - 1;
        }

        return rank;
    }

    private List<int> Chain(int from, int to)
    {
        List<int> chain = [from];
        for (var rank = _rank[from] + 1; rank < _rank[to]; rank++)
        {
            chain.Add(_rank.Count);
            _rank.Add(rank);
            _before.Add([]);
            _after.Add([]);
        }

        chain.Add(to);
        for (var i = 1; i < chain.Count; i++)
        {
            _after[chain[i - 1]].Add(chain[i]);
            _before[chain[i]].Add(chain[i - 1]);
        }

        return chain;
    }

    /// <summary>Sorts each layer by the mean position of its neighbours, back and forth: few crossings, cheaply.</summary>
    private List<List<int>> Order()
    {
        List<List<int>> columns = [.. Enumerable.Range(0, _rank.Count == 0 ? 0 : _rank.Max() + 1).Select(_ => new List<int>())];
        for (var v = 0; v < _rank.Count; v++)
            columns[_rank[v]].Add(v);

        var position = new double[_rank.Count];
        foreach (var column in columns)
            Number(column);
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            var toTheRight = sweep % 2 == 0;
            for (var i = 0; i < columns.Count; i++)
            {
                var column = columns[toTheRight ? i : columns.Count - 1 - i];
                var neighbours = toTheRight ? _before : _after;
                var wished = column.ToDictionary(v => v, v => neighbours[v].Count > 0 ? neighbours[v].Average(n => position[n]) : position[v]);
                List<int> sorted = [.. column.OrderBy(v => wished[v])]; // stable
                column.Clear();
                column.AddRange(sorted);
                Number(column);
            }
        }

        return columns;

        void Number(List<int> column)
        {
            for (var i = 0; i < column.Count; i++)
                position[column[i]] = (i + 0.5) / column.Count; // layers of different heights are comparable
        }
    }
}
