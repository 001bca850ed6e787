// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.Daemon.Core;
using Dora.Dataflows.Graph;
using Dora.Protocol;
using Dora.Protocol.Messages;

namespace Dora.SimulationTests.DaemonCore;

/// <summary>What one history came to.</summary>
/// <param name="Digest">Of all effects with their times: equal for equal histories.</param>
/// <param name="Events">How many events the core took.</param>
/// <param name="Outcome">How the dataflow ended.</param>
/// <param name="IsCalm">Nothing was drawn to go wrong.</param>
internal sealed record History(ulong Digest, int Events, DataflowOutcome Outcome, bool IsCalm);

/// <summary>
/// One simulated machine around one core: virtual clock, processes with characters, a shell that keeps its promises but brings news
/// late, doubled and out of order. Everything follows from the seed.
/// </summary>
internal sealed partial class World
{
    private const int LongHistory = 2_000;
    private const int MaxEvents = 4 * LongHistory;
    private const long HorizonNs = 100_000_000_000;

    private readonly SimRandom _random;
    private readonly DataflowGraph _graph;
    private readonly ICore _core;
    private readonly Checker _checker;
    private readonly PriorityQueue<Action, (long AtNs, long Order)> _agenda = new();
    private readonly Dictionary<Incarnation, SimProcess> _processes = [];
    private readonly List<Effect> _effects = [];
    private readonly StringBuilder? _trace;
    private readonly int _troublePercent;
    private long _nowNs;
    private long _order;
    private int _events;
    private bool _stopWasForced;
    private ulong _digest = 14695981039346656037;
    private DataflowOutcome? _outcome;

    /// <param name="seed">Of everything.</param>
    /// <param name="makeCore">The real one unless a test breaks it.</param>
    /// <param name="trace">Where the whole history is written; null: nowhere.</param>
    public World(ulong seed, Func<DataflowGraph, CoreSettings, ICore> makeCore, StringBuilder? trace = null)
    {
        _random = new SimRandom(seed);
        _trace = trace;
        _troublePercent = _random.Pick(0, 5, 20, 50);
        _graph = RandomGraph.Draw(_random);
        var settings = RandomGraph.DrawSettings(_random);
        _core = makeCore(_graph, settings);
        _checker = new Checker(_graph, settings);
        _nowNs = _random.Below(1_000_000);
    }

    /// <summary>Runs to the end of the dataflow.</summary>
    /// <exception cref="InvariantBrokenException">A rule did not hold.</exception>
    public History Run()
    {
        At(0, () => Deliver(new DaemonEvent.Begin()));
        ScheduleWishes();
        ScheduleDynamicNodes();
        while (_outcome is null)
        {
            if (_events > MaxEvents)
                throw new InvariantBrokenException($"no end after {MaxEvents} events");
            if (!Step())
                Rest();
            else if (!_stopWasForced && (_nowNs > HorizonNs || _events > LongHistory))
                ForceEnd("the simulation has lasted long enough"); // heartbeats and unlimited restarts never come to rest
        }
        _checker.AtTheEnd(_outcome, _processes.Values, _core.NextDeadlineNs);
        StayQuietAfterTheEnd();
        if (_troublePercent == 0 && !_outcome.Succeeded)
            throw new InvariantBrokenException($"nothing went wrong, and yet: {_outcome.Message}");
        return new History(_digest, _events, _outcome, _troublePercent == 0);
    }

    /// <summary>Whatever is next: a deadline of the core or something on the agenda. False: neither exists.</summary>
    private bool Step()
    {
        var deadlineNs = _core.NextDeadlineNs;
        if (_agenda.TryPeek(out _, out var next) && !(deadlineNs < next.AtNs) && !(deadlineNs == next.AtNs && _random.Percent(50)))
        {
            _nowNs = next.AtNs;
            _agenda.Dequeue()();
            return true;
        }
        if (deadlineNs is null)
            return false;
        _nowNs = deadlineNs.Value;
        Deliver(new DaemonEvent.DeadlineReached());
        return true;
    }

    /// <summary>Nothing will happen by itself any more. That must be what the nodes want; then a person ends it.</summary>
    private void Rest()
    {
        if (_stopWasForced)
            throw new InvariantBrokenException("stuck: no deadline, nothing on the agenda, not finished, and a stop was requested long ago");
        _checker.AtRest(_processes.Values);
        ForceEnd("the simulation is at rest");
    }

    private void ForceEnd(string reason)
    {
        _stopWasForced = true;
        if (_outcome is null)
            Deliver(new DaemonEvent.StopRequested(reason));
    }

    private void StayQuietAfterTheEnd()
    {
        _effects.Clear();
        _core.Apply(new DaemonEvent.ForceStop("after the end"), _nowNs, _effects);
        while (_agenda.TryDequeue(out var action, out _))
            action();
        if (_effects.Count > 0)
            throw new InvariantBrokenException($"after the end: {_effects[0]}");
    }

    private void At(long delayNs, Action action) => _agenda.Enqueue(action, (_nowNs + delayNs, _order++));

    private void Deliver(DaemonEvent e)
    {
        _events++;
        _trace?.Append($"{_nowNs / 1e9,12:0.000000}  > ").Append(e).AppendLine();
        _checker.Before(e, _nowNs);
        var first = _effects.Count;
        _core.Apply(e, _nowNs, _effects);
        for (var i = first; i < _effects.Count; i++)
        {
            _trace?.Append("                  ").Append(_effects[i]).AppendLine();
            Digest(_effects[i]);
            _checker.On(_effects[i]);
        }
        _checker.After(_core.NextDeadlineNs);
        if (_outcome is not null)
            return;
        var effects = _effects.GetRange(first, _effects.Count - first);
        _effects.Clear();
        foreach (var effect in effects)
            CarryOut(effect);
        MaybeRepeat(e);
    }

    /// <summary>Some news comes twice, the second time when it may long be stale.</summary>
    private void MaybeRepeat(DaemonEvent e)
    {
        if (e is DaemonEvent.Begin or DaemonEvent.StopRequested or DaemonEvent.ForceStop or DaemonEvent.OperatorReported or DaemonEvent.NodeChanged)
            return; // said again, these mean something again
        if (e is not DaemonEvent.DeadlineReached && _random.Percent(4) && _events < MaxEvents / 2)
            At(_random.DelayNs(5000), () => Deliver(e));
    }

    /// <summary>FNV-1a over what identifies an effect; the text of a record is too slow for all histories.</summary>
    private void Digest(Effect effect)
    {
        Add((ulong)_nowNs);
        Add((ulong)effect.GetType().Name.Length);
        switch (effect)
        {
            case Effect.SpawnNode(var who):
                Add((ulong)who.Number);
                break;
            case Effect.OpenEdge open:
                Add(open.Edge.Value);
                break;
            case Effect.CloseEdge close:
                Add(close.Edge.Value);
                break;
            case Effect.ReportNode(var change):
                foreach (var c in change.Message)
                    Add(c);
                break;
        }

        void Add(ulong value) => _digest = (_digest ^ value) * 1099511628211;
    }

    private void ScheduleWishes()
    {
        if (_random.Percent(40))
            At(_random.DelayNs(_random.Pick(500, 5_000, 60_000)), RequestStop);
        if (_random.Percent(8))
            At(_random.DelayNs(60_000), () => Deliver(new DaemonEvent.ForceStop("forced")));
        if (_random.Percent(20))
            At(_random.DelayNs(_random.Pick(500, 5_000, 60_000)), ChangeProgram);
    }

    private void ChangeProgram()
    {
        Deliver(new DaemonEvent.NodeChanged(_graph.Nodes[_random.Below(_graph.Nodes.Length)].Id, "its program changed"));
        if (_random.Percent(60))
            At(_random.DelayNs(5_000), ChangeProgram);
    }

    private void RequestStop()
    {
        Deliver(new DaemonEvent.StopRequested("wanted", _random.Percent(30) ? TimeSpan.FromMilliseconds(_random.Below(4) * 500) : null));
        if (_random.Percent(20))
            At(_random.DelayNs(8_000), RequestStop);
        if (_random.Percent(15))
            At(_random.DelayNs(8_000), () => Deliver(new DaemonEvent.ForceStop("impatient")));
    }
}
