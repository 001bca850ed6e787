// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.Nodes;
using Dora.Protocol;
using Dora.Protocol.Messages;
using SendStatus = Dora.Nodes.SendStatus;

namespace Dora.UnitTests.Nodes;

public sealed class SendingTests
{
    private const Dora.Protocol.Messages.QueuePolicy BackPressure = Dora.Protocol.Messages.QueuePolicy.Backpressure;

    [Fact]
    public async Task An_undeclared_output_is_refused_with_a_suggestion()
    {
        using var pair = await NodePair.StartAsync();

        var e = Assert.Throws<UnknownOutputException>(() => pair.Source.SendOutput("dat", "x"u8));
        Assert.Equal("Node 'source' has no output 'dat' in the dataflow; did you mean 'data'?", e.Message);
        Assert.Equal("dat", e.OutputId);

        Assert.Contains("it declares 'data'", Assert.Throws<UnknownOutputException>(() => pair.Source.GetOutput("picture")).Message, StringComparison.Ordinal);
        Assert.Contains("it declares none", Assert.Throws<UnknownOutputException>(() => pair.Sink.GetOutput("x")).Message, StringComparison.Ordinal);
        Assert.True(pair.Source.HasOutput("data"));
        Assert.False(pair.Source.HasOutput("dat"));
    }

    [Fact]
    public async Task Parameters_travel_and_can_be_forwarded_unseen()
    {
        using var daemon = new FakeDaemon();
        var first = daemon.Node("first", outputs: ["data"]);
        var relay = daemon.Node("relay", inputs: ["data"], outputs: ["data"]);
        var last = daemon.Node("last", inputs: ["data"]);
        daemon.Edge(first, "data", relay, "data");
        daemon.Edge(relay, "data", last, "data");
        var nodes = await daemon.StartAsync(first, relay, last);
        using var a = nodes[0];
        using var b = nodes[1];
        using var c = nodes[2];

        a.SendOutput("data", "x"u8, new MetadataParameters { ["width"] = 640, ["encoding"] = "rgb8", ["scale"] = new[] { 0.5, 0.25 } });
        var received = (InputEvent)b.Recv()!;
        b.SendOutput("data", received.Data, received.Metadata);

        var parameters = ((InputEvent)c.Recv()!).Metadata.Parameters;
        Assert.Equal(640, parameters["width"].AsInteger);
        Assert.Equal("rgb8", parameters.GetString("encoding"));
        Assert.Equal([0.5, 0.25], parameters["scale"].AsFloats);
        Assert.Equal(3, parameters.Count);
        b.Dispose();
        Assert.Equal("rgb8", parameters.GetString("encoding")); // they may be kept
    }

    [Fact]
    public async Task A_payload_is_written_in_place()
    {
        using var pair = await NodePair.StartAsync();

        pair.Source.SendOutputRaw("data", 3, payload => "abc"u8.CopyTo(payload));
        Assert.True(pair.ReceiveInput().Data.Span.SequenceEqual("abc"u8));

        pair.Source.SendOutputRaw("data", 200, (byte)7, static (payload, value) => payload.Fill(value), new MetadataParameters { ["n"] = 1 });
        var input = pair.ReceiveInput();
        Assert.Equal((200, (byte)7, 1L), (input.Data.Length, input.Data.Span[199], input.Metadata.Parameters["n"].AsInteger));
    }

    [Fact]
    public async Task A_writer_that_throws_sends_nothing()
    {
        using var pair = await NodePair.StartAsync();

        Assert.Throws<FormatException>(() => pair.Source.SendOutputRaw("data", 3, _ => throw new FormatException()));

        pair.Source.SendOutput("data", "next"u8);
        Assert.True(pair.ReceiveInput().Data.Span.SequenceEqual("next"u8));
    }

    [Fact]
    public async Task A_loan_is_sent_in_part_or_given_back()
    {
        using var pair = await NodePair.StartAsync();
        using (pair.Source.Loan("data", 4096))
        {
        }

        using (var loan = pair.Source.Loan("data", 4096))
        {
            Assert.Equal(4096, loan.Payload.Length);
            loan.Payload[..1000].Fill(9);
            Assert.Equal(SendStatus.Sent, loan.Send(1000, new MetadataParameters { ["part"] = true }));
            Assert.True(loan.Payload.IsEmpty);
        }

        var input = pair.ReceiveInput();
        Assert.Equal((1000, (byte)9), (input.Data.Length, input.Data.Span[999]));
        Assert.True(input.Metadata.Parameters["part"].AsBool);
        Assert.False(pair.Sink.TryRecv(out _));
    }

    [Fact]
    public async Task A_loan_cannot_be_sent_twice()
    {
        using var pair = await NodePair.StartAsync();
        var loan = pair.Source.Loan("data", 100);
        loan.Send(100);
        var threw = false;
        try
        {
            loan.Send(100);
        }
        catch (ObjectDisposedException)
        {
            threw = true;
        }

        Assert.True(threw);
    }

    [Fact]
    public async Task Trying_says_that_a_subscriber_pushes_back_and_waiting_waits()
    {
        using var pair = await NodePair.StartAsync(queueSize: 2, policy: BackPressure);
        Assert.Equal(SendStatus.Sent, pair.Source.TrySendOutput("data", "1"u8));
        Assert.Equal(SendStatus.Sent, pair.Source.TrySendOutput("data", "2"u8));
        Assert.Equal(SendStatus.BackPressured, pair.Source.TrySendOutput("data", "3"u8));

        var sending = Task.Run(() => pair.Source.SendOutput("data", "3"u8));
        Assert.True(pair.ReceiveInput().Data.Span.SequenceEqual("1"u8));

        Assert.Equal(SendStatus.Sent, await sending.WaitAsync(FakeSession.Patience));
        Assert.True(pair.ReceiveInput().Data.Span.SequenceEqual("2"u8));
        Assert.True(pair.ReceiveInput().Data.Span.SequenceEqual("3"u8));
    }

    [Fact]
    public async Task A_loan_that_meets_back_pressure_can_be_sent_later()
    {
        using var pair = await NodePair.StartAsync(queueSize: 1, policy: BackPressure);
        pair.Source.SendOutput("data", "1"u8);
        using var loan = pair.Source.Loan("data", 500);
        loan.Payload.Fill(3);

        Assert.Equal(SendStatus.BackPressured, loan.Send(500));
        pair.ReceiveInput();

        Assert.Equal(SendStatus.Sent, loan.Send(500));
        Assert.Equal(500, pair.ReceiveInput().Data.Length);
    }

    [Fact]
    public async Task A_stop_ends_waiting_for_a_full_queue()
    {
        using var pair = await NodePair.StartAsync(queueSize: 1, policy: BackPressure);
        pair.Source.SendOutput("data", "1"u8);
        var sending = Task.Run(() => pair.Source.SendOutput("data", "2"u8));

        pair.SourceSession.Send(new DaemonToNode { Stop = new Stop { Cause = Dora.Protocol.Messages.StopCause.Manual } });

        Assert.Equal(SendStatus.Stopping, await sending.WaitAsync(FakeSession.Patience));
        pair.ReceiveInput();
        Assert.Equal(SendStatus.Sent, pair.Source.SendOutput("data", "last words"u8));
    }

    [Fact]
    public async Task Finishing_work_still_waits_so_that_nothing_is_lost()
    {
        using var pair = await NodePair.StartAsync(queueSize: 1, policy: BackPressure, configureSource: config => config.Inputs.Add(new InputConfig { InputId = "in", QueueSize = 1 }));
        pair.SourceSession.Send(new DaemonToNode { Stop = new Stop { Cause = Dora.Protocol.Messages.StopCause.AllInputsClosed } });
        Assert.IsType<InputClosedEvent>(pair.Source.Recv(FakeSession.Patience));
        Assert.IsType<StopEvent>(pair.Source.Recv(FakeSession.Patience));
        pair.Source.SendOutput("data", "1"u8);

        var sending = Task.Run(() => pair.Source.SendOutput("data", "2"u8));
        pair.ReceiveInput();

        Assert.Equal(SendStatus.Sent, await sending.WaitAsync(FakeSession.Patience));
    }

    [Fact]
    public async Task A_full_queue_that_may_drop_drops_the_oldest_and_counts_it()
    {
        using var pair = await NodePair.StartAsync(queueSize: 2);
        foreach (var text in new[] { "1", "2", "3" })
            Assert.Equal(SendStatus.Sent, pair.Source.SendOutput("data", Encoding.UTF8.GetBytes(text)));

        Assert.True(pair.ReceiveInput().Data.Span.SequenceEqual("2"u8));
        Assert.True(pair.ReceiveInput().Data.Span.SequenceEqual("3"u8));
        Assert.Equal(1u, pair.Edge.Counters.DroppedOldest);
    }

    [Fact]
    public async Task A_closed_output_tells_the_daemon_once_and_sends_no_more()
    {
        using var pair = await NodePair.StartAsync();
        var output = pair.Source.GetOutput("data");

        pair.Source.CloseOutputs();
        pair.Source.CloseOutputs("data");

        Assert.Equal(["data"], pair.SourceSession.Expect(NodeToDaemon.BodyOneofCase.CloseOutputs).CloseOutputs.OutputIds);
        Assert.True(output.IsClosed);
        Assert.Equal(SendStatus.Closed, output.Send("x"u8));
        Assert.Throws<ObjectDisposedException>(() => output.Loan(10).Dispose());
    }

    [Fact]
    public async Task A_message_beyond_the_pool_is_an_error_that_names_the_sizes()
    {
        using var pair = await NodePair.StartAsync(configureSource: config => config.PoolBytesMax = 1 << 20);

        var e = Assert.Throws<MessageTooLargeException>(() => pair.Source.SendOutput("data", new byte[2 << 20]));

        Assert.Contains("2097152 bytes", e.Message, StringComparison.Ordinal);
        Assert.Contains("all outputs of node 'source' may use 1048576", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("no message can have", e.Message, StringComparison.Ordinal);

        // What the message advises is enough.
        var advised = ulong.Parse(System.Text.RegularExpressions.Regex.Match(e.Message, "shared_memory_pool_size: ([0-9]+)").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        using var larger = await NodePair.StartAsync(configureSource: config => config.PoolBytesMax = advised);
        Assert.Equal(SendStatus.Sent, larger.Source.SendOutput("data", new byte[2 << 20]));
    }

    [Fact]
    public async Task A_sender_whose_memory_a_reader_holds_says_so_once_and_goes_on_when_it_is_given_back()
    {
        using var pair = await NodePair.StartAsync(configureSource: config => config.PoolBytesMax = 1 << 20);
        var held = new List<InputEvent>();
        while (pair.Source.TrySendOutput("data", new byte[100_000]) == SendStatus.Sent)
            held.Add(pair.ReceiveInput().Retain());

        var sending = Task.Factory.StartNew(
            () => pair.Source.SendOutput("data", new byte[100_000]), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var log = pair.SourceSession.Expect(NodeToDaemon.BodyOneofCase.Log).Log;
        held.ForEach(input => input.Dispose());

        Assert.Equal(LogLevel.Warn, log.Level);
        Assert.Matches($"^output 'data' waits: {held.Count} of its [0-9]+ slots are held by 'sink/data'", log.Message);
        Assert.Equal(SendStatus.Sent, await sending.WaitAsync(FakeSession.Patience));
    }

    [Fact]
    public async Task A_sender_that_a_full_queue_holds_back_names_the_reader()
    {
        using var pair = await NodePair.StartAsync(queueSize: 2, policy: BackPressure);
        pair.Source.SendOutput("data", "1"u8);
        pair.Source.SendOutput("data", "2"u8);

        var sending = Task.Factory.StartNew(
            () => pair.Source.SendOutput("data", "3"u8), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var log = pair.SourceSession.Expect(NodeToDaemon.BodyOneofCase.Log).Log;
        pair.ReceiveInput();

        Assert.StartsWith("output 'data' waits: the queue of 'sink/data' is full (2 wait", log.Message, StringComparison.Ordinal);
        Assert.Equal(SendStatus.Sent, await sending.WaitAsync(FakeSession.Patience));
    }

    [Fact]
    public async Task Refused_memory_is_an_outcome_of_trying()
    {
        using var pair = await NodePair.StartAsync();
        pair.SourceSession.GrantsSegments = false;

        Assert.Equal(SendStatus.PoolExhausted, pair.Source.TrySendOutput("data", new byte[100_000]));
        Assert.Equal(SendStatus.Sent, pair.Source.TrySendOutput("data", "small ones need none"u8));
    }

    [Fact]
    public async Task Memory_for_the_first_messages_is_there_before_the_start()
    {
        using var pair = await NodePair.StartAsync();
        pair.SourceSession.GrantsSegments = false;

        Assert.Equal(SendStatus.Sent, pair.Source.TrySendOutput("data", new byte[4096]));
        Assert.Equal(4096, pair.ReceiveInput().Data.Length);
    }

    [Fact]
    public async Task What_was_sent_survives_its_sender()
    {
        using var pair = await NodePair.StartAsync();
        for (var i = 0; i < 5; i++)
            pair.Source.SendOutput("data", Enumerable.Repeat((byte)i, 10_000).ToArray());

        pair.Source.Dispose();
        pair.SourceSession.Expect(NodeToDaemon.BodyOneofCase.Goodbye);
        FakeDaemon.CloseInput(pair.Edge, "'source' ended");

        for (var i = 0; i < 5; i++)
        {
            var data = pair.ReceiveInput().Data;
            Assert.Equal((10_000, (byte)i, (byte)i), (data.Length, data.Span[0], data.Span[9999]));
        }

        Assert.IsType<InputClosedEvent>(pair.Sink.Recv(FakeSession.Patience));
    }

    [Fact]
    public async Task Log_records_reach_the_daemon()
    {
        using var pair = await NodePair.StartAsync();

        pair.Source.Log(NodeLogLevel.Warn, "it is hot", "sensor", new Dictionary<string, string> { ["celsius"] = "81" });
        pair.Source.LogError(new string('x', 100_000));

        var record = pair.SourceSession.Expect(NodeToDaemon.BodyOneofCase.Log).Log;
        Assert.Equal((Dora.Protocol.Messages.LogLevel.Warn, "it is hot", "sensor", "81"), (record.Level, record.Message, record.Target, record.Fields["celsius"]));
        Assert.InRange(pair.SourceSession.Expect(NodeToDaemon.BodyOneofCase.Log).Log.CalculateSize(), 1000, 65_536);
    }
}
