// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;
using Dora.SharedMemory;
using Dora.Testing.PubSub;

namespace Dora.ConformanceTests;

// Full queues, slow subscribers, subscribers that go away.
public abstract partial class PubSubContract
{
    [Theory]
    [InlineData(4)]
    [InlineData(500)]
    public void Drop_oldest_keeps_the_newest_and_counts_exactly(int size)
    {
        var subscription = _rig.Subscribe(queueSize: 10);
        for (var i = 0; i < 100; i++)
            Assert.Equal(SendStatus.Sent, Publisher.TrySend(Number(i, size), [], 0));
        _rig.Settle(subscription);

        Assert.Equal(Enumerable.Range(90, 10), TakeNumbers(subscription, 10));
        Assert.False(subscription.TryTake(out _));
        PubSubRig.Until(() => CountersOf(1).Queued == 0, "the publisher hears what became of all");
        var counters = CountersOf(1);
        Assert.Equal((100UL, 10UL, 90UL, 0UL), (counters.Sent, counters.Received, counters.DroppedOldest, counters.Queued));
        Assert.Equal(100UL * (ulong)size, counters.SentBytes);
        Assert.Equal(10UL, subscription.GetCounters().Received);
    }

    [Fact]
    public void Drop_oldest_under_racing_takes_loses_nothing_without_counting_it()
    {
        const int Count = 30_000;
        var subscription = _rig.Subscribe(queueSize: 4);
        var sender = Task.Factory.StartNew(() => SendNumbered(Count), TaskCreationOptions.LongRunning);

        ulong received = 0, last = 0;
        while (last != Count)
        {
            using var message = _rig.Take(subscription);
            Assert.True(message.Sequence > last);
            Assert.Equal((int)message.Sequence - 1, ReadNumber(message));
            last = message.Sequence;
            received++;
        }

        Await(sender);
        PubSubRig.Until(() => CountersOf(1).Received + CountersOf(1).Dropped == Count, "sent = received + dropped");
        Assert.Equal(received, CountersOf(1).Received);
        Assert.Equal(((ulong)Count, 0UL), (CountersOf(1).Sent, CountersOf(1).Queued));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(500)]
    public void Back_pressure_holds_the_sender_and_lets_it_go_on(int size)
    {
        var subscription = _rig.Subscribe(queueSize: 3, OverflowPolicy.BackPressure);
        for (var i = 0; i < 3; i++)
            Assert.Equal(SendStatus.Sent, Publisher.TrySend(Number(i, size), [], 0));

        Assert.Equal(SendStatus.BackPressured, Publisher.TrySend(Number(3, size), [], 0));
        Assert.False(Publisher.WaitForSpace(TimeSpan.Zero));
        Assert.False(Publisher.WaitForSpace(TimeSpan.FromMilliseconds(20)));

        var waiting = Task.Factory.StartNew(() => Publisher.WaitForSpace(PubSubRig.Patience), TaskCreationOptions.LongRunning);
        Assert.Equal([0], TakeNumbers(subscription, 1));
        Assert.True(Await(waiting));
        Assert.Equal(SendStatus.Sent, Publisher.TrySend(Number(3, size), [], 0));
        Assert.Equal([1, 2, 3], TakeNumbers(subscription, 3));
        Assert.Equal((4UL, 0UL), (CountersOf(1).Sent, CountersOf(1).Dropped));
    }

    [Fact]
    public void A_loan_survives_back_pressure()
    {
        var subscription = _rig.Subscribe(queueSize: 1, OverflowPolicy.BackPressure);
        Assert.Equal(SendStatus.Sent, Publisher.TrySend(Number(1), [], 0));
        Assert.Equal(SendStatus.Sent, Publisher.TryLoan(500, 0, out var loan));
        Number(2, 500).CopyTo(loan.Payload);

        Assert.Equal(SendStatus.BackPressured, Publisher.TryCommit(ref loan, 500, 0, 0));
        Assert.True(loan.IsActive);
        Assert.Equal([1], TakeNumbers(subscription, 1));
        Assert.True(Publisher.WaitForSpace(PubSubRig.Patience));
        Assert.Equal(SendStatus.Sent, Publisher.TryCommit(ref loan, 500, 0, 0));
        Assert.Equal([2], TakeNumbers(subscription, 1));
    }

    [Fact]
    public void Back_pressure_of_one_subscriber_sends_to_none()
    {
        var free = _rig.Subscribe(queueSize: 10);
        _rig.Subscribe(queueSize: 1, OverflowPolicy.BackPressure);
        Assert.Equal(SendStatus.Sent, Publisher.TrySend(Number(1), [], 0));
        Assert.Equal(SendStatus.BackPressured, Publisher.TrySend(Number(2), [], 0));
        Assert.Equal([1], TakeNumbers(free, 1));
        _rig.Settle(free);
        Assert.False(free.TryTake(out _));
        Assert.Equal(1UL, CountersOf(1).Sent);
    }

    [Fact]
    public void Closing_the_edge_frees_a_waiting_sender()
    {
        _rig.Subscribe(queueSize: 1, OverflowPolicy.BackPressure);
        Assert.Equal(SendStatus.Sent, Publisher.TrySend(Number(1), [], 0));
        Assert.Equal(SendStatus.BackPressured, Publisher.TrySend(Number(2), [], 0));
        var waiting = Task.Factory.StartNew(() => Publisher.WaitForSpace(PubSubRig.Patience), TaskCreationOptions.LongRunning);

        Publisher.CloseEdge(1, "subscriber died");

        Assert.True(Await(waiting));
        Assert.Equal(SendStatus.Sent, Publisher.TrySend(Number(2), [], 0));
        Assert.Equal(0, Publisher.EdgeCount);
        Assert.False(Publisher.TryGetCounters(1, out _));
        Publisher.CloseEdge(1, "again");
    }

    [Fact]
    public void Disposing_the_publisher_frees_a_waiting_sender()
    {
        _rig.Subscribe(queueSize: 1, OverflowPolicy.BackPressure);
        Assert.Equal(SendStatus.Sent, Publisher.TrySend(Number(1), [], 0));
        var waiting = Task.Factory.StartNew(() => Publisher.WaitForSpace(PubSubRig.Patience), TaskCreationOptions.LongRunning);
        Publisher.Dispose();
        Assert.True(Await(waiting));
    }

    [Fact]
    public void Correlated_messages_are_never_dropped()
    {
        var subscription = _rig.Subscribe(queueSize: 4);
        for (var i = 0; i < 4; i++)
            Assert.Equal(SendStatus.Sent, Publisher.TrySend(Number(i), [], 0, MessageFlags.Correlated));
        _rig.Settle(subscription);

        // The queue is full of requests: another one waits, ordinary messages give way to them and are counted.
        Assert.Equal(SendStatus.Sent, Publisher.TrySend(Number(99), [], 0));
        Assert.Equal(SendStatus.BackPressured, Publisher.TrySend(Number(98), [], 0, MessageFlags.Correlated));
        _rig.Settle(subscription);
        Assert.False(Publisher.WaitForSpace(TimeSpan.Zero, MessageFlags.Correlated));

        Assert.Equal([0, 1, 2, 3], TakeNumbers(subscription, 4));
        Assert.True(Publisher.WaitForSpace(PubSubRig.Patience, MessageFlags.Correlated));
        Assert.Equal(SendStatus.Sent, Publisher.TrySend(Number(4), [], 0, MessageFlags.Correlated));
        using var next = _rig.Take(subscription);
        Assert.Equal((4, MessageFlags.Correlated), (ReadNumber(next), next.Flags));
        PubSubRig.Until(() => CountersOf(1).DroppedFull == 1, "the ordinary message is counted");
    }

    [Fact]
    public void A_correlated_message_displaces_ordinary_ones()
    {
        var subscription = _rig.Subscribe(queueSize: 2);
        Assert.Equal(SendStatus.Sent, Publisher.TrySend(Number(0), [], 0));
        Assert.Equal(SendStatus.Sent, Publisher.TrySend(Number(1), [], 0));
        Assert.Equal(SendStatus.Sent, Publisher.TrySend(Number(2), [], 0, MessageFlags.Correlated));
        _rig.Settle(subscription);
        Assert.Equal([1, 2], TakeNumbers(subscription, 2));
    }

    [Fact]
    public void One_slow_subscriber_of_four_hurts_only_itself()
    {
        const int Count = 2_000;
        var fast = Enumerable.Range(0, 3).Select(_ => _rig.Subscribe(queueSize: 8, OverflowPolicy.BackPressure)).ToArray();
        var slow = _rig.Subscribe(queueSize: 4);
        var sender = Task.Factory.StartNew(() => SendNumbered(Count), TaskCreationOptions.LongRunning);

        for (var i = 0; i < Count; i++)
        {
            foreach (var subscription in fast)
            {
                using var message = _rig.Take(subscription);
                Assert.Equal(i, ReadNumber(message));
            }
        }

        Await(sender);
        _rig.Settle(slow);
        Assert.Equal([Count - 4, Count - 3, Count - 2, Count - 1], TakeNumbers(slow, 4));
        PubSubRig.Until(() => CountersOf(4).Dropped == Count - 4, "the slow one's drops are counted");
        for (uint edge = 1; edge <= 3; edge++)
            Assert.Equal(((ulong)Count, 0UL), (CountersOf(edge).Sent, CountersOf(edge).Dropped));
    }

    [Fact]
    public void A_subscriber_that_leaves_holding_messages_hurts_nobody()
    {
        var leaver = _rig.Subscribe(queueSize: 10);
        var stayer = _rig.Subscribe(queueSize: 10);
        for (var i = 0; i < 5; i++)
            Assert.Equal(SendStatus.Sent, Publisher.TrySend(Number(i, 1000), [], 0));
        _ = _rig.Take(leaver); // never returned

        Publisher.CloseEdge(1, "died");

        Assert.Equal([0, 1, 2, 3, 4], TakeNumbers(stayer, 5));
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(SendStatus.Sent, Publisher.TrySend(Number(i, 1000), [], 0));
            Assert.Equal([i], TakeNumbers(stayer, 1));
        }
    }

    [Fact]
    public void Ages_are_measured_from_the_senders_time_stamp()
    {
        var subscription = _rig.Subscribe();
        var now = (ulong)Platform.Synchronization.Clocks.UnixNs;
        Assert.Equal(SendStatus.Sent, Publisher.TrySend([], [], now - 3_600_000_000_000));
        _rig.Take(subscription).Dispose();
        Assert.InRange(subscription.GetCounters().AgeP50Ns, 3_000_000_000_000UL, 5_000_000_000_000UL);
    }
}
