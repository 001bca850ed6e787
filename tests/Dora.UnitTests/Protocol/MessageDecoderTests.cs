// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;
using Dora.Protocol.Messages;
using Google.Protobuf;

namespace Dora.UnitTests.Protocol;

public sealed class MessageDecoderTests
{
    [Fact]
    public void A_frame_above_the_cap_is_refused_before_it_is_looked_at()
    {
        var e = Assert.Throws<ProtocolException>(() => MessageDecoder.DecodeNodeToDaemon(new byte[MessageDecoder.NodeFrameBytesMax + 1]));
        Assert.Equal("A NodeToDaemon frame has 1048577 bytes; at most 1048576 are allowed.", e.Message);
    }

    [Fact]
    public void A_message_of_the_future_has_no_body_and_its_unknown_fields_are_not_kept()
    {
        byte[] unknownBody = [0x9A, 0x06, 0x02, 0x08, 0x01]; // field 99
        var message = MessageDecoder.DecodeNodeToDaemon(unknownBody);
        Assert.Equal(NodeToDaemon.BodyOneofCase.None, message.BodyCase);
        Assert.Equal(0, message.CalculateSize());
    }

    [Fact]
    public void A_frame_of_empty_entries_allocates_in_proportion()
    {
        var config = new byte[64 << 10]; // NodeConfig.inputs, 2 bytes each
        for (var i = 0; i < config.Length; i += 2)
        {
            config[i] = 0x1A;
        }

        var frame = new DaemonToNode { Welcome = new Welcome { Config = new NodeConfig() } }.ToByteArray();
        Assert.Equal([0x0A, 0x02, 0x12, 0x00], frame);
        byte[] bomb = [0x0A, .. Varint(config.Length + 4), 0x12, .. Varint(config.Length), .. config];
        MessageDecoder.DecodeDaemonToNode(frame);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var decoded = MessageDecoder.DecodeDaemonToNode(bomb);
        Assert.Equal(config.Length / 2, decoded.Welcome.Config.Inputs.Count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64L * bomb.Length);
    }

    [Fact]
    public void Nesting_is_capped_below_the_stack()
    {
        var deep = new ArrowField { Name = "leaf", Format = "i" };
        for (var i = 1; i < MetadataLimits.ArrowDepthMax; i++)
        {
            deep = new ArrowField { Format = "+l", Children = { deep } };
        }

        Assert.Equal(deep, MessageDecoder.DecodeArrowField(deep.ToByteArray()));
        Assert.Throws<ProtocolException>(() => MessageDecoder.DecodeArrowField(new ArrowField { Children = { deep } }.ToByteArray()));

        byte[] bottomless = [];
        for (var i = 0; i < 10_000; i++)
        {
            bottomless = [0x22, .. Varint(bottomless.Length), .. bottomless];
        }

        Assert.Throws<ProtocolException>(() => MessageDecoder.DecodeArrowField(bottomless));
    }

    private static byte[] Varint(int value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }
}
