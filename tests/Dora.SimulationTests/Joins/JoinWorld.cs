// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes.Joining;

namespace Dora.SimulationTests.Joins;

/// <summary>A random join and a random history for it, both from a seed: messages, clocks that are set back, silence, ends and new beginnings.</summary>
internal sealed class JoinWorld : IJoinOwner<JoinWorld.Item>
{
    private readonly Random _random;
    private readonly JoinPlan _plan;
    private readonly Joiner<Item> _join;
    private readonly JoinSet<Item> _set;
    private readonly long[] _stamps;
    private readonly int[] _lastNumber; // used in a set, of each input
    private bool _wasSetBack;
    private long _lastSetStamp = long.MinValue;
    private ulong _sets;
    private long _nowNs = 1;

    public JoinWorld(int seed)
    {
        _random = new Random(seed);
        _plan = RandomPlan();
        _join = Joiner<Item>.Create(_plan, this);
        _set = new JoinSet<Item>(_plan.Inputs.Length);
        _stamps = new long[_plan.Inputs.Length];
        _lastNumber = new int[_plan.Inputs.Length];
    }

    /// <summary>The sets that came out, as text.</summary>
    public List<string> Sets { get; } = [];

    /// <summary>Runs a history of so many steps, then ends all inputs.</summary>
    /// <exception cref="InvalidOperationException">A rule was broken.</exception>
    public void Run(int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            Step();
            TakeAll();
            CheckRules();
        }

        for (var i = 0; i < _plan.Inputs.Length; i++)
            _join.Close(i);
        TakeAll();
        CheckRules();
        for (var i = 0; i < _plan.Inputs.Length; i++)
            Require(_join.WaitingIn(i) == 0 || _plan.Mode == JoinMode.Latest, $"input {i} still has messages after the end of all");
        _join.Clear();
        CheckRules();
    }

    void IJoinOwner<Item>.Drop(int input, Item item, JoinDrop reason)
    {
        Require(item.Uses == 0, $"{item} was used and is dropped as {reason}");
        Release(item);
    }

    void IJoinOwner<Item>.Release(Item item) => Release(item);

    Item IJoinOwner<Item>.Share(Item item)
    {
        Require(_plan.Mode == JoinMode.Latest, "only 'latest' uses messages again");
        item.Holds++;
        return item;
    }

    private void Step()
    {
        _nowNs += _random.Next(4) == 0 ? _random.Next(20) : 0;
        var input = _random.Next(_plan.Inputs.Length);
        switch (_random.Next(20))
        {
            case 0:
                _join.Close(input);
                break;
            case 1:
                _join.OfferUnstamped(input, new Item(input, 0, 0));
                break;
            case 2 when _random.Next(10) == 0:
                _stamps[input] = _random.Next(5);
                _wasSetBack = true;
                break;
            default:
                _stamps[input] += _random.Next(6);
                if (_join.HasRoom(input)) // otherwise its sender waits
                    _join.Offer(input, new Item(input, (int)_join.Counts(input).Offered + 1, _stamps[input]), _stamps[input], _random.Next(8) == 0 ? 1 : 0, _nowNs);
                break;
        }
    }

    private void TakeAll()
    {
        while (_join.TryTake(_nowNs, _set))
        {
            _sets++;
            CheckSet();
            var messages = new List<string>();
            for (var i = 0; i < _plan.Inputs.Length; i++)
            {
                foreach (var item in _set[i])
                {
                    messages.Add(item.ToString());
                    Require(item.Input == i, $"{item} came as a message of input {i}");
                    Require(++item.Uses == 1 || _plan.Mode == JoinMode.Latest, $"{item} was used twice");
                    Require(item.Number > _lastNumber[i] || (_plan.Mode == JoinMode.Latest && item.Number == _lastNumber[i]), $"{item} came after number {_lastNumber[i]}");
                    _lastNumber[i] = item.Number;
                    Release(item);
                }
            }

            Sets.Add($"{_set.Outcome}: {string.Join(' ', messages)}");
        }
    }

    private void CheckSet()
    {
        var present = Enumerable.Range(0, _plan.MemberCount).Where(i => _set[i].Length > 0).ToArray();
        var isOnePerMember = present.All(i => _set[i].Length == 1);
        switch (_set.Outcome)
        {
            case JoinOutcome.TimedOut:
                Require(_set.Total == 0 && _plan.OnTimeout == JoinTimeoutAction.Error, "a set that timed out has messages");
                return;
            case JoinOutcome.Complete:
                Require(present.Length == _plan.MemberCount, "a complete set lacks a member");
                break;
            case JoinOutcome.Partial:
                Require(present.Length is > 0 && present.Length < _plan.MemberCount, "a partial set lacks nobody, or has nobody");
                var mayLack = _plan.Mode is JoinMode.Any or JoinMode.Deterministic or JoinMode.Window || _plan is { OnTimeout: JoinTimeoutAction.Partial, TimeoutNs: < JoinPlan.Unlimited };
                Require(mayLack, "a set is partial that must not be");
                break;
        }

        Require(isOnePerMember || _plan.Mode == JoinMode.Window, "a member has several messages in a set");
        Require(_plan.Mode != JoinMode.Approximate || _set.Spread <= _plan.ToleranceNs, "a set is wider than the tolerance");
        Require(_plan.Mode is not (JoinMode.Exact or JoinMode.Deterministic) || _set.Spread == 0, "stamps of a set differ");
        Require(_plan.Mode != JoinMode.Window || _plan.WindowCount == 0 || Enumerable.Range(0, _plan.MemberCount).Sum(i => _set[i].Length) <= _plan.WindowCount, "a window has too many messages");
        if (_plan.Mode is not (JoinMode.Exact or JoinMode.Deterministic))
            return;
        Require(_set.StampMax > _lastSetStamp || _wasSetBack, "sets are out of order");
        _lastSetStamp = _set.StampMax;
    }

    private void CheckRules()
    {
        Require(_join.CompleteSets + _join.PartialSets + (_plan.OnTimeout == JoinTimeoutAction.Error ? _join.TimedOutSets : 0) == _sets, "sets are miscounted");
        Require(_join.NextNs > _nowNs, "time is up, and nothing was done about it");
        for (var i = 0; i < _plan.Inputs.Length; i++)
        {
            var counts = _join.Counts(i);
            Require(counts.Offered == counts.Used + counts.Dropped + (ulong)_join.WaitingIn(i), $"messages of input {i} are unaccounted for");
            Require(_join.WaitingIn(i) <= _plan.Inputs[i].Capacity, $"input {i} holds too many");
        }
    }

    private JoinPlan RandomPlan()
    {
        var mode = (JoinMode)_random.Next((int)JoinMode.Window + 1);
        var members = _random.Next(mode is JoinMode.Any or JoinMode.Window or JoinMode.Deterministic ? 1 : 2, 5);
        var mayTimeOut = mode is not (JoinMode.Any or JoinMode.Window);
        return new JoinPlan
        {
            Mode = mode,
            MemberCount = members,
            Inputs = [.. Enumerable.Range(0, members + _random.Next(2)).Select(i => new JoinInput($"{i}", _random.Next(1, 6), _random.Next(2) == 0))],
            Trigger = _random.Next(members),
            ToleranceNs = _random.Next(2) == 0 ? _random.Next(10) : JoinPlan.Unlimited,
            TimeoutNs = mayTimeOut && _random.Next(3) > 0 ? _random.Next(1, 40) : JoinPlan.Unlimited,
            OnTimeout = (JoinTimeoutAction)_random.Next(3),
            MaxAgeNs = _random.Next(2) == 0 ? _random.Next(10) : JoinPlan.Unlimited,
            WindowCount = _random.Next(2) == 0 ? _random.Next(1, 8) : 0,
            WindowNs = mode == JoinMode.Window ? _random.Next(1, 40) : JoinPlan.Unlimited,
        };
    }

    private static void Release(Item item) => Require(--item.Holds >= 0, $"{item} was given back twice");

    private static void Require(bool isTrue, string otherwise)
    {
        if (!isTrue)
            throw new InvalidOperationException(otherwise);
    }

    /// <summary>A message.</summary>
    internal sealed class Item(int input, int number, long stamp)
    {
        public int Input => input;
        public int Number => number;
        public int Uses { get; set; }
        public int Holds { get; set; } = 1;

        public override string ToString() => $"{(char)('a' + input)}{number}@{stamp}";
    }
}
