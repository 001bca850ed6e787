// SPDX-License-Identifier: Apache-2.0

using CsCheck;
using Dora.SharedMemory;

namespace Dora.UnitTests.SharedMemory;

public sealed class SlotSizesTests
{
    [Theory]
    [InlineData(1, 4096)]
    [InlineData(3840, 4096)]
    [InlineData(3841, 8192)]
    [InlineData(4096, 8192)]
    [InlineData(1 << 20, (1 << 20) + 4096)]
    [InlineData(6_200_000, (6 << 20) + 4096)]
    [InlineData(1 << 30, (1L << 30) + 4096)]
    public void A_payload_gets_the_class_made_for_it(long payloadBytes, long slotBytes) =>
        Assert.Equal(slotBytes, SlotSizes.ClassFor(SegmentLayout.SlotBytesFor(payloadBytes, metadataBytes: 100)));

    [Fact]
    public void Every_message_that_may_be_sent_fits_a_valid_class() =>
        Gen.Select(Gen.Long[0, Dora.Middleware.Publisher.PayloadBytesMax], Gen.Int[0, Dora.Middleware.Publisher.MetadataBytesMax]).Sample((payload, metadata) =>
        {
            var bytes = SegmentLayout.SlotBytesFor(payload, metadata);
            var size = SlotSizes.ClassFor(bytes);
            Assert.True(size >= bytes);
            Assert.True(SegmentMemory.IsValid(size, SlotSizes.CountFor(size, 0)));
            if (bytes > 1 << 20)
                Assert.True(size <= (bytes * 5 / 4) + 8192, $"{size} for {bytes}");
        });

    [Fact]
    public void The_largest_message_fits_and_more_has_no_class()
    {
        var largest = SegmentLayout.SlotBytesFor(Dora.Middleware.Publisher.PayloadBytesMax, Dora.Middleware.Publisher.MetadataBytesMax);
        Assert.InRange(largest, 0, SegmentMemory.SlotBytesMax);
        Assert.Equal(0, SlotSizes.ClassFor(SegmentMemory.SlotBytesMax + 1));
    }

    [Fact]
    public void Growth_doubles_within_a_limit()
    {
        Assert.Equal(32, SlotSizes.CountFor(8192, 0));
        Assert.Equal(64, SlotSizes.CountFor(8192, 64));
        Assert.Equal(1, SlotSizes.CountFor(1L << 30, 0));
        Assert.Equal(1, SlotSizes.CountFor(1L << 30, 5));
        Assert.Equal(15, SlotSizes.CountFor((4 << 20) + 4096, 100));
    }
}
