// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;
using Dora.SharedMemory;

namespace Dora.UnitTests.Middleware;

/// <summary>A message for which the system has no memory: wait while some can come back, say so when none can.</summary>
public sealed class OutOfMemoryTests : IDisposable
{
    private const int Megabyte = 1 << 20;

    private readonly PoolBudget _budget = new(1L << 30);
    private readonly Source _source = new();
    private readonly List<SharedMemoryPublisher> _publishers = [];

    public void Dispose() => _publishers.ForEach(publisher => publisher.Dispose());

    [Fact]
    public void Fault_12_a_message_larger_than_all_there_can_be_is_not_waited_for()
    {
        _source.Refuses = true;
        var publisher = Create(systemBytesLeft: Megabyte);

        Assert.Equal(SendStatus.OutOfMemory, publisher.TryLoan(10 * Megabyte, 0, out _));
        Assert.Equal(SendStatus.OutOfMemory, publisher.TryLoan(10 * Megabyte, 0, out _)); // without asking again so soon
        Assert.Equal(1, _source.Refusals);
        Assert.Equal(SendStatus.PoolExhausted, publisher.TryLoan(1000, 0, out _)); // another size, another question
        Assert.Equal(0, _budget.BytesUsed);
    }

    [Fact]
    public void Fault_12_memory_that_others_have_just_taken_is_waited_for()
    {
        _source.Refuses = true;

        Assert.Equal(SendStatus.PoolExhausted, Create(systemBytesLeft: 20 * Megabyte).TryLoan(10 * Megabyte, 0, out _));
    }

    [Fact]
    public void Fault_12_memory_that_the_node_itself_holds_or_gave_back_just_now_is_waited_for()
    {
        var holder = Create(systemBytesLeft: 0);
        Assert.Equal(SendStatus.Sent, holder.TryLoan(10 * Megabyte, 0, out var loan));
        _source.Refuses = true;
        Assert.Equal(SendStatus.PoolExhausted, Create(systemBytesLeft: 5 * Megabyte).TryLoan(12 * Megabyte, 0, out _));
        Assert.Equal(SendStatus.OutOfMemory, Create(systemBytesLeft: 5 * Megabyte).TryLoan(30 * Megabyte, 0, out _));

        loan.Dispose();
        Assert.Equal(SendStatus.PoolExhausted, Create(systemBytesLeft: 5 * Megabyte).TryLoan(30 * Megabyte, 0, out _)); // retires, then asks
        Assert.Equal(0, _budget.BytesUsed);
    }

    private SharedMemoryPublisher Create(long systemBytesLeft)
    {
        var publisher = new SharedMemoryPublisher(_source, _budget) { SystemBytesLeft = () => systemBytesLeft };
        _publishers.Add(publisher);
        return publisher;
    }

    private sealed class Source : ISegmentSource
    {
        private readonly LocalSegmentSource _memory = new(static () => 1, static (_, memory) => memory.Dispose(), static _ => { });

        public bool Refuses { get; set; }

        public int Refusals { get; private set; }

        public WritableSegment? Request(long slotBytes, int slotCount)
        {
            if (!Refuses)
                return _memory.Request(slotBytes, slotCount);
            Refusals++;
            return null;
        }

        public void Retire(uint segmentId)
        {
        }
    }
}
