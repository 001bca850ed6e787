// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;
using Dora.SharedMemory;
using Dora.Testing.PubSub;

namespace Dora.UnitTests.Middleware;

/// <summary>One lie at a time, in every field that a peer can write: the edge is cut off with a reason, the other edge goes on.</summary>
public sealed class CorruptEdgeTests : IDisposable
{
    private readonly SharedMemoryRig _rig = new();
    private readonly Subscription _subscription;
    private readonly Subscription _other;
    private readonly EdgePoker _edge;

    public CorruptEdgeTests()
    {
        _subscription = _rig.Subscribe(queueSize: 4);
        _other = _rig.Subscribe(queueSize: 4);
        _edge = new EdgePoker(_rig.EdgeMemoryOf(_subscription.EdgeId));
    }

    public void Dispose()
    {
        _edge.Dispose();
        _rig.Dispose();
    }

    public static TheoryData<string, string> CellLies => new()
    {
        { "sequence 0", "message 0 after message 0" },
        { "flags", "unknown flags 0x80000001" },
        { "inline payload", "inline message of 3 + 78 bytes" },
        { "inline payload huge", "inline message" },
        { "inline metadata huge", "inline message" },
        { "segment", "segment 99, which does not exist" },
        { "slot", "slot 100000 of segment" },
        { "slot -2", "slot 4294967294 of segment" },
        { "payload length", "payload of" },
        { "payload length huge", "payload of 18446744073709551615 bytes" },
        { "payload offset huge", "payload of" },
        { "payload offset odd", "metadata of" },
        { "payload offset in header", "metadata of" },
        { "metadata length", "metadata of 200 bytes" },
        { "metadata length huge", "metadata of 4294967295 bytes" },
        { "generation", "is of generation 1, the message says 2" },
    };

    [Theory]
    [MemberData(nameof(CellLies))]
    public void A_lie_in_a_cell_poisons_the_subscription(string lie, string reason)
    {
        Send(lie.StartsWith("inline", StringComparison.Ordinal) ? 10 : 1000);
        ref var cell = ref _edge.Cell(0);
        switch (lie)
        {
            case "sequence 0": cell.Sequence = 0; break;
            case "flags": cell.Flags = 0x8000_0001; break;
            case "inline payload": cell.PayloadLength = 78; break;
            case "inline payload huge": cell.PayloadLength = ulong.MaxValue; break;
            case "inline metadata huge": cell.MetadataLength = uint.MaxValue; break;
            case "segment": cell.Segment = 99; break;
            case "slot": cell.Slot = 100_000; break;
            case "slot -2": cell.Slot = uint.MaxValue - 1; break;
            case "payload length": cell.PayloadLength = 4096 - 255; break;
            case "payload length huge": cell.PayloadLength = ulong.MaxValue; break;
            case "payload offset huge": cell.PayloadOffset = uint.MaxValue; break;
            case "payload offset odd": cell.PayloadOffset += 1; break;
            case "payload offset in header": cell.PayloadOffset = 0; break;
            case "metadata length": cell.MetadataLength = 200; break;
            case "metadata length huge": cell.MetadataLength = uint.MaxValue; break;
            case "generation": cell.Generation = 2; break;
            default: throw new ArgumentException(lie);
        }

        AssertPoisoned(reason);
    }

    [Theory]
    [InlineData(EdgeLayout.Tail, 6UL, "queue of 6 messages")] // more than the ring holds
    [InlineData(EdgeLayout.Tail, ulong.MaxValue, "queue of")]
    [InlineData(EdgeLayout.Head, 2UL, "queue of 18446744073709551615 messages")] // beyond the tail
    [InlineData(EdgeLayout.Head, ulong.MaxValue, "")]
    public void A_lie_about_a_position_poisons_the_subscription(int offset, ulong value, string reason)
    {
        Send(10);
        _edge.Word(offset) = value;
        AssertPoisoned(reason);
    }

    [Fact]
    public void A_queue_that_goes_back_poisons_the_subscription()
    {
        Send(10);
        Send(10);
        _rig.Take(_subscription).Dispose();
        _edge.Word(EdgeLayout.Head) = 0;
        AssertPoisoned("queue went back");
    }

    [Fact]
    public void A_replayed_message_poisons_the_subscription()
    {
        Send(10);
        _rig.Take(_subscription).Dispose();
        _edge.Cell(1) = _edge.Cell(0);
        _edge.Word(EdgeLayout.Tail) = 2;
        AssertPoisoned("message 1 after message 1");
    }

    [Theory]
    [InlineData(200UL)] // beyond every tail of this test
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    public void A_lie_about_the_head_costs_the_subscriber_its_edge(ulong head)
    {
        Send(10);
        _edge.Word(EdgeLayout.Head) = head;
        AssertCutOff("queue head");
    }

    [Fact]
    public void A_head_that_goes_back_costs_the_subscriber_its_edge()
    {
        for (var i = 0; i < 8; i++)
            Send(10); // the publisher has taken back four
        _edge.Word(EdgeLayout.Head) = 2;
        AssertCutOff("queue head 2 is not between 4 and 8");
    }

    [Theory]
    [InlineData(2UL, 0UL, "claims 2 slots, 1 are out")]
    [InlineData(ulong.MaxValue, 0UL, "claims")]
    [InlineData(1UL, 0UL, "slot 0 of segment 0")]
    [InlineData(1UL, 0xFFFF_FFFF_FFFF_FFFF, "slot 4294967295")]
    [InlineData(1UL, 0x0000_0001_0000_0001, "slot 1 of segment 1, which it does not hold")]
    [InlineData(1UL, 0x0000_0001_FFFF_FFFF, "slot 4294967295 of segment 1")]
    public void A_lie_in_the_return_ring_costs_the_subscriber_its_edge(ulong returnTail, ulong entry, string reason)
    {
        Send(1000);
        _rig.Take(_other).Dispose();
        _edge.Return(0) = entry;
        _edge.Word(EdgeLayout.ReturnTail) = returnTail;
        AssertCutOff(reason);
    }

    [Fact]
    public void Returning_a_slot_twice_costs_the_subscriber_its_edge()
    {
        Send(1000);
        Send(1000);
        _rig.Take(_subscription).Dispose();
        _edge.Return(1) = _edge.Return(0);
        _edge.Word(EdgeLayout.ReturnTail) = 2;
        AssertCutOff("which it does not hold");
    }

    [Fact]
    public void Returning_a_message_before_taking_it_costs_the_subscriber_its_edge()
    {
        for (var i = 0; i < 4; i++)
            Send(1000);
        _edge.Return(0) = 0x0000_0001_0000_0000; // slot 0 of segment 1 still waits in the queue
        _edge.Word(EdgeLayout.ReturnTail) = 1;
        AssertCutOff("before taking it");
    }

    [Fact]
    public void What_the_cut_off_subscriber_held_is_free_again()
    {
        Send(1000);
        Send(1000);
        _ = _rig.Take(_subscription);
        _edge.Word(EdgeLayout.ReturnTail) = 77;
        AssertCutOff("claims");
        while (_other.TryTake(out var message))
            message.Dispose();
        _rig.SharedMemoryPublisher.TrimIdleSegments();
        _rig.SharedMemoryPublisher.TrimIdleSegments();
        Assert.Empty(_rig.Segments);
    }

    [Fact]
    public void Nonsense_in_the_wake_up_words_and_counters_changes_nothing()
    {
        foreach (var offset in (int[])[EdgeLayout.SenderWaiting, EdgeLayout.Sent, EdgeLayout.DroppedPool, EdgeLayout.Received, EdgeLayout.AgeBuckets])
            _edge.Word(offset) = ulong.MaxValue;
        Send(1000);
        _rig.Take(_subscription).Dispose();
        Assert.True(_rig.Publisher.TryGetCounters(_subscription.EdgeId, out var counters));
        Assert.Equal(1UL, counters.Sent);
        _ = EdgeMemory.ReadCounters(_rig.EdgeMemoryOf(_subscription.EdgeId));
        Assert.Empty(_rig.Faults);
    }

    private void Send(int size) => Assert.Equal(SendStatus.Sent, _rig.Publisher.TrySend(new byte[size], [1, 2, 3], 0));

    private void AssertPoisoned(string reason)
    {
        Assert.False(_subscription.TryTake(out _));
        Assert.True(_subscription.IsPoisoned);
        Assert.Contains(reason, _subscription.PoisonReason, StringComparison.Ordinal);
        Assert.True(_subscription.IsDrained);
        Assert.False(_subscription.HasData);
        Assert.False(_subscription.TryTake(out _));
        Assert.True(_other.TryTake(out var message)); // the other edge is well
        message.Dispose();
    }

    private void AssertCutOff(string reason)
    {
        _rig.SharedMemoryPublisher.TrimIdleSegments(); // reads the return rings
        for (var i = 0; i < 20 && _rig.Faults.Count == 0; i++)
        {
            Send(1000); // reads the head where the queue is full
            TakeAllOfTheOther();
        }

        TakeAllOfTheOther();
        Assert.Equal([_subscription.EdgeId], _rig.Faults.Keys);
        Assert.Contains(reason, _rig.Faults[_subscription.EdgeId], StringComparison.Ordinal);
        Assert.Equal(1, _rig.Publisher.EdgeCount);
        Send(10);
        Assert.Equal(10, _rig.Take(_other).Payload.Length);
    }

    private void TakeAllOfTheOther()
    {
        while (_other.TryTake(out var message))
            message.Dispose();
    }
}
