// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes.Events;
using Dora.Nodes.Joining;
using Wire = Dora.Protocol.Messages;

namespace Dora.Nodes.Receiving;

/// <summary>The node's <c>join</c>: takes the messages of its inputs and gives out sets. Receiving thread, except <see cref="Report"/>.</summary>
/// <remarks>Messages wait in shared memory, where their publishers wrote them. Steady use allocates nothing.</remarks>
internal sealed class NodeJoin : IJoinOwner<HeldInput>
{
    /// <summary>Time between two reports while sets are made; a process that is killed takes no more counts with it.</summary>
    private const long ReportEveryNs = 1_000_000_000;

    private readonly JoinPlan _plan;
    private readonly Joiner<HeldInput> _join;
    private readonly JoinLayout _layout;
    private readonly InputPort[] _ports; // as in the plan
    private readonly ulong[] _lastSequence; // of each input; 0: none yet
    private readonly bool _hasLossless;
    private readonly EventPool _pool;
    private readonly Action<Wire.JoinReport> _report;
    private JoinedEvent? _spare; // rented and not needed yet
    private long _nextReportNs;

    public NodeJoin(JoinPlan plan, IReadOnlyList<InputPort> ports, EventPool pool, Action<Wire.JoinReport> report)
    {
        _plan = plan;
        _join = Joiner<HeldInput>.Create(plan, this);
        _layout = new JoinLayout([.. plan.Inputs.Select(input => input.Id)], plan.MemberCount);
        _ports = [.. plan.Inputs.Select(input => ports.Single(port => port.Id == input.Id))];
        for (var i = 0; i < _ports.Length; i++)
            _ports[i].JoinPlace = i;
        _lastSequence = new ulong[_ports.Length];
        _hasLossless = plan.Inputs.Any(input => input.IsLossless);
        _pool = pool;
        _report = report;
    }

    /// <summary>When there may be a set without another message.</summary>
    public long NextNs => _join.NextNs;

    /// <summary>Inputs of which all that is there is to be offered before a set is made, so that it has the newest.</summary>
    public bool WantsAllThereIs(InputPort port) =>
        _plan.Mode is JoinMode.All or JoinMode.Any || (_plan.Mode == JoinMode.Latest && port.JoinPlace != _plan.Trigger);

    /// <summary>The inputs.</summary>
    public ReadOnlySpan<InputPort> Ports => _ports.AsSpan();

    /// <summary>A message came.</summary>
    public void Offer(InputPort port, InputEvent message, long nowNs)
    {
        var place = port.JoinPlace;
        var before = _lastSequence[place];
        var sequence = message.Sequence;
        _lastSequence[place] = sequence;
        _pool.InJoin++;
        if (!JoinStamps.TryFind(_plan, message.Metadata.TimestampNs, nowNs, message.Metadata.Encoded, out var stamp))
        {
            _join.OfferUnstamped(place, new HeldInput(message));
            return;
        }

        var lost = before != 0 && sequence > before ? (long)Math.Min(sequence - before - 1, int.MaxValue) : 0; // a restarted publisher counts anew
        _join.Offer(place, new HeldInput(message), stamp, lost, nowNs);
        if (_hasLossless && !_join.HasRoom(place))
            port.IsPaused = true; // the rest waits in the edge, and then its publisher
    }

    /// <summary>An input is closed and drained. True: news of it must wait for messages that are here.</summary>
    public bool Close(InputPort port)
    {
        _join.Close(port.JoinPlace);
        _lastSequence[port.JoinPlace] = 0;
        return _join.HoldsBack(port.JoinPlace);
    }

    /// <summary>Whether news of a closed input must wait.</summary>
    public bool HoldsBack(InputPort port) => _join.HoldsBack(port.JoinPlace);

    /// <summary>The next set, if there is one.</summary>
    public JoinedEvent? TryTake(long nowNs)
    {
        var next = _spare ?? _pool.RentJoined();
        _spare = null;
        var set = next.Begin(_layout, isRetained: false);
        var isThere = _join.TryTake(nowNs, set);
        if (_hasLossless)
            Resume();
        if (!isThere)
        {
            _spare = next;
            return null;
        }

        _pool.InJoin -= set.Total;
        next.Publish();
        if (nowNs >= _nextReportNs)
        {
            _nextReportNs = nowNs + ReportEveryNs;
            Report(isFinal: false);
        }

        return next;
    }

    /// <summary>Tells the daemon what became of the messages so far.</summary>
    public void Report(bool isFinal) => _report(JoinPlans.Report(_join, "", isFinal));

    /// <summary>Gives everything back, for the end of the node.</summary>
    public void Clear() => _join.Clear();

    void IJoinOwner<HeldInput>.Drop(int input, HeldInput item, JoinDrop reason)
    {
        _pool.InJoin--;
        item.GiveBack();
    }

    void IJoinOwner<HeldInput>.Release(HeldInput item)
    {
        _pool.InJoin--;
        item.GiveBack();
    }

    HeldInput IJoinOwner<HeldInput>.Share(HeldInput item)
    {
        _pool.InJoin++;
        return new HeldInput(item.Event.Retain());
    }

    private void Resume()
    {
        for (var i = 0; i < _ports.Length; i++)
        {
            if (_ports[i].IsPaused && _join.HasRoom(i))
                _ports[i].IsPaused = false;
        }
    }
}
