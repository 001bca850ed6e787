// SPDX-License-Identifier: Apache-2.0

using Apache.Arrow;
using Dora.Nodes;
using Dora.Operators;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Dora.Runtime;
using Dora.UnitTests.Nodes;
using StopCause = Dora.Protocol.Messages.StopCause;

namespace Dora.UnitTests.Runtime;

/// <summary>Typed arrays into, between and out of operators.</summary>
public sealed class ArrowOperatorTests
{
    private readonly RuntimeUnderTest _runtime = new();

    [Fact]
    public void Siblings_read_the_same_array_without_copying_it()
    {
        var seen = new List<string>();
        _runtime.Add("a", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            if (e.Kind == OperatorEventKind.Input)
                output.Send("out", new Int32Array.Builder().Append(7).AppendNull().Append(-7).Build(), new MetadataParameters { ["n"] = 1 });
            return DoraStatus.Continue;
        });
        foreach (var id in new[] { "b", "c" })
        {
            _runtime.Add(id, "in=a/out", "", (in OperatorEvent e, OutputSender _) =>
            {
                if (e.Kind != OperatorEventKind.Input)
                    return DoraStatus.Continue;
                var array = e.AsArrow<Int32Array>();
                Assert.True(e.IsTyped);
                Assert.True(e.Data.Overlaps(array.ValueBuffer.Span)); // the sender's memory
                seen.Add($"{id} {string.Join(' ', Enumerable.Range(0, array.Length).Select(array.GetValue))} {e.Parameters["n"].AsInteger}");
                return DoraStatus.Continue;
            });
        }

        _runtime.Node.AddInput("a/in", 0);
        _runtime.Node.Close("a/in");
        Assert.Empty(_runtime.Run().FailedOperators);
        Assert.Equal(["b 7  -7 1", "c 7  -7 1"], seen);
    }

    [Fact]
    public void An_array_lives_as_long_as_its_sample()
    {
        IArrowArray? early = null, kept = null;
        RetainedSample? sample = null;
        _runtime.Add("a", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            if (e.Kind == OperatorEventKind.Input)
                output.Send("out", new DoubleArray.Builder().Append(1.5).Build());
            return DoraStatus.Continue;
        });
        _runtime.Add("b", "in=a/out", "", (in OperatorEvent e, OutputSender _) =>
        {
            if (e.Kind != OperatorEventKind.Input)
                return DoraStatus.Continue;
            if (sample is null)
            {
                sample = e.Retain();
                kept = sample.AsArrow();
            }
            else
            {
                early = e.AsArrow();
            }

            return DoraStatus.Continue;
        });
        _runtime.Node.AddInputs("a/in", 2);
        _runtime.Node.Close("a/in");
        Assert.Empty(_runtime.Run().FailedOperators);

        Assert.Equal(1.5, ((DoubleArray)kept!).GetValue(0));
        Assert.Throws<ObjectDisposedException>(() => ((DoubleArray)early!).GetValue(0));
        sample!.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ((DoubleArray)kept).GetValue(0));
        Assert.Throws<ObjectDisposedException>(() => sample.AsArrow());
    }

    [Fact]
    public void Bytes_are_an_array_of_bytes_and_another_type_is_an_error_that_names_both()
    {
        var bytes = OperatorEvent.ForInput("x", [1, 2, 3]);
        Assert.False(bytes.IsTyped);
        Assert.Equal([1, 2, 3], bytes.AsArrow<UInt8Array>().Values.ToArray());

        var typed = OperatorEvent.ForInput("x", new Int64Array.Builder().Append(5).Build());
        Assert.True(typed.IsTyped);
        Assert.Equal(5, typed.AsArrow<Int64Array>().GetValue(0));
        using var sample = typed.Retain();
        var e = Assert.Throws<ArrowTypeException>(() => sample.AsArrow<StringArray>());
        Assert.Contains("Int64Array; the operator expects a StringArray", e.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => OperatorEvent.ForControl(OperatorEventKind.Stop).AsArrow());
    }

    [Fact]
    public async Task Arrays_come_from_nodes_and_go_to_nodes_with_their_type_also_past_a_sibling()
    {
        using var daemon = new FakeDaemon();
        var sink = daemon.Node("sink", inputs: ["direct", "shared"]);
        var source = daemon.Node("source", outputs: ["data"]);
        var runtime = daemon.Node("runtime", inputs: ["first/in"], outputs: ["first/direct", "first/shared"], configure: config =>
        {
            config.Operators.Add(Operator("first", "source/data", "direct", "shared"));
            config.Operators.Add(Operator("second", "runtime/first/shared"));
        });
        daemon.Edge(source, "data", runtime, "first/in");
        daemon.Edge(runtime, "first/direct", sink, "direct");
        daemon.Edge(runtime, "first/shared", sink, "shared");
        var nodes = await daemon.StartAsync(source, sink, runtime);
        using var sourceNode = nodes[0];
        using var sinkNode = nodes[1];
        using var runtimeNode = nodes[2];
        var running = Task.Factory.StartNew(
            () => OperatorRuntime.Run(runtimeNode, _ => new Factory()), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        sourceNode.SendOutput("data", new StringArray.Builder().Append("hello").Append("dora").Build());
        for (var i = 0; i < 2; i++)
        {
            var input = Assert.IsType<InputEvent>(sinkNode.Recv(FakeSession.Patience));
            Assert.Equal("2", input.Data.AsArrow<StringArray>().GetString(0));
            Assert.Equal("yes", input.Metadata.Parameters.GetString("counted"));
        }

        runtime.Send(new DaemonToNode { Stop = new Stop { Cause = StopCause.Manual, GraceMs = 1000 } });
        Assert.Empty((await running.WaitAsync(FakeSession.Patience)).FailedOperators);
    }

    private static OperatorConfig Operator(string id, string source, params string[] outputs) => new()
    {
        OperatorId = id,
        Kind = "csharp",
        Inputs = { new InputConfig { InputId = "in", Source = source, QueueSize = 3, QueuePolicy = Dora.Protocol.Messages.QueuePolicy.Backpressure } },
        Outputs = { outputs },
    };

    /// <summary>Sends how many texts an array has, as a text.</summary>
    private sealed class Count : IOperator
    {
        public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
        {
            if (e.Kind != OperatorEventKind.Input || e.AsArrow<StringArray>() is not { Length: 2 } array)
                return DoraStatus.Continue;
            var answer = new StringArray.Builder().Append($"{array.Length}").Build();
            var parameters = new MetadataParameters { ["counted"] = "yes" };
            output.Send("direct", answer, parameters);
            output.Send("shared", answer, parameters);
            return DoraStatus.Continue;
        }
    }

    private sealed class Factory : IOperatorFactory
    {
        public IOperator Create() => new Count();

        public void Reload(string? source = null)
        {
        }
    }
}
