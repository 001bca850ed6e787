// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using Dora.Nodes;

namespace Dora.UnitTests.Nodes;

public sealed class EventLifetimeTests
{
    [Fact]
    public async Task An_event_is_given_back_by_the_next_receive_call()
    {
        using var pair = await NodePair.StartAsync();
        pair.Source.SendOutput("data", new byte[1000]);
        var input = pair.ReceiveInput();
        var data = input.Data;
        var metadata = input.Metadata;

        pair.Sink.TryRecv(out _);

        var e = Assert.Throws<ObjectDisposedException>(() => input.Data.Length);
        Assert.Contains("Retain()", e.Message, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(() => data.Length);
        Assert.Throws<ObjectDisposedException>(() => metadata.TimestampNs);
        Assert.Throws<ObjectDisposedException>(() => input.Retain());
    }

    [Fact]
    public async Task Disposing_twice_and_late_harms_nobody()
    {
        using var pair = await NodePair.StartAsync();
        pair.Source.SendOutput("data", "one"u8);
        pair.Source.SendOutput("data", "two"u8);
        var first = pair.ReceiveInput();
        first.Dispose();
        first.Dispose();

        var second = pair.ReceiveInput();
        first.Dispose();

        Assert.True(second.Data.Span.SequenceEqual("two"u8));
    }

    [Fact]
    public async Task A_retained_event_outlives_the_loop_and_its_memory_is_not_reused()
    {
        using var pair = await NodePair.StartAsync(queueSize: 4);
        var kept = new List<InputEvent>();
        for (var i = 0; i < 20; i++)
        {
            pair.Source.SendOutput("data", Enumerable.Repeat((byte)i, 1000).ToArray());
            kept.Add(pair.ReceiveInput().Retain());
        }

        pair.Sink.TryRecv(out _);

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal((byte)i, kept[i].Data.Span[999]);
            kept[i].Dispose();
            Assert.Throws<ObjectDisposedException>(() => kept[i].Data.Length);
        }
    }

    [Fact]
    public async Task A_stale_payload_does_not_show_a_later_message()
    {
        using var pair = await NodePair.StartAsync();
        pair.Source.SendOutput("data", "first"u8);
        var stale = pair.ReceiveInput().Data;

        for (var i = 0; i < 50; i++)
        {
            pair.Source.SendOutput("data", "later"u8);
            pair.ReceiveInput();
            Assert.Throws<ObjectDisposedException>(() => stale.Length);
        }
    }

    [Fact]
    public async Task A_retained_event_that_is_forgotten_is_given_back_and_counted()
    {
        using var pair = await NodePair.StartAsync();
        pair.Source.SendOutput("data", new byte[1000]);
        RetainAndForget(pair);
        pair.Sink.TryRecv(out _);

        for (var i = 0; i < 20 && pair.Sink.ForgottenEvents == 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(1, pair.Sink.ForgottenEvents);
        Assert.Null(pair.Sink.Recv(TimeSpan.FromMilliseconds(1)));
        Assert.Contains("1 retained events", pair.SinkSession.Expect(Dora.Protocol.Messages.NodeToDaemon.BodyOneofCase.Log).Log.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_forgets_every_event_it_retains_goes_on_receiving()
    {
        using var pair = await NodePair.StartAsync(policy: Dora.Protocol.Messages.QueuePolicy.Backpressure);
        var sending = Task.Run(() =>
        {
            for (var i = 0; i < 1000; i++)
                pair.Source.SendOutput("data", new byte[200]);
        });

        for (var i = 0; i < 1000; i++)
            RetainAndForget(pair);

        await sending.WaitAsync(FakeSession.Patience);
        Assert.InRange(pair.Sink.ForgottenEvents, 500, 1000);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RetainAndForget(NodePair pair) => pair.ReceiveInput().Retain();
}
