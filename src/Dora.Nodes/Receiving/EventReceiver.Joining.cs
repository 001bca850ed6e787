// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;

namespace Dora.Nodes.Receiving;

/// <content>Messages of a node with a <c>join</c>: its inputs' go into the join, sets come out of it.</content>
internal sealed partial class EventReceiver
{
    /// <summary>Tells the daemon, for the last time, what became of the messages. Any thread; exact once nobody receives.</summary>
    public void ReportJoin() => _join?.Report(isFinal: true);

    private DoraEvent? TryNextWithJoin(NodeJoin join, long nowNs)
    {
        while (true)
        {
            if (join.TryTake(nowNs) is { } set)
                return set;
            if (_drainLeft == 0 || _order.TryTake(out var message) is not { } port)
                return null;
            if (port.JoinPlace < 0)
                return Received(port, message, nowNs);
            if (TryOffer(join, port, message, nowNs) is { } recovered)
                return recovered;
            if (TakeNewest(join, nowNs) is { } alsoRecovered)
                return alsoRecovered;
        }
    }

    /// <summary>Where only the newest counts, all that is there comes in before a set is made. As much as is there now: a flood must not keep us here.</summary>
    private InputRecoveredEvent? TakeNewest(NodeJoin join, long nowNs)
    {
        foreach (var port in join.Ports)
        {
            if (!join.WantsAllThereIs(port))
                continue;
            for (var left = port.QueuedCount; left > 0 && _drainLeft != 0 && port.TryTake(out var message); left--)
            {
                if (TryOffer(join, port, message, nowNs) is { } recovered)
                    return recovered;
            }
        }

        return null;
    }

    /// <summary>Puts a message into the join. Not null: its input was late, and that is to be told.</summary>
    private InputRecoveredEvent? TryOffer(NodeJoin join, InputPort port, in Message message, long nowNs)
    {
        var received = Received(port, message, nowNs);
        var recovered = received as InputRecoveredEvent;
        join.Offer(port, recovered is null ? (InputEvent)received : _pendingInput!, nowNs);
        _pendingInput = recovered is null ? _pendingInput : null;
        return recovered;
    }

    /// <summary>Tells the join which of its inputs are closed and drained; what it then gives comes before the news of that.</summary>
    private JoinedEvent? TryLastSets(NodeJoin join, long nowNs)
    {
        var isAnyClosed = false;
        foreach (var port in join.Ports)
        {
            if (port.IsDrainedCloseDue)
            {
                join.Close(port);
                isAnyClosed = true;
            }
        }

        if (!isAnyClosed || join.TryTake(nowNs) is not { } set)
            return null;
        _mayReportCloses = true;
        return set;
    }

    private void EndJoin()
    {
        if (_join is null)
            return;
        _join.Clear();
        _join.Report(isFinal: true);
    }
}
