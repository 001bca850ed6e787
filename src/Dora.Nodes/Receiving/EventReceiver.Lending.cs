// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes.Receiving;

/// <content>Events are lent until the next receive call. Here is which, and how they are taken back.</content>
internal sealed partial class EventReceiver
{
    private readonly List<(InputEvent Event, uint Generation)> _lent = []; // receiver; one entry, but for Drain

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
        return true; // and nobody receives from now on
    }

    private DoraEvent? Lend(DoraEvent? next)
    {
        if (next is InputEvent input)
            _lent.Add((input, input.Generation));
        return next;
    }

    private void GiveBackLent()
    {
        foreach (var (input, generation) in _lent)
        {
            if (input.Generation == generation) // otherwise it was disposed, and may be somebody else's by now
                input.Dispose();
        }

        _lent.Clear();
    }
}
