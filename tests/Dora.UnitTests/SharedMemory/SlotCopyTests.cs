// SPDX-License-Identifier: Apache-2.0

using System.Runtime.Intrinsics.X86;
using Dora.SharedMemory;

namespace Dora.UnitTests.SharedMemory;

public sealed class SlotCopyTests
{
    [Fact]
    public void A_streamed_copy_is_whole_whatever_its_length_and_places()
    {
        if (!Avx.IsSupported)
            return; // plain copies are used there
        var source = new byte[2048];
        Random.Shared.NextBytes(source);
        var target = new byte[source.Length + 2];
        for (var length = 0; length < 700; length++)
        {
            for (var offset = 0; offset < 64; offset += 7)
            {
                Array.Clear(target);
                SlotCopy.Stream(source.AsSpan(offset % 33, length), target.AsSpan(1 + offset, length));
                Assert.Equal(source.AsSpan(offset % 33, length), target.AsSpan(1 + offset, length));
                Assert.Equal(0, target[offset]);
                Assert.Equal(0, target[1 + offset + length]);
            }
        }
    }

    [Fact]
    public void A_target_that_is_too_short_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SlotCopy.Stream(new byte[10], new byte[9]));

    [Fact]
    public void Copies_stream_from_a_size_that_no_small_message_has() => Assert.InRange(SlotCopy.StreamFrom, 128 << 10, long.MaxValue);
}
