// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;
using Dora.SharedMemory;
using Dora.Testing.PubSub;

namespace Dora.UnitTests.Middleware;

public sealed class SharedMemoryPoolTests
{
    private const int Megabyte = 1 << 20;

    [Fact]
    public void The_pool_grows_with_what_is_held_and_messages_stay_intact()
    {
        using var rig = new SharedMemoryRig();
        var subscription = rig.Subscribe(queueSize: 100, OverflowPolicy.BackPressure);
        var held = new List<Message>();
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(Filled(Megabyte / 2, i), [], 0));
            held.Add(rig.Take(subscription));
        }

        Assert.True(rig.Segments.Count > 1);
        Assert.InRange(rig.Budget.BytesUsed, 100L * Megabyte / 2, 200L * Megabyte);
        for (var i = 0; i < 100; i++)
            Assert.True(held[i].Payload.IndexOfAnyExcept((byte)i) < 0);
        held.ForEach(m => m.Dispose());
    }

    [Fact]
    public void Steady_traffic_stays_in_one_segment()
    {
        using var rig = new SharedMemoryRig();
        var subscription = rig.Subscribe();
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(new byte[100_000], [], 0));
            rig.Take(subscription).Dispose();
        }

        Assert.Single(rig.Segments);
    }

    [Fact]
    public void Idle_segments_are_given_back_and_come_again_when_needed()
    {
        using var rig = new SharedMemoryRig();
        var subscription = rig.Subscribe();
        Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(new byte[10_000], [], 0));
        Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(new byte[20 * Megabyte], [], 0));
        Assert.Equal(2, rig.Segments.Count);

        var small = rig.Take(subscription);
        rig.Take(subscription).Dispose();
        rig.SharedMemoryPublisher.TrimIdleSegments(); // used since the last look
        Assert.Equal(2, rig.Segments.Count);
        rig.SharedMemoryPublisher.TrimIdleSegments();
        Assert.Single(rig.Segments); // the one that holds a sample stays
        small.Dispose();
        rig.SharedMemoryPublisher.TrimIdleSegments();
        Assert.Empty(rig.Segments);
        Assert.Equal(0, rig.Budget.BytesUsed);

        Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(new byte[10_000], [], 0));
        Assert.Equal(10_000, rig.Take(subscription).Payload.Length);
    }

    [Fact]
    public void At_the_bound_the_oldest_undelivered_messages_give_way_and_are_counted()
    {
        using var rig = new SharedMemoryRig(poolBytesMax: 10 * Megabyte);
        var subscription = rig.Subscribe(queueSize: 100);
        for (var i = 0; i < 50; i++)
            Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(Filled(Megabyte, i), [], 0));

        Assert.InRange(rig.Budget.BytesUsed, 5 * Megabyte, 10 * Megabyte);
        Assert.True(rig.Publisher.TryGetCounters(1, out var counters));
        Assert.Equal(50UL, counters.Sent);
        Assert.Equal(50UL, counters.DroppedPool + counters.Queued);
        Assert.InRange(counters.Queued, 5UL, 9UL);
        for (var i = 50 - (int)counters.Queued; i < 50; i++)
        {
            using var message = rig.Take(subscription);
            Assert.True(message.Payload.IndexOfAnyExcept((byte)i) < 0);
        }
    }

    [Fact]
    public void At_the_bound_with_everything_held_the_pool_is_exhausted_until_something_is_returned()
    {
        using var rig = new SharedMemoryRig(poolBytesMax: 3 * Megabyte);
        var subscription = rig.Subscribe(queueSize: 10);
        Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(new byte[Megabyte], [], 0));
        Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(new byte[Megabyte], [], 0));
        var first = rig.Take(subscription);
        var second = rig.Take(subscription);

        Assert.Equal(SendStatus.PoolExhausted, rig.Publisher.TrySend(new byte[Megabyte], [], 0));
        Assert.Equal(SendStatus.PoolExhausted, rig.Publisher.TryLoan(Megabyte, 0, out _));
        Assert.False(rig.Publisher.WaitForSpace(TimeSpan.FromMilliseconds(5)));
        Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(new byte[80], [], 0)); // what fits a cell needs no pool
        first.Dispose();
        Assert.True(rig.Publisher.WaitForSpace(PubSubRig.Patience));
        Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(new byte[Megabyte], [], 0));
        second.Dispose();
    }

    [Fact]
    public void With_back_pressure_the_bound_loses_nothing()
    {
        using var rig = new SharedMemoryRig(poolBytesMax: 3 * Megabyte);
        var subscription = rig.Subscribe(queueSize: 10, OverflowPolicy.BackPressure);
        Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(new byte[Megabyte], [], 0));
        Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(new byte[Megabyte], [], 0));
        Assert.Equal(SendStatus.PoolExhausted, rig.Publisher.TrySend(new byte[Megabyte], [], 0));
        rig.Take(subscription).Dispose();
        Assert.True(rig.Publisher.WaitForSpace(PubSubRig.Patience));
        Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(new byte[Megabyte], [], 0));
        Assert.True(rig.Publisher.TryGetCounters(1, out var counters));
        Assert.Equal(0UL, counters.Dropped);
    }

    [Fact]
    public void At_the_bound_idle_segments_of_another_size_make_room()
    {
        using var rig = new SharedMemoryRig(poolBytesMax: 10 * Megabyte);
        var subscription = rig.Subscribe();
        Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(new byte[6 * Megabyte], [], 0));
        rig.Take(subscription).Dispose();
        Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(new byte[8 * Megabyte], [], 0));
        Assert.Equal(8 * Megabyte, rig.Take(subscription).Payload.Length);
        Assert.Equal(SendStatus.TooLarge, rig.Publisher.TrySend(new byte[10 * Megabyte], [], 0));
    }

    [Fact]
    public void At_the_bound_another_outputs_idle_segments_make_room()
    {
        using var rig = new SharedMemoryRig(poolBytesMax: 10 * Megabyte);
        var retired = new List<uint>();
        using var other = new SharedMemoryPublisher(new LocalSegmentSource(() => 77, (_, fd) => fd.Dispose(), retired.Add), rig.Budget);
        Assert.Equal(SendStatus.Sent, other.TryLoan(6 * Megabyte, 0, out var loan));
        var subscription = rig.Subscribe();
        Assert.Equal(SendStatus.PoolExhausted, rig.Publisher.TrySend(new byte[6 * Megabyte], [], 0));
        loan.Dispose();
        Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(new byte[6 * Megabyte], [], 0));
        Assert.Equal([77U], retired);
        rig.Take(subscription).Dispose();
    }

    [Fact]
    public void A_refused_segment_is_an_exhausted_pool()
    {
        using var publisher = new SharedMemoryPublisher(new RefusingSource(), new PoolBudget(1 << 30));
        Assert.Equal(SendStatus.PoolExhausted, publisher.TryLoan(1000, 0, out _));
        Assert.False(publisher.WaitForSpace(TimeSpan.FromMilliseconds(2)));
    }

    [Fact]
    public void One_gibibyte_goes_through()
    {
        const int Gibibyte = 1 << 30;
        using var rig = new SharedMemoryRig();
        var subscription = rig.Subscribe();
        Assert.Equal(SendStatus.Sent, rig.Publisher.TryLoan(Gibibyte, 100, out var loan));
        loan.Payload[0] = 1;
        loan.Payload[^1] = 2;
        loan.Payload[Gibibyte / 2] = 3;
        loan.Metadata.Fill(4);
        Assert.Equal(SendStatus.Sent, rig.Publisher.TryCommit(ref loan, Gibibyte, 100, 0));
        using var message = rig.Take(subscription);
        Assert.Equal(Gibibyte, message.Payload.Length);
        Assert.Equal((1, 2, 3, 0), (message.Payload[0], message.Payload[^1], message.Payload[Gibibyte / 2], message.Payload[12345]));
        Assert.Equal(Gibibyte, message.PayloadMemory.Length);
        Assert.Equal(100, message.Metadata.Length);
    }

    [Fact]
    public void A_subscriber_that_dies_holding_samples_returns_its_slots()
    {
        using var rig = new SharedMemoryRig(poolBytesMax: 5 * Megabyte);
        for (var round = 0; round < 100; round++)
        {
            var subscription = rig.Subscribe(queueSize: 10);
            for (var i = 0; i < 4; i++)
                Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(new byte[Megabyte], [], 0));
            _ = rig.Take(subscription); // held, never returned
            _ = rig.Take(subscription);
            rig.Publisher.CloseEdge(subscription.EdgeId, "killed"); // two held, two queued
            Assert.True(rig.Publisher.TryGetCounters(subscription.EdgeId, out _) is false);
        }

        rig.SharedMemoryPublisher.TrimIdleSegments();
        rig.SharedMemoryPublisher.TrimIdleSegments();
        Assert.Equal(0, rig.Budget.BytesUsed);
    }

    [Fact]
    public void More_than_64_subscribers_hold_the_same_slot()
    {
        using var rig = new SharedMemoryRig();
        var subscriptions = Enumerable.Range(0, 150).Select(_ => rig.Subscribe()).ToArray();
        Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(Filled(1000, 9), [], 0));
        var messages = subscriptions.Select(rig.Take).ToArray();
        for (var i = 0; i < 150; i++)
        {
            Assert.True(messages[i].Payload.IndexOfAnyExcept((byte)9) < 0);
            rig.SharedMemoryPublisher.TrimIdleSegments();
            Assert.Single(rig.Segments);
            messages[i].Dispose();
        }

        rig.SharedMemoryPublisher.TrimIdleSegments();
        Assert.Empty(rig.Segments);
    }

    [Fact]
    public void A_subscriber_that_holds_on_to_samples_loses_new_ones_before_the_return_ring_can_overflow()
    {
        using var rig = new SharedMemoryRig();
        var subscription = rig.Subscribe(queueSize: 2);
        var held = new List<Message>();
        ulong received = 0;
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(new byte[200], [], 0));
            if (subscription.TryTake(out var message))
            {
                held.Add(message);
                received++;
            }
        }

        Assert.True(rig.Publisher.TryGetCounters(1, out var counters));
        Assert.Equal((48UL, 52UL), (received, counters.DroppedFull)); // three quarters of 64
        Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(new byte[10], [], 0)); // inline needs no slot
        rig.Take(subscription).Dispose();
        held.ForEach(m => m.Dispose());
        Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(new byte[200], [], 0));
        rig.Take(subscription).Dispose();
        Assert.Empty(rig.Faults);
    }

    [Fact]
    public void Segments_that_arrive_late_are_fetched_when_a_message_needs_them()
    {
        using var rig = new SharedMemoryRig { AreSegmentsLate = true };
        var subscription = rig.Subscribe();
        for (var size = 1000; size < 10_000_000; size *= 7)
        {
            Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(Filled(size, 3), [], 0));
            using var message = rig.Take(subscription);
            Assert.True(message.Payload.IndexOfAnyExcept((byte)3) < 0);
            Assert.Equal(size, message.Payload.Length);
        }
    }

    [Fact]
    public void A_closed_edge_keeps_its_segments_until_all_is_taken()
    {
        using var rig = new SharedMemoryRig();
        var subscription = rig.SubscribeShared();
        Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(Filled(1000, 5), [], 0));
        subscription.Close("its publisher ended");
        foreach (var id in rig.Segments.Keys)
            subscription.RemoveSegment(id);
        using var message = rig.Take(subscription);
        Assert.True(message.Payload.IndexOfAnyExcept((byte)5) < 0);
    }

    [Fact]
    public void Counters_can_be_read_from_the_memory_alone()
    {
        using var rig = new SharedMemoryRig();
        var subscription = rig.Subscribe(queueSize: 4);
        for (var i = 0; i < 10; i++)
            Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(new byte[200], [], 1));
        rig.Take(subscription).Dispose();
        Assert.True(rig.Publisher.TryGetCounters(1, out var live));
        var memory = rig.EdgeMemoryOf(1);

        rig.Publisher.Dispose();
        subscription.Dispose(); // both ends are gone

        var counters = Dora.SharedMemory.EdgeMemory.ReadCounters(memory);
        Assert.Equal(live, counters);
        Assert.Equal((10UL, 2000UL, 1UL, 6UL, 3UL), (counters.Sent, counters.SentBytes, counters.Received, counters.Dropped, counters.Queued));
        Assert.True(counters.AgeP99Ns > 0);
    }

    [Fact]
    public void Every_message_of_a_queue_has_its_age_counted_though_the_clock_is_not_read_for_each()
    {
        const ulong Hour = 3_600_000_000_000;
        using var rig = new SharedMemoryRig();
        var subscription = rig.Subscribe(queueSize: 100);
        var now = (ulong)Dora.Platform.Synchronization.Clocks.UnixNs;
        for (var i = 0UL; i < 100; i++)
            Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend([1], [], now - (i < 20 ? 10 * Hour / 4 : 3 * Hour / 4)));
        for (var i = 0; i < 100; i++)
            rig.Take(subscription).Dispose();

        using var edge = new EdgePoker(rig.EdgeMemoryOf(subscription.EdgeId));
        var ages = Enumerable.Range(0, EdgeLayout.AgeBucketCount).Select(i => edge.Word(EdgeLayout.AgeBuckets + (i * 8))).ToArray();
        var (old, young) = (AgeHistogram.BucketOf(10 * Hour / 4), AgeHistogram.BucketOf(3 * Hour / 4));
        Assert.Equal((20UL, 80UL), (ages[old] + ages[old + 1], ages[young] + ages[young + 1])); // the test takes a moment itself
    }

    [Theory]
    [InlineData(0, 16)] // the first line of the cell to its last byte
    [InlineData(0, 17)]
    [InlineData(0, 80)]
    [InlineData(9, 7)]
    [InlineData(9, 8)]
    [InlineData(40, 40)]
    [InlineData(80, 0)]
    public void Messages_in_the_cell_arrive_whole_and_aligned(int metadataBytes, int payloadBytes)
    {
        using var rig = new SharedMemoryRig();
        var subscription = rig.Subscribe(queueSize: 4);
        for (var i = 1; i <= 20; i++)
        {
            Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(Filled(payloadBytes, i), Filled(metadataBytes, 100 + i), 0));
            using var message = rig.Take(subscription);
            Assert.Equal(Filled(payloadBytes, i), message.Payload);
            Assert.Equal(Filled(metadataBytes, 100 + i), message.Metadata);
            using var pin = message.PayloadMemory.Pin();
            unsafe
            {
                Assert.Equal(0, (nint)pin.Pointer % 64);
            }
        }
    }

    [Fact]
    public void A_loan_outlives_its_publisher()
    {
        using var rig = new SharedMemoryRig();
        Assert.Equal(SendStatus.Sent, rig.Publisher.TryLoan(1000, 0, out var loan));
        rig.Publisher.Dispose();
        loan.Payload.Fill(1); // still mapped
        Assert.NotEqual(0, rig.Budget.BytesUsed);
        Assert.Equal(SendStatus.Closed, rig.Publisher.TryCommit(ref loan, 1000, 0, 0));
        Assert.Equal(0, rig.Budget.BytesUsed);
    }

    private static byte[] Filled(int size, int value)
    {
        var bytes = new byte[size];
        Array.Fill(bytes, (byte)value);
        return bytes;
    }

    private sealed class RefusingSource : ISegmentSource
    {
        public Dora.SharedMemory.WritableSegment? Request(long slotBytes, int slotCount) => null;

        public void Retire(uint segmentId)
        {
        }
    }
}
