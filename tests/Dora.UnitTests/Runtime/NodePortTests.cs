// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;
using Dora.Operators;
using Dora.Protocol.Messages;
using Dora.Runtime;
using Dora.UnitTests.Nodes;
using QueuePolicy = Dora.Protocol.Messages.QueuePolicy;
using StopCause = Dora.Protocol.Messages.StopCause;

namespace Dora.UnitTests.Runtime;

/// <summary>The runtime on a real node with real shared memory; only the daemon is a fake.</summary>
public sealed class NodePortTests
{
    private const int Messages = 300;

    [Fact]
    public async Task Operators_between_two_nodes_lose_nothing_under_back_pressure_and_end_when_their_inputs_do()
    {
        using var daemon = new FakeDaemon();
        var source = daemon.Node("source", outputs: ["data"]);
        var sink = daemon.Node("sink", inputs: ["data"]);
        var runtime = daemon.Node("runtime", inputs: ["first/in"], outputs: ["first/out", "second/out"], configure: config =>
        {
            config.Operators.Add(Operator("first", "source/data"));
            config.Operators.Add(Operator("second", "runtime/first/out"));
        });
        var incoming = daemon.Edge(source, "data", runtime, "first/in", queueSize: 4, QueuePolicy.Backpressure);
        daemon.Edge(runtime, "second/out", sink, "data", queueSize: 2, QueuePolicy.Backpressure);
        var nodes = await daemon.StartAsync(source, sink, runtime);
        using var sourceNode = nodes[0];
        using var sinkNode = nodes[1];
        using var runtimeNode = nodes[2];

        var running = OnThread(() => OperatorRuntime.Run(runtimeNode, Load));
        var sending = OnThread(() =>
        {
            for (var i = 0; i < Messages; i++)
            {
                Assert.Equal(SendStatus.Sent, sourceNode.GetOutput("data").Send(BitConverter.GetBytes(i), new Dora.Protocol.MetadataParameters { ["n"] = i }));
            }

            return true;
        });
        for (var i = 0; i < Messages; i++)
        {
            var input = Assert.IsType<InputEvent>(sinkNode.Recv(FakeSession.Patience));
            Assert.Equal(i, BitConverter.ToInt32(input.Data.Span));
            Assert.Equal(i, input.Metadata.Parameters["n"].AsInteger);
        }

        Assert.True(await sending.WaitAsync(FakeSession.Patience));
        FakeDaemon.CloseInput(incoming, "the source ended");
        runtime.Send(new DaemonToNode { Stop = new Stop { Cause = StopCause.AllInputsClosed } });
        var result = await running.WaitAsync(FakeSession.Patience);
        Assert.Empty(result.FailedOperators);
        foreach (var expected in new[] { ("first", OperatorState.Started), ("second", OperatorState.Started), ("first", OperatorState.Stopped), ("second", OperatorState.Stopped) })
        {
            var report = runtime.Expect(NodeToDaemon.BodyOneofCase.OperatorReport).OperatorReport;
            Assert.Equal(expected, (report.OperatorId, report.State));
        }
    }

    [Fact]
    public async Task A_forwarded_Arrow_array_keeps_its_type()
    {
        using var daemon = new FakeDaemon();
        var sink = daemon.Node("sink", inputs: ["data"]);
        var source = daemon.Node("source", outputs: ["data"]);
        var runtime = daemon.Node("runtime", inputs: ["first/in"], outputs: ["first/out"], configure: c => c.Operators.Add(Operator("first", "source/data")));
        daemon.Edge(source, "data", runtime, "first/in");
        daemon.Edge(runtime, "first/out", sink, "data");
        var nodes = await daemon.StartAsync(source, sink, runtime);
        using var sourceNode = nodes[0];
        using var sinkNode = nodes[1];
        using var runtimeNode = nodes[2];
        var running = OnThread(() => OperatorRuntime.Run(runtimeNode, Load));

        sourceNode.SendOutput("data", new Apache.Arrow.Int32Array.Builder().Append(7).Append(-7).Build());
        var received = Assert.IsType<InputEvent>(sinkNode.Recv(FakeSession.Patience)).Data.AsArrow<Apache.Arrow.Int32Array>();
        Assert.Equal([7, -7], received.Values.ToArray());

        runtime.Send(new DaemonToNode { Stop = new Stop { Cause = StopCause.Manual, GraceMs = 1000 } });
        await running.WaitAsync(FakeSession.Patience);
    }

    [Fact]
    public async Task A_continuation_on_another_thread_wakes_a_runtime_that_waits()
    {
        using var daemon = new FakeDaemon();
        var sink = daemon.Node("sink", inputs: ["data"]);
        var source = daemon.Node("source", outputs: ["data"]);
        var runtime = daemon.Node("runtime", inputs: ["first/in"], outputs: ["first/out"], configure: c => c.Operators.Add(Operator("first", "source/data")));
        daemon.Edge(source, "data", runtime, "first/in");
        daemon.Edge(runtime, "first/out", sink, "data");
        var nodes = await daemon.StartAsync(source, sink, runtime);
        using var sourceNode = nodes[0];
        using var sinkNode = nodes[1];
        using var runtimeNode = nodes[2];
        var resume = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = OnThread(() => OperatorRuntime.Run(runtimeNode, _ => new Factory(() => new RuntimeUnderTest.HandlerOperator(AnswerLater))));

        sourceNode.SendOutput("data", "x"u8);
        Assert.IsType<InputEvent>(sinkNode.Recv(FakeSession.Patience)); // the first, sent at once: the operator waits now
        resume.SetResult();
        Assert.True(Assert.IsType<InputEvent>(sinkNode.Recv(FakeSession.Patience)).Data.Span.SequenceEqual("later"u8));

        runtime.Send(new DaemonToNode { Stop = new Stop { Cause = StopCause.Manual, GraceMs = 1000 } });
        await running.WaitAsync(FakeSession.Patience);

        DoraStatus AnswerLater(in OperatorEvent e, OutputSender output)
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                output.Send("out", e.Data);
                Later(output);
            }

            return DoraStatus.Continue;
        }

        async void Later(OutputSender output)
        {
            await resume.Task;
            output.Send("out", "later"u8);
        }
    }

    private static OperatorConfig Operator(string id, string source) => new()
    {
        OperatorId = id,
        Kind = "csharp",
        Inputs = { new InputConfig { InputId = "in", Source = source, QueueSize = 3, QueuePolicy = QueuePolicy.Backpressure } },
        Outputs = { "out" },
    };

    private static Factory Load(OperatorConfig config) => new(() => new RuntimeUnderTest.HandlerOperator((in OperatorEvent e, OutputSender output) =>
    {
        if (e.Kind == OperatorEventKind.Input)
        {
            output.Forward("out", e);
        }

        return DoraStatus.Continue;
    }));

    private static Task<T> OnThread<T>(Func<T> run) =>
        Task.Factory.StartNew(run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private sealed class Factory(Func<IOperator> create) : IOperatorFactory
    {
        public IOperator Create() => create();

        public void Reload(string? source = null)
        {
        }
    }
}
