// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Net.Sockets;
using Dora.Middleware;
using Dora.Testing.PubSub;
using Dora.UnitTests.SharedMemory;

namespace Dora.UnitTests.Middleware;

public sealed class SocketEdgeTests : IDisposable
{
    private readonly SocketRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void The_header_is_the_one_in_the_format_document()
    {
        var header = new byte[FrameHeader.Bytes];
        new FrameHeader(0x0102030405060708, 0x1112131415161718, 0x21, 0x31, MessageFlags.Correlated).Write(header);
        var table = FormatDocument.Table("socket-edge.md", "Edges over stream sockets, version 1");
        Assert.Equal(FrameHeader.Bytes, table.Sum(row => int.Parse(row.Bytes)));
        Assert.Equal("DORM"u8, header.AsSpan(0, 4));
        Assert.Equal(0x31, header[Offset("MetadataLength")]);
        Assert.Equal(0x21, header[Offset("PayloadLength")]);
        Assert.Equal(0x08, header[Offset("Sequence")]);
        Assert.Equal(0x18, header[Offset("TimestampNs")]);
        Assert.Equal(0x01, header[Offset("Flags")]);

        int Offset(string field) => int.Parse(table.Single(row => row.Field == field).Offset);
    }

    [Theory]
    [InlineData(0, 0xFFu, "frame begins with")]
    [InlineData(4, (16u << 20) + 1, "message of 16777217 + 0 bytes")]
    [InlineData(12, 0xFFFF_FFFFu, "message of 0 +")]
    [InlineData(16, 0u, "message 0 after message 0")]
    [InlineData(32, 2u, "unknown flags 0x2")]
    public void A_frame_that_breaks_the_rules_ends_the_connection_before_anything_is_allocated(int offset, uint value, string reason)
    {
        var (subscription, socket) = _rig.PublishRaw();
        var frame = new byte[FrameHeader.Bytes];
        new FrameHeader(Sequence: 1, TimestampNs: 0, PayloadLength: 0, MetadataLength: 0, MessageFlags.None).Write(frame);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(offset), value);
        socket.Send(frame);

        PubSubRig.Until(() => subscription.IsPoisoned, "the subscription is poisoned");
        Assert.Contains(reason, subscription.PoisonReason, StringComparison.Ordinal);
        Assert.True(subscription.IsDrained);
        AssertEnds(socket);
    }

    [Fact]
    public void A_connection_that_ends_within_a_message_closes_the_subscription_after_the_whole_ones()
    {
        var (subscription, socket) = _rig.PublishRaw();
        var frame = new byte[FrameHeader.Bytes + 10];
        new FrameHeader(1, 0, PayloadLength: 10, 0, MessageFlags.None).Write(frame);
        socket.Send(frame);
        new FrameHeader(2, 0, PayloadLength: 1_000_000, 0, MessageFlags.None).Write(frame);
        socket.Send(frame);
        socket.Dispose();

        PubSubRig.Until(() => subscription.IsClosed, "the subscription is closed");
        Assert.False(subscription.IsPoisoned);
        Assert.False(subscription.IsDrained);
        Assert.True(subscription.TryTake(out var message));
        Assert.Equal(10, message.Payload.Length);
        Assert.True(subscription.IsDrained);
    }

    [Theory]
    [InlineData(0, 1UL, "report begins with")]
    [InlineData(8, 2UL, "report of 2 + 0 messages, 1 were sent")]
    [InlineData(8, ulong.MaxValue, "report of")]
    [InlineData(16, 1UL, "report of")]
    [InlineData(24, 2UL, "report of 0 + 2 messages")]
    [InlineData(32, 2UL, "report of 0 + 2 messages")]
    public void A_report_that_lies_costs_the_subscriber_its_edge(int offset, ulong value, string reason)
    {
        using var socket = _rig.SubscribeRaw();
        var healthy = _rig.Subscribe();
        Assert.Equal(SendStatus.Sent, _rig.Publisher.TrySend([1], [], 0));
        var report = new byte[DeliveryReport.Bytes];
        default(DeliveryReport).Write(report);
        BinaryPrimitives.WriteUInt64LittleEndian(report.AsSpan(offset), value);
        socket.Send(report);

        PubSubRig.Until(() => _rig.Faults.Count == 1, "the edge is cut off");
        Assert.Contains(reason, _rig.Faults[1000], StringComparison.Ordinal);
        Assert.Equal(SendStatus.Sent, _rig.Publisher.TrySend([2], [], 0));
        _rig.Take(healthy).Dispose();
        Assert.Equal(2, _rig.Take(healthy).Payload[0]);
    }

    [Fact]
    public void A_subscriber_that_does_not_read_holds_up_nobody()
    {
        using var silent = _rig.SubscribeRaw(queueSize: 3);
        var healthy = _rig.Subscribe(queueSize: 10, OverflowPolicy.BackPressure);
        var payload = new byte[100_000]; // soon more than any socket buffers
        for (var i = 0; i < 500; i++)
        {
            payload[0] = (byte)i;
            PubSubRig.Until(() => _rig.Publisher.TrySend(payload, [], 0) == SendStatus.Sent, "there is room");
            using var message = _rig.Take(healthy);
            Assert.Equal((byte)i, message.Payload[0]);
        }

        Assert.True(_rig.Publisher.TryGetCounters(1000, out var counters));
        Assert.Equal(500UL, counters.Sent);
        Assert.True(counters.DroppedOldest > 0);
    }

    [Fact]
    public void A_subscriber_that_goes_away_is_forgotten()
    {
        var socket = _rig.SubscribeRaw();
        socket.Dispose();
        PubSubRig.Until(() => _rig.Publisher.EdgeCount == 0, "the edge is gone");
        Assert.Empty(_rig.Faults);
    }

    [Fact]
    public void A_pool_at_its_bound_is_exhausted_until_a_buffer_comes_back()
    {
        using var rig = new SocketRig(poolBytesMax: 1 << 20);
        Assert.Equal(SendStatus.TooLarge, rig.Publisher.TryLoan(2 << 20, 0, out _));
        Assert.Equal(SendStatus.Sent, rig.Publisher.TryLoan(600_000, 0, out var loan));
        Assert.Equal(SendStatus.PoolExhausted, rig.Publisher.TryLoan(1000, 0, out _));
        Assert.False(rig.Publisher.WaitForSpace(TimeSpan.FromMilliseconds(1)));
        loan.Dispose();
        Assert.True(rig.Publisher.WaitForSpace(TimeSpan.Zero));
        Assert.Equal(SendStatus.Sent, rig.Publisher.TryLoan(1000, 0, out var small)); // the idle large buffer gave way
        small.Dispose();
    }

    private static void AssertEnds(Socket socket)
    {
        socket.ReceiveTimeout = (int)PubSubRig.Patience.TotalMilliseconds;
        var buffer = new byte[100];
        try
        {
            while (socket.Receive(buffer) > 0)
            {
                // reports that were under way
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // ended, too
        }
    }
}
