// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;
using Dora.Nodes.Joining;

namespace Dora.Nodes.Receiving;

/// <content>Waiting for messages of chosen inputs. Everything else stays where it is, in its order, and is received afterwards.</content>
internal sealed partial class EventReceiver
{
    private const int WaitsKeptMax = 16;

    private readonly List<(InputPort[] Ports, JoinLayout Layout)> _waits = []; // receiver: of earlier waits, so that one for the same inputs makes no list
    private InputPort[] _wanted = []; // receiver: of the wait that runs, the one that was served longest ago first
    private JoinLayout _wantedLayout = new([], 0);

    /// <summary>Whether the last wait ended because nothing can come any more, or because the node is to stop; not because time was up.</summary>
    public bool WaitedInVain { get; private set; }

    /// <summary>Waits until one of some inputs has a message, and takes it.</summary>
    /// <returns>Null: time is up, the node is to stop or has ended, or all these inputs are closed and drained.</returns>
    /// <exception cref="ArgumentException">The node has no such input, or it is part of the node's join.</exception>
    public InputEvent? WaitAny(ReadOnlySpan<string> inputs, TimeSpan timeout, bool isLent = true) => (InputEvent?)Wait(inputs, timeout, all: false, isLent);

    /// <summary>Waits until each of some inputs has a message, and takes one of each. Nothing is taken before.</summary>
    /// <returns>Null: time is up, the node is to stop or has ended, or one of these inputs is closed and drained.</returns>
    /// <exception cref="ArgumentException">The node has no such input, or it is part of the node's join.</exception>
    public JoinedEvent? WaitAll(ReadOnlySpan<string> inputs, TimeSpan timeout, bool isLent = true) => (JoinedEvent?)Wait(inputs, timeout, all: true, isLent);

    private DoraEvent? Wait(ReadOnlySpan<string> inputs, TimeSpan timeout, bool all, bool isLent)
    {
        if (_isShutDown)
            return null;
        if (Interlocked.Exchange(ref _receiving, 1) != 0)
            throw new InvalidOperationException("Another thread is receiving from this node. One receives at a time.");
        try
        {
            Want(inputs);
            GiveBackLent();
            WaitedInVain = false;
            var next = WaitCore(timeout, all);
            return isLent ? Lend(next) : next;
        }
        finally
        {
            Volatile.Write(ref _receiving, 0);
        }
    }

    private DoraEvent? WaitCore(TimeSpan timeout, bool all)
    {
        var nowNs = _time.NowNs;
        var endNs = timeout < TimeSpan.Zero ? InputDeadline.Never : nowNs + (long)Math.Min(timeout.TotalNanoseconds, long.MaxValue / 2);
        for (; ; nowNs = _time.NowNs)
        {
            _heartbeat.BeatIfDue(nowNs);
            using (var wait = new DoorbellWait(_doorbell, UntilToTimeout(Math.Min(endNs, _heartbeat.NextNs), nowNs)))
            {
                do
                {
                    if (_hasEnded)
                        return null;
                    if ((all ? (DoraEvent?)TryTakeAll(nowNs) : TryTakeAny(nowNs)) is { } next)
                        return next;
                    if (_hasEnded || IsInVain(all))
                    {
                        WaitedInVain = true;
                        return null;
                    }
                }
                while (wait.Next());
            }

            if (_time.NowNs >= endNs)
                return null;
        }
    }

    private InputEvent? TryTakeAny(long nowNs)
    {
        for (var i = 0; i < _wanted.Length; i++)
        {
            if (TryTakeFrom(_wanted[i], nowNs) is not { } message)
                continue;
            if (i < _wanted.Length - 1) // whoever was served goes to the end, so that nobody starves; the list is ours alone
            {
                var served = _wanted[i];
                Array.Copy(_wanted, i + 1, _wanted, i, _wanted.Length - i - 1);
                _wanted[^1] = served;
            }

            return message;
        }

        return null;
    }

    private JoinedEvent? TryTakeAll(long nowNs)
    {
        foreach (var port in _wanted)
        {
            if (!port.HasData && _pendingInput?.Id != port.Id)
            {
                port.ForgetDrained();
                return null;
            }
        }

        var joined = _pool.RentJoined();
        var set = joined.Begin(_wantedLayout, isRetained: false);
        foreach (var port in _wanted)
        {
            // What was seen may be gone: a publisher takes the oldest out of a full queue, but only to put in a newer one.
            if (TryTakeFrom(port, nowNs) is { } message)
                set.AddMember(_wantedLayout.IndexOf(port.Id), new HeldInput(message), (long)Math.Min(message.Metadata.TimestampNs, long.MaxValue));
            else
                set.Outcome = JoinOutcome.Partial;
        }

        joined.Publish();
        return joined;
    }

    private InputEvent? TryTakeFrom(InputPort port, long nowNs)
    {
        if (_pendingInput is { } pending && pending.Id == port.Id)
        {
            _pendingInput = null;
            return pending;
        }

        if (_drainLeft == 0 || !port.TryTake(out var message))
            return null;
        if (_drainLeft > 0)
            _drainLeft--;
        _clock.Observe(message.TimestampNs, message.TakenNs);
        var input = _pool.RentByReceiver();
        input.Start(port.Id, message);
        if (port.Deadline.IsWatched && port.Deadline.Arrived(nowNs))
        {
            _control.Enqueue(new InputRecoveredEvent(port.Id)); // told with the next receive call
            _hasControl = true;
        }

        return input;
    }

    /// <summary>Whether nothing can come, or something came that the program must hear of first.</summary>
    private bool IsInVain(bool all)
    {
        if (_finalStop is not null || _drainLeft >= 0 || (_hasControl && _control.Any(e => e is StopEvent)))
            return true;
        var closed = 0;
        foreach (var port in _wanted)
        {
            port.ForgetDrained();
            closed += port.IsDrained ? 1 : 0;
        }

        return all ? closed > 0 : closed == _wanted.Length;
    }

    private void Want(ReadOnlySpan<string> inputs)
    {
        foreach (var (ports, layout) in _waits)
        {
            if (inputs.SequenceEqual(layout.Inputs.AsSpan()))
            {
                (_wanted, _wantedLayout) = (ports, layout);
                return;
            }
        }

        if (inputs.IsEmpty)
            throw new ArgumentException("Name at least one input to wait for.", nameof(inputs));
        var wanted = new InputPort[inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            var id = inputs[i];
            wanted[i] = Array.Find(_ports, port => port.Id == id) ?? throw new ArgumentException(
                $"this node has no input '{id}'; its inputs are {string.Join(", ", _ports.Select(port => $"'{port.Id}'"))}", nameof(inputs));
            if (wanted[i].JoinPlace >= 0)
                throw new ArgumentException($"input '{id}' belongs to the node's join; its messages come in sets, from Recv", nameof(inputs));
            if (Array.IndexOf(wanted, wanted[i]) < i)
                throw new ArgumentException($"input '{id}' is named twice", nameof(inputs));
        }

        (_wanted, _wantedLayout) = (wanted, new JoinLayout([.. inputs], inputs.Length));
        if (_waits.Count == WaitsKeptMax)
            _waits.RemoveAt(0);
        _waits.Add((_wanted, _wantedLayout));
    }
}
