// SPDX-License-Identifier: Apache-2.0

namespace Dora.SimulationTests.Rings;

/// <content>Who goes on, and which orders need not be tried.</content>
internal sealed partial class Explorer
{
    private readonly List<Node> _nodes = []; // the choices of this run; those before the last are replayed in the next
    private readonly Dictionary<int, int> _locks = []; // place of a lock that is held → holder
    private readonly Dictionary<int, int[]> _writeClocks = [];
    private readonly Dictionary<int, int[]> _readClocks = [];
    private int[] _fenceClock = [];
    private int _depth;
    private bool _isRedundant; // the rest of this run is a known one: to the end, without choices
    private bool _starting;
    private Random? _random;

    /// <summary>One choice of a run.</summary>
    private sealed class Node
    {
        internal int Enabled;   // threads that could go on: a bit each
        internal int Backtrack; // those to be tried
        internal int Done;      // those tried
        internal int Sleeping;  // those that lead to nothing new
        internal int Thread;    // the one chosen
        internal int Outcome;
        internal int Outcomes;
        internal Access[] Next = [];
    }

    /// <summary>Goes to the next run: the deepest choice that is left. False: there is none.</summary>
    private bool Advance()
    {
        while (_nodes.Count > 0)
        {
            var node = _nodes[^1];
            if (++node.Outcome < node.Outcomes)
                return true;
            node.Done |= 1 << node.Thread;
            var left = node.Backtrack & ~node.Done & ~node.Sleeping;
            if (left != 0)
            {
                node.Thread = int.TrailingZeroCount(left);
                node.Outcome = 0;
                return true;
            }

            _nodes.RemoveAt(_nodes.Count - 1);
        }

        return false;
    }

    private ModelThread? Pick(ModelThread? from)
    {
        if (_isAbandoned)
            return null;
        var enabled = Enabled();
        if (enabled == 0)
            return null;
        if (_trace.Count >= StepsMax)
        {
            Fail($"no end after {StepsMax} steps");
            return null;
        }

        int chosen, outcome;
        if (_random is not null)
        {
            chosen = from is not null && (enabled & (1 << from.Index)) != 0 && _random.Next(3) > 0 ? from.Index : Random(enabled);
            var outcomes = _model.OutcomesOf(chosen, _states[chosen].Next);
            outcome = outcomes == 1 || _random.Next(2) == 0 ? 0 : _random.Next(outcomes);
        }
        else if (_isRedundant)
        {
            (chosen, outcome) = (int.TrailingZeroCount(enabled), 0);
        }
        else if (ChooseNode(enabled, from) is { } node)
        {
            node.Outcomes = _model.OutcomesOf(node.Thread, node.Next[node.Thread]);
            (chosen, outcome) = (node.Thread, node.Outcome);
            _depth++;
        }
        else
        {
            _isRedundant = true;
            (chosen, outcome) = (int.TrailingZeroCount(enabled), 0);
        }

        Step(_threads[chosen], outcome);
        return _states[chosen].IsAsleep ? Pick(from) : _threads[chosen];
    }

    private int Random(int enabled)
    {
        var skip = _random!.Next(int.PopCount(enabled));
        for (; skip > 0; skip--)
            enabled &= enabled - 1;
        return int.TrailingZeroCount(enabled);
    }

    private int Enabled()
    {
        var enabled = 0;
        for (var i = 0; i < _threads.Length; i++)
        {
            var state = _states[i];
            if (state.IsWaiting && !state.IsAsleep && !(state.Next.Kind == AccessKind.Lock && _locks.ContainsKey(state.Next.Place)))
                enabled |= 1 << i;
        }

        return enabled;
    }

    private Node? ChooseNode(int enabled, ModelThread? from)
    {
        if (_depth < _nodes.Count)
            return _nodes[_depth];
        var node = new Node { Enabled = enabled, Next = new Access[_threads.Length], Sleeping = SleepingAfterLast() };
        for (var i = 0; i < _threads.Length; i++)
            node.Next[i] = _states[i].Next;
        FindRaces();
        var candidates = enabled & ~node.Sleeping;
        if (candidates == 0)
            return null;
        node.Thread = from is not null && (candidates & (1 << from.Index)) != 0 ? from.Index : int.TrailingZeroCount(candidates);
        node.Backtrack = ReducesOrders ? 1 << node.Thread : enabled;
        _nodes.Add(node);
        return node;
    }

    /// <summary>Threads whose next step was tried before the last one and doesn't depend on it: trying it now leads where that has led.</summary>
    private int SleepingAfterLast()
    {
        if (_depth == 0 || !ReducesOrders)
            return 0;
        var last = _nodes[_depth - 1];
        var sleeping = 0;
        for (var i = 0; i < _threads.Length; i++)
        {
            if (i != last.Thread
                && ((last.Sleeping | last.Done) & (1 << i)) != 0
                && !last.Next[i].DependsOn(last.Next[last.Thread], !_model.IsSequential))
                sleeping |= 1 << i;
        }

        return sleeping;
    }

    /// <summary>For the next step of each thread: finds the last step of another that it might have come before, and asks for that order too.</summary>
    private void FindRaces()
    {
        for (var p = 0; p < _threads.Length; p++)
        {
            var state = _states[p];
            if (!state.IsWaiting || state.IsAsleep)
                continue;
            for (var i = _depth - 1; i >= 0; i--)
            {
                var (thread, access, _) = _trace[i];
                if (thread == p || !state.Next.DependsOn(access, !_model.IsSequential) || _stepNumbers[i] <= state.Clock[thread])
                    continue;
                if (IsLateLoad(state.Next))
                    break; // the load before the store is among the outcomes of the load after it
                var before = _nodes[i];
                before.Backtrack |= (before.Enabled & (1 << p)) != 0 ? 1 << p : before.Enabled;
                break;
            }
        }
    }

    /// <summary>Whether an access is a load that may see old stores: then its outcomes contain all that it would see at any earlier time.</summary>
    private bool IsLateLoad(in Access access) => access.Kind == AccessKind.Read && !_model.IsSequential && ReducesOrders;

    private readonly List<int> _stepNumbers = []; // of each step of the trace, the number within its thread

    private void Step(ModelThread thread, int outcome)
    {
        var state = _states[thread.Index];
        var access = state.Next;
        Tick(thread.Index, access);
        var storeBefore = access.Place >= 0 ? _model.LastStoreOf(access.Place) : null;
        state.Seen = _model.Do(thread.Index, access, outcome);
        if (IsLateLoad(access))
        {
            // After the store that it saw; not after those that it might have seen.
            Join(state.Clock, state.Seen.Clock);
            Join(Of(_readClocks, access.Place), state.Clock);
        }
        else if (access.Place >= 0 && _model.LastStoreOf(access.Place) is var store && store != storeBefore)
        {
            state.Clock.CopyTo(store.Clock, 0);
        }

        _trace.Add((thread.Index, access, state.Seen.Value));
        switch (access.Kind)
        {
            case AccessKind.Sleep:
                state.IsAsleep = !access.IsOrdered || state.Seen.Value == access.Value;
                break;
            case AccessKind.Wake:
                for (var i = 0; i < _threads.Length; i++)
                {
                    var sleeper = _states[i];
                    if (!sleeper.IsAsleep || sleeper.Next.Place != access.Place)
                        continue;
                    sleeper.IsAsleep = false;
                    sleeper.Next = new Access(AccessKind.Read, WokenPlace); // a step that nobody else cares for
                    Join(sleeper.Clock, state.Clock);
                }

                break;
            case AccessKind.Lock:
                _locks.Add(access.Place, thread.Index);
                break;
            case AccessKind.Unlock:
                _locks.Remove(access.Place);
                break;
        }

        if (!state.IsAsleep)
            state.IsWaiting = false;
    }

    private int WokenPlace => _wokenPlace ??= Places.New("woken");

    private int? _wokenPlace;

    /// <summary>Happens-before: a step comes after all earlier ones that it depends on.</summary>
    private void Tick(int thread, in Access access)
    {
        var clock = _states[thread].Clock;
        _stepNumbers.Add(++clock[thread]);
        if (IsLateLoad(access))
            return;
        if (access.Place >= 0)
        {
            Join(clock, Of(_writeClocks, access.Place));
            if (access.IsWrite)
            {
                Join(clock, Of(_readClocks, access.Place));
                clock.CopyTo(Of(_writeClocks, access.Place), 0);
            }
            else
            {
                Join(Of(_readClocks, access.Place), clock);
            }
        }

        if (!_model.IsSequential && access.IsFence)
        {
            Join(clock, _fenceClock);
            clock.CopyTo(_fenceClock, 0);
            if (access.IsWrite)
                Join(Of(_writeClocks, access.Place), clock);
        }
    }

    private void ResetClocks()
    {
        _writeClocks.Clear();
        _readClocks.Clear();
        _stepNumbers.Clear();
        _fenceClock = new int[_threads.Length];
    }

    private int[] Of(Dictionary<int, int[]> clocks, int place)
    {
        if (!clocks.TryGetValue(place, out var clock))
            clocks.Add(place, clock = new int[_threads.Length]);
        return clock;
    }

    private static void Join(int[] into, int[] from)
    {
        for (var i = 0; i < into.Length; i++)
            into[i] = Math.Max(into[i], from[i]);
    }
}
