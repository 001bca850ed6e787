// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;
using Dora.Protocol;

namespace Dora.UnitTests.Nodes;

/// <summary>In steady state, sending and receiving through the public API allocates nothing: asserted to the byte.</summary>
public sealed class AllocationTests
{
    private const int Warm = 200;
    private const int Counted = 2000;

    [Theory]
    [InlineData(8)]
    [InlineData(4096)]
    [InlineData(1_000_000)]
    public async Task Sending_and_receiving_bytes_allocates_nothing(int length)
    {
        using var pair = await NodePair.StartAsync();
        var output = pair.Source.GetOutput("data");
        var payload = new byte[length];
        var sink = pair.Sink;

        AssertAllocatesNothing(() =>
        {
            output.Send(payload);
            var input = (InputEvent)sink.Recv()!;
            return input.Data.Span[^1] + (int)(input.Metadata.TimestampNs & 1);
        });
    }

    [Fact]
    public async Task Loans_closures_names_and_parameters_allocate_nothing()
    {
        using var pair = await NodePair.StartAsync();
        var source = pair.Source;
        var sink = pair.Sink;
        var parameters = new MetadataParameters { ["width"] = 640, ["name"] = "front" };

        AssertAllocatesNothing(() =>
        {
            using (var loan = source.Loan("data", 10_000))
            {
                loan.Payload[0] = 1;
                loan.Send(10_000, parameters);
            }

            source.SendOutputRaw("data", 500, 5, static (payload, value) => payload.Fill((byte)value), parameters);
            source.SendOutput("data", "abc"u8, parameters);
            var sum = 0;
            for (var i = 0; i < 3; i++)
            {
                using var e = sink.Recv();
                sum += ((InputEvent)e!).Data.Span[0];
            }

            return sum;
        });
    }

    [Fact]
    public async Task Forwarding_and_retaining_allocate_nothing()
    {
        using var pair = await NodePair.StartAsync();
        var source = pair.Source;
        var sink = pair.Sink;
        source.SendOutput("data", new byte[1000], new MetadataParameters { ["width"] = 640 });
        var first = ((InputEvent)sink.Recv()!).Retain();

        AssertAllocatesNothing(() =>
        {
            source.SendOutput("data", first.Data, first.Metadata);
            using var kept = ((InputEvent)sink.Recv()!).Retain();
            sink.TryRecv(out _);
            return kept.Data.Length;
        });
        first.Dispose();
    }

    private static void AssertAllocatesNothing(Func<int> round)
    {
        var sum = 0;
        for (var i = 0; i < Warm; i++)
            sum += round();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Counted; i++)
            sum += round();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(sum >= 0);
        Assert.Equal(0, allocated);
    }
}
