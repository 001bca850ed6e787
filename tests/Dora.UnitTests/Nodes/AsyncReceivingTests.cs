// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.Nodes;
using Dora.Protocol.Messages;

namespace Dora.UnitTests.Nodes;

public sealed class AsyncReceivingTests
{
    [Fact]
    public async Task Awaiting_receives_what_is_there_and_what_comes()
    {
        using var pair = await NodePair.StartAsync();
        pair.Source.SendOutput("data", "there"u8);
        Assert.Equal("there", TextOf(await pair.Sink.RecvAsync()));

        var waiting = pair.Sink.RecvAsync().AsTask();
        Assert.False(waiting.IsCompleted);
        pair.Source.SendOutput("data", "later"u8);

        Assert.Equal("later", TextOf(await waiting.WaitAsync(FakeSession.Patience)));
    }

    [Fact]
    public async Task A_loop_ends_when_the_node_is_stopped()
    {
        using var pair = await NodePair.StartAsync();
        var seen = new List<string>();
        var loop = Task.Run(async () =>
        {
            await foreach (var e in pair.Sink)
                seen.Add(e is InputEvent ? TextOf(e) : e.Kind.ToString());
        });

        for (var i = 0; i < 100; i++)
            pair.Source.SendOutput("data", Encoding.UTF8.GetBytes($"{i}"), new Dora.Protocol.MetadataParameters { ["request_id"] = "keep" });
        FakeDaemon.CloseInput(pair.Edge, "end");
        pair.SinkSession.Send(new DaemonToNode { Stop = new Stop { Cause = Dora.Protocol.Messages.StopCause.AllInputsClosed } });
        await loop.WaitAsync(FakeSession.Patience);

        Assert.Equal([.. Enumerable.Range(0, 100).Select(i => $"{i}"), "InputClosed", "Stop"], seen);
    }

    [Fact]
    public async Task A_cancelled_wait_loses_nothing()
    {
        using var pair = await NodePair.StartAsync();
        using var cancellation = new CancellationTokenSource();
        var waiting = pair.Sink.RecvAsync(cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(FakeSession.Patience));
        pair.Source.SendOutput("data", "after"u8);
        Assert.Equal("after", TextOf(await pair.Sink.RecvAsync().AsTask().WaitAsync(FakeSession.Patience)));
    }

    [Fact]
    public async Task Leaving_ends_a_wait()
    {
        using var pair = await NodePair.StartAsync();
        var waiting = pair.Sink.RecvAsync().AsTask();

        pair.Sink.Dispose();

        Assert.Null(await waiting.WaitAsync(FakeSession.Patience));
    }

    [Fact]
    public async Task A_second_wait_is_refused()
    {
        using var pair = await NodePair.StartAsync();
        var waiting = pair.Sink.RecvAsync().AsTask();

        await Assert.ThrowsAsync<InvalidOperationException>(() => pair.Sink.RecvAsync().AsTask());

        pair.Source.SendOutput("data", "one"u8);
        Assert.Equal("one", TextOf(await waiting.WaitAsync(FakeSession.Patience)));
    }

    private static string TextOf(DoraEvent? e) => Encoding.UTF8.GetString(Assert.IsType<InputEvent>(e).Data);
}
