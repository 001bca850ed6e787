// SPDX-License-Identifier: Apache-2.0

using System.Numerics;
using Dora.Middleware;

namespace Dora.Nodes.Receiving;

/// <summary>Round robin among the inputs that may have something, found by the notes that publishers leave at the doorbell.</summary>
/// <remarks>
/// <para>For nodes with many inputs: a look costs one line of 64 bytes (the notes) and the inputs in line, not two lines for each of 200 edges.</para>
/// <para>An input in line keeps its note, so a busy publisher finds it there and writes nothing. An input that is found empty leaves the line: its
/// note is cleared, and then it is looked at once more. Inputs that share a note come and leave together.</para>
/// <para>Trust: notes are written by peers. A wrong one costs a look; a missing one is made good by looking everywhere after each wait that timed
/// out (a second at most) and every <see cref="LookEverywhereEvery"/> messages.</para>
/// <para>Threading: the receiving thread, but for <see cref="EdgesChanged"/>.</para>
/// </remarks>
internal sealed class NotedOrder : IServiceOrder
{
    /// <summary>With no more inputs than this, looking at all of them is as cheap.</summary>
    public const int ScanMax = 8;

    private const int LookEverywhereEvery = 1024;

    private readonly InputPort[] _ports;
    private readonly Doorbell _doorbell;
    private readonly Queue<InputPort> _line; // who may have something, the one that has waited longest first
    private readonly List<InputPort>[] _byNote; // whom a note is about
    private readonly ulong[] _known; // notes that are about somebody
    private readonly ulong[] _inLine; // notes whose inputs are in line
    private volatile bool _mustLookEverywhere = true; // set by any thread
    private int _timeOutsSeen;
    private int _untilLook = LookEverywhereEvery;

    public NotedOrder(InputPort[] ports, Doorbell doorbell)
    {
        _ports = ports;
        _doorbell = doorbell;
        _line = new Queue<InputPort>(ports.Length);
        _byNote = [.. Enumerable.Range(0, doorbell.NoteWords * 64).Select(_ => new List<InputPort>())];
        _known = new ulong[doorbell.NoteWords];
        _inLine = new ulong[doorbell.NoteWords];
        foreach (var port in ports)
            port.EdgesChanged = EdgesChanged;
    }

    /// <inheritdoc/>
    public InputPort? TryTake(out Message message)
    {
        if (_mustLookEverywhere || _timeOutsSeen != _doorbell.TimeOuts || --_untilLook <= 0)
            LookEverywhere();
        ReadNotes();
        for (var left = _line.Count; left > 0; left--)
        {
            var port = _line.Dequeue();
            var isServed = port.TryTake(out message);
            if (isServed || port.IsPaused || !TryLeave(port))
                _line.Enqueue(port);
            if (isServed)
                return port;
        }

        message = default;
        return null;
    }

    /// <summary>Any thread: edges have come or gone.</summary>
    private void EdgesChanged() => _mustLookEverywhere = true;

    private void ReadNotes()
    {
        for (var word = 0; word < _known.Length; word++)
        {
            var news = _doorbell.ReadNotes(word) & _known[word] & ~_inLine[word];
            _inLine[word] |= news;
            for (; news != 0; news &= news - 1)
                GetInLine(_byNote[(word * 64) + BitOperations.TrailingZeroCount(news)]);
        }
    }

    private void LookEverywhere()
    {
        // The flag first: an edge that is added during this sets it again.
        _mustLookEverywhere = false;
        _timeOutsSeen = _doorbell.TimeOuts;
        _untilLook = LookEverywhereEvery;
        foreach (var ports in _byNote)
            ports.Clear();
        Array.Clear(_known);
        foreach (var port in _ports)
        {
            foreach (var edge in port.Edges)
            {
                var (word, bit) = Doorbell.PlaceOf(edge.EdgeId);
                _known[word] |= bit;
                _byNote[(word * 64) + BitOperations.TrailingZeroCount(bit)].Add(port);
            }
        }

        // Everybody is in line, so every note counts as seen; each leaves again when found empty.
        _known.CopyTo(_inLine, 0);
        GetInLine(_ports);
    }

    private void GetInLine(IReadOnlyList<InputPort> ports)
    {
        for (var i = 0; i < ports.Count; i++)
        {
            if (ports[i].IsInLine)
                continue;
            ports[i].IsInLine = true;
            _line.Enqueue(ports[i]);
        }
    }

    /// <summary>Clears the notes of an input that was found empty. False: it, or one with which it shares a note, has something after all.</summary>
    private bool TryLeave(InputPort port)
    {
        var edges = port.Edges;
        for (var i = 0; i < edges.Count; i++)
        {
            var (word, bit) = Doorbell.PlaceOf(edges[i].EdgeId);
            var sharers = _byNote[(word * 64) + BitOperations.TrailingZeroCount(bit)];
            if (sharers.Count > 1 && AnyHasData(sharers))
                return false; // the note stays, and so do all whom it is about
            _doorbell.ClearNotes(word, bit);
            _inLine[word] &= ~bit;
            if (AnyHasData(sharers))
            {
                _inLine[word] |= bit;
                GetInLine(sharers);
                return false;
            }
        }

        port.IsInLine = false;
        return true;
    }

    private static bool AnyHasData(List<InputPort> ports)
    {
        foreach (var port in ports)
        {
            if (port.HasData)
                return true;
        }

        return false;
    }
}
