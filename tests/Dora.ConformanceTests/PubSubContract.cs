// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using Dora.Middleware;
using Dora.SharedMemory;
using Dora.Testing.PubSub;

namespace Dora.ConformanceTests;

/// <summary>What every transport promises about one publisher and its subscribers.</summary>
public abstract partial class PubSubContract : IDisposable
{
    private readonly PubSubRig _rig;

    protected PubSubContract(PubSubRig rig) => _rig = rig;

    private Publisher Publisher => _rig.Publisher;

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    public static TheoryData<int> Sizes => [0, 1, 79, EdgeMemory.InlineBytes, EdgeMemory.InlineBytes + 1, 4 << 10, 1 << 20, 64 << 20];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_copied_message_arrives_whole_with_its_header(int size)
    {
        var subscription = _rig.Subscribe();
        var payload = Pattern(size, seed: 1);

        Assert.Equal(SendStatus.Sent, Publisher.TrySend(payload, [1, 2, 3], timestampNs: 77, MessageFlags.Correlated));

        using var message = _rig.Take(subscription);
        Assert.True(payload.AsSpan().SequenceEqual(message.Payload));
        Assert.Equal([1, 2, 3], message.Metadata.ToArray());
        Assert.Equal((1UL, 77UL, MessageFlags.Correlated), (message.Sequence, message.TimestampNs, message.Flags));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_loaned_message_arrives_whole(int size)
    {
        var subscription = _rig.Subscribe();
        var payload = Pattern(size, seed: 2);

        Assert.Equal(SendStatus.Sent, Publisher.TryLoan(size, 5, out var loan));
        Assert.Equal((size, 5), (loan.Payload.Length, loan.Metadata.Length));
        payload.CopyTo(loan.Payload);
        loan.Metadata.Fill(9);
        Assert.Equal(SendStatus.Sent, Publisher.TryCommit(ref loan, size, 3, timestampNs: 5));
        Assert.False(loan.IsActive);

        using var message = _rig.Take(subscription);
        Assert.True(payload.AsSpan().SequenceEqual(message.PayloadMemory.Span));
        Assert.Equal([9, 9, 9], message.MetadataMemory.ToArray());
    }

    [Fact]
    public void A_loan_may_be_committed_shorter_than_it_was_taken()
    {
        var subscription = _rig.Subscribe();
        Assert.Equal(SendStatus.Sent, Publisher.TryLoan(10_000, 1_000, out var loan));
        loan.Payload[..300].Fill(4);
        Assert.Equal(SendStatus.Sent, Publisher.TryCommit(ref loan, 300, 0, 0));

        using var message = _rig.Take(subscription);
        Assert.Equal(300, message.Payload.Length);
        Assert.True(message.Payload.IndexOfAnyExcept((byte)4) < 0);
        Assert.True(message.Metadata.IsEmpty);
    }

    [Theory]
    [InlineData(8, 0)]
    [InlineData(8, 13)]
    [InlineData(1000, 0)]
    [InlineData(1000, 13)]
    [InlineData(1000, 128)]
    [InlineData(1_000_000, 129)]
    public unsafe void Payloads_are_aligned_for_Arrow_and_can_be_pinned(int size, int metadataSize)
    {
        var subscription = _rig.Subscribe();
        Assert.Equal(SendStatus.Sent, Publisher.TryLoan(size, metadataSize, out var loan));
        fixed (byte* lent = loan.Payload)
            Assert.Equal(0, (nint)lent % 64);
        Assert.Equal(SendStatus.Sent, Publisher.TryCommit(ref loan, size, metadataSize, 0));

        using var message = _rig.Take(subscription);
        fixed (byte* received = message.Payload)
        {
            Assert.Equal(0, (nint)received % 64);
            using var pin = message.PayloadMemory.Pin();
            Assert.Equal((nint)received, (nint)pin.Pointer);
            using var inner = message.PayloadMemory[5..].Pin();
            Assert.Equal((nint)received + 5, (nint)inner.Pointer);
        }
    }

    [Fact]
    public void A_stale_copy_of_a_loan_is_recognised()
    {
        _rig.Subscribe();
        Assert.Equal(SendStatus.Sent, Publisher.TryLoan(1000, 0, out var loan));
        var copy = loan;
        Assert.Equal(SendStatus.Sent, Publisher.TryCommit(ref loan, 1000, 0, 0));

        var threw = false;
        try
        {
            Publisher.TryCommit(ref copy, 1000, 0, 0);
        }
        catch (ObjectDisposedException)
        {
            threw = true;
        }

        Assert.True(threw);
        copy.Dispose(); // and this gives nothing back twice
        Assert.Equal(1UL, CountersOf(1).Sent);
    }

    [Fact]
    public void A_loan_of_another_publisher_is_refused()
    {
        Assert.Equal(SendStatus.Sent, Publisher.TryLoan(10, 0, out var loan));
        using var other = new SharedMemoryRig();
        Assert.Equal("loan", Refused(ref loan, other.Publisher));
        loan.Dispose();

        static string? Refused(ref Loan loan, Publisher publisher)
        {
            try
            {
                publisher.TryCommit(ref loan, 1, 0, 0);
                return null;
            }
            catch (ArgumentException e)
            {
                return e.Message.Contains("another publisher", StringComparison.Ordinal) ? "loan" : e.Message;
            }
        }
    }

    [Fact]
    public void Sizes_beyond_the_limits_are_refused_and_negative_ones_are_bugs()
    {
        Assert.Equal(SendStatus.TooLarge, Publisher.TryLoan(Publisher.PayloadBytesMax + 1L, 0, out _));
        Assert.Equal(SendStatus.TooLarge, Publisher.TryLoan(long.MaxValue, 0, out _));
        Assert.Equal(SendStatus.TooLarge, Publisher.TryLoan(0, Publisher.MetadataBytesMax + 1, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => Publisher.TryLoan(-1, 0, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => Publisher.TryLoan(0, -1, out _));
    }

    [Fact]
    public void Messages_keep_their_order_without_gaps_or_duplicates()
    {
        const int Count = 20_000;
        var subscription = _rig.Subscribe(queueSize: 16, OverflowPolicy.BackPressure);
        var sender = Task.Factory.StartNew(() => SendNumbered(Count), TaskCreationOptions.LongRunning);

        for (var i = 0; i < Count; i++)
        {
            using var message = _rig.Take(subscription);
            Assert.Equal((ulong)i + 1, message.Sequence);
            Assert.Equal(i, ReadNumber(message));
        }

        Await(sender);
        Assert.Equal((Count, 0UL), ((int)CountersOf(1).Sent, CountersOf(1).Dropped));
    }

    [Fact]
    public void Several_sending_threads_interleave_without_loss()
    {
        const int Threads = 4;
        const int Count = 2_000;
        var subscription = _rig.Subscribe(queueSize: 8, OverflowPolicy.BackPressure);
        var senders = Enumerable.Range(0, Threads)
            .Select(_ => Task.Factory.StartNew(() => SendNumbered(Count), TaskCreationOptions.LongRunning))
            .ToArray();

        var sum = 0L;
        for (var i = 0; i < Threads * Count; i++)
        {
            using var message = _rig.Take(subscription);
            Assert.Equal((ulong)i + 1, message.Sequence);
            sum += ReadNumber(message);
        }

        Await(Task.WhenAll(senders));
        Assert.Equal(Threads * (Count * (Count - 1L) / 2), sum);
    }

    [Fact]
    public void Messages_may_be_held_and_returned_in_any_order_on_any_thread()
    {
        var subscription = _rig.Subscribe(queueSize: 10, OverflowPolicy.BackPressure);
        for (var round = 0; round < 50; round++)
        {
            var held = new List<Message>();
            for (var i = 0; i < 10; i++)
                Send(Pattern(500, i));
            for (var i = 0; i < 10; i++)
                held.Add(_rig.Take(subscription));
            for (var i = 0; i < 10; i++)
                Assert.True(Pattern(500, i).AsSpan().SequenceEqual(held[i].Payload));
            Parallel.ForEach(held.OrderBy(m => (m.Sequence * 7) % 11), m => m.Dispose());
        }
    }

    [Fact]
    public void A_returned_message_can_not_be_read_and_returning_twice_is_harmless()
    {
        var subscription = _rig.Subscribe();
        Assert.Equal(SendStatus.Sent, Publisher.TrySend(new byte[200], [], 0));
        Assert.Equal(SendStatus.Sent, Publisher.TrySend(new byte[200], [], 0));
        var first = _rig.Take(subscription);
        var copy = first;
        first.Dispose();
        Assert.False(copy.IsValid);
        Assert.Throws<ObjectDisposedException>(() => copy.Payload.Length);
        using var second = _rig.Take(subscription); // reuses the first one's storage
        copy.Dispose();
        Subscription.Return(copy);
        Assert.True(second.IsValid);
        Assert.Equal(200, second.Payload.Length);
    }

    [Fact]
    public void A_publisher_without_subscribers_sends_to_nobody()
    {
        Assert.Equal(SendStatus.Sent, Publisher.TrySend(new byte[1000], [], 0));
        Assert.Equal(SendStatus.Sent, Publisher.TrySend([], [], 0));
        Assert.Equal(SendStatus.Sent, Publisher.TryLoan(1000, 0, out var loan));
        Assert.Equal(SendStatus.Sent, Publisher.TryCommit(ref loan, 1000, 0, 0));
        Assert.True(Publisher.WaitForSpace(TimeSpan.Zero));
    }

    [Fact]
    public void A_late_subscriber_gets_the_messages_from_then_on()
    {
        Assert.Equal(SendStatus.Sent, Publisher.TrySend(Number(1), [], 0));
        var early = _rig.Subscribe();
        Assert.Equal(SendStatus.Sent, Publisher.TrySend(Number(2), [], 0));
        var late = _rig.Subscribe();
        Assert.Equal(SendStatus.Sent, Publisher.TrySend(Number(3), [], 0));

        Assert.Equal([2, 3], TakeNumbers(early, 2));
        Assert.Equal([3], TakeNumbers(late, 1));
    }

    [Fact]
    public void Disposing_the_publisher_leaves_queued_and_held_messages_readable()
    {
        var subscription = _rig.Subscribe();
        for (var i = 0; i < 3; i++)
            Assert.Equal(SendStatus.Sent, Publisher.TrySend(Pattern(100_000, i), [], 0));
        var held = _rig.Take(subscription);
        _rig.Settle(subscription);

        Publisher.Dispose();
        subscription.Close("publisher is gone");

        Assert.Equal(SendStatus.Closed, Publisher.TrySend([1], [], 0));
        Assert.Equal(SendStatus.Closed, Publisher.TryLoan(1, 0, out _));
        Assert.True(subscription.IsClosed);
        Assert.False(subscription.IsDrained);
        for (var i = 1; i < 3; i++)
        {
            using var message = _rig.Take(subscription);
            Assert.True(Pattern(100_000, i).AsSpan().SequenceEqual(message.Payload));
        }

        _rig.Settle(subscription);
        Assert.True(subscription.IsDrained);
        Assert.False(subscription.TryTake(out _));
        Assert.True(Pattern(100_000, 0).AsSpan().SequenceEqual(held.Payload));
        subscription.Dispose();
        Assert.True(Pattern(100_000, 0).AsSpan().SequenceEqual(held.Payload));
        held.Dispose();
    }

    [Fact]
    public void What_is_queued_when_the_publisher_is_disposed_is_still_taken()
    {
        var subscription = _rig.Subscribe();
        for (var i = 0; i < 5; i++)
            Assert.Equal(SendStatus.Sent, Publisher.TrySend(Number(i, 1000), [], 0));

        Publisher.Dispose();

        Assert.Equal([0, 1, 2, 3, 4], TakeNumbers(subscription, 5));
        subscription.Close("publisher is gone");
        Assert.True(subscription.IsDrained);
    }

    [Fact]
    public void Sending_and_receiving_allocate_nothing_in_steady_state()
    {
        var subscription = _rig.Subscribe();
        byte[] small = new byte[40], large = new byte[40_000], metadata = [1, 2, 3, 4];
        var (sent, received) = (0L, 0L);

        // A socket's sender may still be busy with a buffer whose message has arrived: from the start there are two of each size.
        foreach (var size in (int[])[40, 5_000, 40_000])
        {
            _ = Publisher.TryLoan(size, 10, out var first);
            _ = Publisher.TryLoan(size, 10, out var second);
            first.Dispose();
            second.Dispose();
        }

        for (var i = 0; i < 200; i++)
            Exchange();

        (sent, received) = (0L, 0L);
        for (var i = 0; i < 1000; i++)
            Exchange();

        Assert.Equal((0, 0), (sent, received));

        void Exchange()
        {
            var start = GC.GetAllocatedBytesForCurrentThread();
            _ = Publisher.TrySend(small, metadata, 0);
            _ = Publisher.TrySend(large, metadata, 0);
            _ = Publisher.TryLoan(5_000, 10, out var loan);
            loan.Payload[4_999] = 1;
            _ = Publisher.TryCommit(ref loan, 5_000, 10, 0);
            sent += GC.GetAllocatedBytesForCurrentThread() - start;
            _rig.Settle(subscription);

            start = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 3; i++)
            {
                using var message = _rig.Take(subscription);
                _ = message.Payload.Length + message.PayloadMemory.Length + message.MetadataMemory.Span.Length;
            }

            received += GC.GetAllocatedBytesForCurrentThread() - start;
        }
    }

    private void SendNumbered(int count)
    {
        for (var i = 0; i < count; i++)
        {
            // Every third message is too large for a cell, so both ways of travelling mix on one edge.
            Send(Number(i, i % 3 == 0 ? 200 : 4));
        }
    }

    private void Send(byte[] payload)
    {
        while (Publisher.TrySend(payload, [], 0) is var status && status != SendStatus.Sent)
        {
            Assert.Equal(SendStatus.BackPressured, status);
            Assert.True(Publisher.WaitForSpace(PubSubRig.Patience));
        }
    }

    private EdgeCounters CountersOf(uint edgeId)
    {
        Assert.True(Publisher.TryGetCounters(edgeId, out var counters));
        return counters;
    }

    private int[] TakeNumbers(Subscription subscription, int count)
    {
        var numbers = new int[count];
        for (var i = 0; i < count; i++)
        {
            using var message = _rig.Take(subscription);
            numbers[i] = ReadNumber(message);
        }

        return numbers;
    }

    private static byte[] Number(int number, int size = 4)
    {
        var payload = new byte[size];
        BinaryPrimitives.WriteInt32LittleEndian(payload, number);
        return payload;
    }

    private static int ReadNumber(in Message message) => BinaryPrimitives.ReadInt32LittleEndian(message.Payload);

    private static byte[] Pattern(int size, int seed)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static void Await(Task task) => Assert.True(task.Wait(PubSubRig.Patience), "the other side did not finish");

    private static bool Await(Task<bool> task)
    {
        Await((Task)task);
        return task.Result;
    }
}
