// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes.Receiving;

/// <content>Events are lent until the next receive call. Here is which, and how they are taken back.</content>
internal sealed partial class EventReceiver
{
    private readonly List<(DoraEvent Event, uint Generation)> _alsoLent = []; // receiver; sets, and more than one after Drain
    private InputEvent? _lent;    // receiver
    private uint _lentGeneration; // receiver

    /// <summary>Waits for nothing and takes everything that is there.</summary>
    public IReadOnlyList<DoraEvent> Drain()
    {
        var events = new List<DoraEvent>();
        var first = Receive(TimeSpan.Zero);
        if (first is null || Interlocked.Exchange(ref _receiving, 1) != 0)
            return events;

        try
        {
            // As many as are there now: a publisher that is faster than this loop must not keep it here for ever.
            var left = _control.Count + _ports.Sum(port => port.QueuedCount + 1);
            for (var next = first; next is not null; next = left-- > 0 ? Lend(ReceiveCore(TimeSpan.Zero, default)) : null)
                events.Add(next);
            return events;
        }
        finally
        {
            Volatile.Write(ref _receiving, 0);
        }
    }

    /// <summary>Takes back everything, for the end of the node. False: somebody is receiving.</summary>
    public bool TryGiveBackAll()
    {
        if (Interlocked.Exchange(ref _receiving, 1) != 0)
            return false;
        GiveBackLent();
        _pendingInput?.Dispose();
        _pendingInput = null;
        _join?.Clear();
        return true; // and nobody receives from now on
    }

    private DoraEvent? Lend(DoraEvent? next)
    {
        if (next is InputEvent input)
        {
            if (_lent is null)
                (_lent, _lentGeneration) = (input, input.Generation);
            else
                _alsoLent.Add((input, input.Generation));
        }
        else if (next is JoinedEvent joined)
        {
            _alsoLent.Add((joined, joined.Generation));
        }

        return next;
    }

    private void GiveBackLent()
    {
        if (_lent is { } first)
        {
            _lent = null;
            GiveBack(first, _lentGeneration);
        }

        if (_alsoLent.Count == 0)
            return;
        foreach (var (lent, generation) in _alsoLent)
        {
            if (lent is InputEvent input)
                GiveBack(input, generation);
            else if (lent is JoinedEvent joined && joined.Generation == generation)
                joined.GiveBack();
        }

        _alsoLent.Clear();
    }

    private static void GiveBack(InputEvent input, uint generation)
    {
        if (input.Generation == generation) // otherwise it was disposed, and may be somebody else's by now
            input.GiveBack();
    }
}
