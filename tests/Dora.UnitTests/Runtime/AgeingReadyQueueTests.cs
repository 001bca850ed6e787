// SPDX-License-Identifier: Apache-2.0

using Dora.Runtime.Scheduling;

namespace Dora.UnitTests.Runtime;

public sealed class AgeingReadyQueueTests
{
    private const long Ms = 1_000_000;

    private readonly AgeingReadyQueue<string> _queue = new();

    [Fact]
    public void The_highest_priority_goes_first_and_within_it_the_earliest_deadline_then_the_nearest_to_the_sink_then_the_first()
    {
        Add("late", new Urgency(50));
        Add("plain", new Urgency(60, long.MaxValue, 2));
        Add("far", new Urgency(60, 5 * Ms, 9));
        Add("near", new Urgency(60, 5 * Ms, 1));
        Add("near too", new Urgency(60, 5 * Ms, 1));
        Add("early", new Urgency(60, 4 * Ms, 20));
        Add("top", new Urgency(99));

        Assert.Equal(["top", "early", "near", "near too", "far", "plain", "late"], Drain(0));
    }

    [Fact]
    public void Who_waits_rises_one_priority_each_100_ms()
    {
        Add("low", new Urgency(50), 0);
        Add("high", new Urgency(52), 199 * Ms);
        Assert.Equal("high", Next(199 * Ms));

        Add("high", new Urgency(52), 200 * Ms); // the low one is 52, too, and has neither deadline: first come, first served
        Assert.Equal("low", Next(200 * Ms));
    }

    [Fact]
    public void The_lowest_gets_its_turn_however_busy_the_highest_is()
    {
        Add("lowest", new Urgency(0), 0);
        var turns = 0L;
        for (var now = 0L; ; now += Ms, turns++)
        {
            Add("highest", new Urgency(99, now + 1), now);
            if (Next(now) == "lowest")
            {
                break;
            }
        }

        Assert.Equal(10_000, turns); // 100 levels: above the busy one's, so that its deadlines do not count
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Any_history_gives_the_order_that_the_rules_say(int seed)
    {
        var random = new Random(seed);
        var model = new List<(string Name, Urgency Urgency, long Since, int Ticket)>();
        var now = 0L;
        for (var step = 0; step < 5_000; step++)
        {
            now += random.NextInt64(random.Next(20) == 0 ? 400 * Ms : 3 * Ms);
            if (random.Next(5) < 3)
            {
                var urgency = new Urgency(random.Next(45, 55), random.Next(2) == 0 ? long.MaxValue : now + (random.Next(4) * Ms), random.Next(3));
                model.Add(($"{step}", urgency, now, step));
                Add($"{step}", urgency, now);
            }
            else if (model.Count > 0)
            {
                var expected = model
                    .OrderByDescending(m => m.Urgency.Priority + ((now - m.Since) / AgeingReadyQueue<string>.AgeingNs))
                    .ThenBy(m => m.Urgency.DeadlineNs)
                    .ThenBy(m => m.Urgency.Distance)
                    .ThenBy(m => m.Ticket)
                    .First();
                model.Remove(expected);
                Assert.Equal(expected.Name, Next(now));
            }

            Assert.Equal(model.Count, _queue.Count);
        }
    }

    [Fact]
    public void In_steady_state_nothing_is_allocated()
    {
        Turn(64);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Turn(64);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Turn(int count)
        {
            for (var i = 0; i < count; i++)
            {
                _queue.Enqueue("x", new Urgency(i % 7, i), i * Ms);
            }

            while (_queue.TryDequeue(1_000 * Ms, out _))
            {
            }
        }
    }

    private void Add(string name, in Urgency urgency, long nowNs = 0) => _queue.Enqueue(name, urgency, nowNs);

    private string Next(long nowNs) => _queue.TryDequeue(nowNs, out var name) ? name : "";

    private List<string> Drain(long nowNs)
    {
        var all = new List<string>();
        while (_queue.TryDequeue(nowNs, out var name))
        {
            all.Add(name);
        }

        return all;
    }
}
