// SPDX-License-Identifier: Apache-2.0

using CsCheck;
using Dora.Nodes.Joining;

namespace Dora.UnitTests.Nodes.Joining;

/// <summary>What the modes promise of any messages in any order of arrival.</summary>
public sealed class JoinPropertyTests
{
    /// <summary>Stamps of two or three members, each in order, and a seed for the order in which they arrive.</summary>
    private static readonly Gen<(long[][] Stamps, int Seed)> Streams =
        Gen.Select(Gen.Long[0, 12].Array[0, 12].Array[2, 3], Gen.Int, (gaps, seed) => (gaps.Select(RunningSums).ToArray(), seed));

    [Theory]
    [InlineData((int)JoinMode.Zip)]
    [InlineData((int)JoinMode.Exact)]
    [InlineData((int)JoinMode.Approximate)]
    [InlineData((int)JoinMode.Deterministic)]
    public void Sets_do_not_depend_on_the_order_of_arrival(int mode) => Gen.Select(Streams, Gen.Int, Gen.Long[0, 20]).Sample((streams, seed, tolerance) =>
    {
        var plan = Plan((JoinMode)mode, streams.Stamps.Length, tolerance);
        var one = RunAll(plan, streams.Stamps, streams.Seed);
        var other = RunAll(plan, streams.Stamps, seed);
        Assert.Equal(one.Sets, other.Sets);
    });

    [Fact]
    public void Approximate_sets_are_those_of_the_definition() => Gen.Select(Streams, Gen.Long[0, 20]).Sample((streams, tolerance) =>
    {
        var plan = Plan(JoinMode.Approximate, streams.Stamps.Length, tolerance);
        Assert.Equal(Definition.Approximate(streams.Stamps, plan.ToleranceNs), RunAll(plan, streams.Stamps, streams.Seed).Sets);
    });

    [Fact]
    public void Approximate_waits_only_while_a_better_set_is_possible() => Gen.Select(Streams, Gen.Long[0, 20]).Sample((streams, tolerance) =>
    {
        var plan = Plan(JoinMode.Approximate, streams.Stamps.Length, tolerance);
        var join = new JoinUnderTest(plan);
        var sent = streams.Stamps.Select(_ => new List<long>()).ToArray();
        foreach (var message in Interleaved(streams.Stamps, streams.Seed))
        {
            join.Offer(message);
            sent[message.Input].Add(message.Stamp);
            if (Enumerable.Range(0, sent.Length).Any(i => join.Join.WaitingIn(i) == 0))
                continue;

            // It waits with a candidate at hand. If all ended here it would be the next set; with the best that could still come, another.
            var ended = Definition.Approximate([.. sent.Select(s => s.ToArray())], plan.ToleranceNs);
            var pivot = Enumerable.Range(0, sent.Length).Max(i => sent[i][^join.Join.WaitingIn(i)]);
            var best = sent.Select(s => s[^1] < pivot ? [.. s, pivot] : s.ToArray()).ToArray();
            var continued = Definition.Approximate(best, plan.ToleranceNs);
            Assert.NotEqual(ended[join.Sets.Count], continued[join.Sets.Count]);
        }
    });

    [Fact]
    public void Exact_finds_every_common_stamp() => Streams.Sample(streams =>
    {
        var common = streams.Stamps.Select(s => s.AsEnumerable()).Aggregate((a, b) => a.Intersect(b)).Order().ToArray();
        var join = RunAll(Plan(JoinMode.Exact, streams.Stamps.Length, 0), streams.Stamps, streams.Seed);
        Assert.Equal(common, join.Taken.Select(set => set[0].Single().Stamp));
    });

    [Fact]
    public void Deterministic_uses_every_message_in_the_order_of_stamps() => Streams.Sample(streams =>
    {
        var distinct = streams.Stamps.Select(s => s.Distinct().ToArray()).ToArray();
        var join = RunAll(Plan(JoinMode.Deterministic, distinct.Length, 0), distinct, streams.Seed);
        Assert.Equal(distinct.SelectMany(s => s).Distinct().Order(), join.Taken.Select(set => set.SelectMany(m => m).First().Stamp));
        Assert.Equal(distinct.Sum(s => s.Length), join.Taken.Sum(set => set.Sum(m => m.Length)));
        Assert.Empty(join.Dropped);
    });

    [Fact]
    public void Zip_is_lossless_within_its_queues() => Streams.Sample(streams =>
    {
        var join = RunAll(Plan(JoinMode.Zip, streams.Stamps.Length, 0), streams.Stamps, streams.Seed);
        var pairs = streams.Stamps.Min(s => s.Length);
        Assert.Equal(Enumerable.Range(1, pairs), join.Taken.Select(set => set[0].Single().Number));
        Assert.All(join.Taken, set => Assert.Single(set.Select(m => m.Single().Number).Distinct()));
    });

    private static JoinPlan Plan(JoinMode mode, int members, long tolerance) => JoinUnderTest.Plan2(mode, members) with
    {
        ToleranceNs = mode == JoinMode.Approximate && tolerance < 15 ? tolerance : JoinPlan.Unlimited,
    };

    /// <summary>Everything arrives, then everything closes.</summary>
    private static JoinUnderTest RunAll(JoinPlan plan, long[][] stamps, int seed)
    {
        var join = new JoinUnderTest(plan);
        foreach (var message in Interleaved(stamps, seed))
            join.Offer(message);
        for (var i = 0; i < stamps.Length; i++)
            join.Join.Close(i);
        join.Take();
        join.CheckAccounts();
        Assert.All(Enumerable.Range(0, stamps.Length), i => Assert.Equal(0, join.Join.WaitingIn(i)));
        return join;
    }

    private static IEnumerable<JoinMessage> Interleaved(long[][] stamps, int seed)
    {
        var random = new Random(seed);
        var next = new int[stamps.Length];
        while (Enumerable.Range(0, stamps.Length).Where(i => next[i] < stamps[i].Length).ToArray() is { Length: > 0 } open)
        {
            var input = open[random.Next(open.Length)];
            yield return new JoinMessage(input, next[input] + 1, stamps[input][next[input]++]);
        }
    }

    private static long[] RunningSums(long[] gaps)
    {
        var stamp = 0L;
        return [.. gaps.Select(gap => stamp += gap)];
    }

    /// <summary>The definition in the guide, with everything known and nothing clever.</summary>
    private static class Definition
    {
        public static List<string> Approximate(long[][] stamps, long tolerance)
        {
            var left = stamps.Select((s, i) => s.Select((stamp, k) => new JoinMessage(i, k + 1, stamp)).ToList()).ToArray();
            var sets = new List<string>();
            while (true)
            {
                while (left.All(l => l.Count > 0) && left.Max(l => l[0].Stamp) - left.Min(l => l[0].Stamp) > tolerance)
                    left.MinBy(l => l[0].Stamp)!.RemoveAt(0);
                if (left.Any(l => l.Count == 0))
                    return sets;
                var pivot = left.MaxBy(l => l[0].Stamp)![0];
                var best = Products(left).Where(set => set.Contains(pivot)).OrderBy(set => set.Max(m => m.Stamp) - set.Min(m => m.Stamp)).ThenBy(set => set.Min(m => m.Stamp)).ThenBy(set => set.Sum(m => m.Number)).First();
                sets.Add(string.Join(' ', best.AsEnumerable()));
                for (var i = 0; i < left.Length; i++)
                    left[i].RemoveRange(0, left[i].IndexOf(best[i]) + 1);
            }
        }

        private static IEnumerable<JoinMessage[]> Products(List<JoinMessage>[] left) => left.Aggregate(
            (IEnumerable<JoinMessage[]>)[[]], (sets, list) => sets.SelectMany(set => list.Select(m => (JoinMessage[])[.. set, m])));
    }
}
