// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;
using Dora.Nodes.Receiving;
using Dora.Protocol.Messages;

namespace Dora.UnitTests.Nodes;

public sealed class InputTimeoutTests
{
    [Fact]
    public void A_deadline_runs_from_the_first_message_and_expires_once()
    {
        var deadline = new InputDeadline(TimeSpan.FromTicks(10)); // 1000 ns
        Assert.True(deadline.IsWatched);
        Assert.False(deadline.TryExpire(long.MaxValue - 1));

        Assert.False(deadline.Arrived(5000));
        Assert.Equal(6000, deadline.AtNs);
        Assert.False(deadline.TryExpire(5999));
        Assert.True(deadline.TryExpire(6000));
        Assert.True(deadline.IsLate);
        Assert.False(deadline.TryExpire(7000));

        Assert.True(deadline.Arrived(8000));
        Assert.False(deadline.IsLate);
        Assert.False(deadline.Arrived(8500));
        Assert.Equal(9500, deadline.AtNs);

        deadline.Disarm();
        Assert.Equal(InputDeadline.Never, deadline.AtNs);
    }

    [Fact]
    public void An_input_without_a_time_out_is_not_watched() => Assert.False(new InputDeadline(null).IsWatched);

    [Fact]
    public async Task A_silent_input_is_reported_and_recovers_with_its_next_message()
    {
        using var pair = await NodePair.StartAsync(configureSink: config => config.Inputs[0].InputTimeoutNs = 20_000_000);
        Assert.Null(pair.Sink.Recv(TimeSpan.FromMilliseconds(60))); // nothing has ever come: nothing is late

        pair.Source.SendOutput("data", "one"u8);
        Assert.IsType<InputEvent>(pair.Sink.Recv(FakeSession.Patience));
        var late = Assert.IsType<InputClosedEvent>(pair.Sink.Recv(FakeSession.Patience));
        Assert.True(late.IsTimeout);
        Assert.Null(pair.Sink.Recv(TimeSpan.FromMilliseconds(60))); // reported once

        pair.Source.SendOutput("data", "two"u8);
        Assert.Equal("data", Assert.IsType<InputRecoveredEvent>(pair.Sink.Recv(FakeSession.Patience)).Id);
        Assert.True(pair.ReceiveInput().Data.Span.SequenceEqual("two"u8));
    }

    [Fact]
    public async Task A_closed_input_is_not_late()
    {
        using var pair = await NodePair.StartAsync(configureSink: config => config.Inputs[0].InputTimeoutNs = 20_000_000);
        pair.Source.SendOutput("data", "one"u8);
        Assert.IsType<InputEvent>(pair.Sink.Recv(FakeSession.Patience));

        FakeDaemon.CloseInput(pair.Edge, "end");

        InputClosedEvent closed;
        do
            closed = Assert.IsType<InputClosedEvent>(pair.Sink.Recv(FakeSession.Patience)); // it may have been late before the close arrived
        while (closed.IsTimeout);
        Assert.Null(pair.Sink.Recv(TimeSpan.FromMilliseconds(60)));
    }

    [Fact]
    public async Task A_node_that_waits_gives_signs_of_life_when_asked_to()
    {
        using var pair = await NodePair.StartAsync(configureSink: config => config.HeartbeatMs = 5);
        var receiving = Task.Run(() => pair.Sink.Recv());

        for (var i = 0; i < 3; i++)
            pair.SinkSession.Expect(NodeToDaemon.BodyOneofCase.Heartbeat);

        pair.Sink.Dispose();
        Assert.Null(await receiving.WaitAsync(FakeSession.Patience));
    }
}
