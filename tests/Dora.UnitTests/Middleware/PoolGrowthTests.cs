// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;
using Dora.SharedMemory;
using Dora.Testing.PubSub;

namespace Dora.UnitTests.Middleware;

/// <summary>How much memory a publisher takes for what is in use, and that messages don't fault pages in.</summary>
public sealed class PoolGrowthTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_pool_never_takes_more_than_twice_the_slots_in_use_and_a_first_segment_of_each_size(int seed)
    {
        int[] sizes = [200, 5_000, 70_000, 300_000, 1_500_000, 6_200_000];
        var random = new Random(seed);
        using var rig = new SharedMemoryRig();
        rig.Subscribe(queueSize: 1000, OverflowPolicy.BackPressure);
        var subscription = rig.Subscribe(queueSize: 1000, OverflowPolicy.BackPressure);
        var (live, liveMost, firstSegments) = (new Dictionary<long, int>(), new Dictionary<long, int>(), 0L);
        for (var i = 0; i < 300; i++)
        {
            var size = sizes[random.Next(sizes.Length)];
            if (random.Next(20) == 0)
                size = sizes[0];
            Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(new byte[size], [], 1));
            var slotBytes = SlotSizes.ClassFor(SegmentLayout.SlotBytesFor(size, 0));
            var inUse = live[slotBytes] = live.GetValueOrDefault(slotBytes) + 1; // the first subscriber keeps everything
            if (liveMost.GetValueOrDefault(slotBytes) == 0)
                firstSegments += SegmentMemory.TotalBytes(slotBytes, SlotSizes.CountFor(slotBytes, 0));
            liveMost[slotBytes] = inUse;
            if (subscription.TryTake(out var message))
                message.Dispose();
            var bytesInUse = live.Sum(entry => entry.Key * entry.Value);
            Assert.True(
                rig.Budget.BytesUsed <= (2 * bytesInUse) + firstSegments,
                $"{rig.Budget.BytesUsed} bytes for {bytesInUse} in use after message {i}");
            if (bytesInUse > 60 << 20)
                break;
        }
    }

    [Fact]
    public void A_slot_is_at_most_twice_its_message_from_4_KiB_on_and_a_quarter_larger_from_1_MiB_on()
    {
        for (long bytes = 4 << 10; bytes < 1 << 30; bytes += (bytes / 7) + 1)
        {
            var slot = SlotSizes.ClassFor(SegmentLayout.SlotBytesFor(bytes, 0));
            var most = (bytes <= 1 << 20 ? 2 * bytes : bytes + (bytes / 4)) + (2 * SegmentLayout.PageBytes);
            Assert.True(slot <= most, $"{slot} bytes for a message of {bytes}");
        }
    }

    [Theory]
    [InlineData(64 << 10)]
    [InlineData(4 << 20)]
    public void Messages_fault_no_pages_in_once_the_pool_has_grown(int payloadBytes)
    {
        // Publisher and subscriber take turns on this thread, so its own count is both of theirs, without that of the other tests.
        const int Messages = 2_000;
        var payload = new byte[payloadBytes];
        using var rig = new SharedMemoryRig();
        var subscription = rig.Subscribe(queueSize: 2);
        for (var i = 0; i < 200; i++)
            Exchange();
        var before = ThreadFaults();
        for (var i = 0; i < Messages; i++)
            Exchange();

        // A fresh or unpopulated page for every message would be Messages × payload pages. What is allowed: the runtime may compile this loop
        // anew in the middle of it, which touches new code and data pages of its own.
        Assert.InRange(ThreadFaults() - before, 0, 64);

        void Exchange()
        {
            rig.Publisher.TryLoan(payload.Length, 0, out var loan);
            loan.Payload[0] = 1;
            loan.Payload[^1] = 2;
            rig.Publisher.TryCommit(ref loan, payload.Length, 0, 1);
            if (!subscription.TryTake(out var message) || message.Payload[0] + message.Payload[^1] != 3) // an assertion would allocate: fresh pages
                throw new InvalidOperationException("the message did not arrive");
            message.Dispose();
        }
    }

    /// <summary>Minor page faults of this thread so far.</summary>
    private static long ThreadFaults()
    {
        // Field 10 of the line, counted after the name in parentheses, which may hold spaces.
        var line = File.ReadAllText("/proc/thread-self/stat");
        return long.Parse(line[(line.LastIndexOf(')') + 2)..].Split(' ')[7], System.Globalization.CultureInfo.InvariantCulture);
    }
}
