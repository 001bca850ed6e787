// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Nodes.Joining;

namespace Dora.UnitTests.Nodes.Joining;

/// <summary>A message of a test: which input, which one on it, and its stamp.</summary>
internal sealed record JoinMessage(int Input, int Number, long Stamp)
{
    public override string ToString() => $"{(char)('a' + Input)}{Number}@{Stamp}";
}

/// <summary>A join with its owner, which sees to it that each message ends exactly once.</summary>
internal sealed class JoinUnderTest : IJoinOwner<JoinMessage>
{
    private readonly HashSet<JoinMessage> _ended = [];
    private readonly Dictionary<JoinMessage, int> _shared = []; // holds beside the first
    private readonly JoinSet<JoinMessage> _set;

    public JoinUnderTest(JoinPlan plan)
    {
        Plan = plan;
        Join = Joiner<JoinMessage>.Create(plan, this);
        _set = new JoinSet<JoinMessage>(plan.Inputs.Length);
    }

    public JoinPlan Plan { get; }

    public Joiner<JoinMessage> Join { get; }

    public long NowNs { get; set; }

    /// <summary>Sets as text, such as <c>a1@5 b1@6</c>; <c>(partial)</c> and <c>(timed out)</c> behind those that are.</summary>
    public List<string> Sets { get; } = [];

    /// <summary>Messages of each set, per input.</summary>
    public List<JoinMessage[][]> Taken { get; } = [];

    public List<(JoinMessage Message, JoinDrop Reason)> Dropped { get; } = [];

    public static JoinPlan Plan2(JoinMode mode, int members = 2, int capacity = 1000, int collected = 0) => new()
    {
        Mode = mode,
        MemberCount = members,
        Inputs = [.. Enumerable.Range(0, members + collected).Select(i => new JoinInput($"{(char)('a' + i)}", capacity, IsLossless: false))],
    };

    public static ImmutableArray<JoinInput> Inputs(params ImmutableArray<(int Capacity, bool IsLossless)> inputs) =>
        [.. inputs.Select((input, i) => new JoinInput($"{(char)('a' + i)}", input.Capacity, input.IsLossless))];

    public void Offer(JoinMessage message, long lostBefore = 0)
    {
        Join.Offer(message.Input, message, message.Stamp, lostBefore, NowNs);
        Take();
    }

    public void Offer(int input, params ReadOnlySpan<long> stamps)
    {
        foreach (var stamp in stamps)
            Offer(new JoinMessage(input, (int)Join.Counts(input).Offered + 1, stamp));
    }

    public void Close(int input)
    {
        Join.Close(input);
        Take();
    }

    public void Take()
    {
        while (Join.TryTake(NowNs, _set))
        {
            var items = new JoinMessage[Plan.Inputs.Length][];
            for (var i = 0; i < items.Length; i++)
            {
                items[i] = _set[i].ToArray();
                foreach (var item in items[i])
                {
                    Assert.Equal(i, item.Input);
                    if (_shared.GetValueOrDefault(item) > 0)
                        _shared[item]--;
                    else
                        Assert.True(_ended.Add(item), $"{item} is used twice");
                }
            }

            Taken.Add(items);
            var outcome = _set.Outcome switch { JoinOutcome.Partial => " (partial)", JoinOutcome.TimedOut => "(timed out)", _ => "" };
            Sets.Add(string.Join(' ', items.SelectMany(i => i)) + outcome);
        }
    }

    /// <summary>Whether what was offered = used + dropped + waiting on every input, and what the owner saw says the same.</summary>
    public void CheckAccounts()
    {
        for (var i = 0; i < Plan.Inputs.Length; i++)
        {
            var counts = Join.Counts(i);
            Assert.Equal(counts.Offered, counts.Used + counts.Dropped + (ulong)Join.WaitingIn(i));
            Assert.Equal((int)counts.Dropped, Dropped.Count(d => d.Message.Input == i));
            Assert.True(Plan.Inputs[i].IsLossless || Join.WaitingIn(i) <= Plan.Inputs[i].Capacity);
        }
    }

    void IJoinOwner<JoinMessage>.Drop(int input, JoinMessage item, JoinDrop reason)
    {
        Assert.True(_ended.Add(item), $"{item} is dropped, but was used or dropped before");
        Dropped.Add((item, reason));
    }

    void IJoinOwner<JoinMessage>.Release(JoinMessage item)
    {
        Assert.Equal(JoinMode.Latest, Plan.Mode);
        if (_shared.GetValueOrDefault(item) > 0)
            _shared[item]--;
        else
            Assert.True(_ended.Add(item));
    }

    JoinMessage IJoinOwner<JoinMessage>.Share(JoinMessage item)
    {
        _shared[item] = _shared.GetValueOrDefault(item) + 1;
        return item;
    }
}
