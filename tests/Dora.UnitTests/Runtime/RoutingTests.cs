// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dora.Operators;
using Dora.Protocol;
using Dora.Runtime;
using Dora.Runtime.Port;

namespace Dora.UnitTests.Runtime;

public sealed class RoutingTests
{
    private const int LargeBytes = 100_000; // on the large object heap, where the collector moves nothing: addresses can be compared

    private readonly RuntimeUnderTest _runtime = new();

    private static Handler Echo { get; } = (in OperatorEvent e, OutputSender output) =>
    {
        if (e.Kind == OperatorEventKind.Input)
        {
            output.Send("out", e.Data);
        }

        return DoraStatus.Continue;
    };

    [Fact]
    public void An_input_reaches_its_operator_and_its_output_leaves_the_node()
    {
        _runtime.Add("a", "in=camera:image", "out", Echo);
        _runtime.Node.AddInput("a/in", 1, 2, 3);
        _runtime.Node.Close("a/in");
        Assert.Empty(_runtime.Run().FailedOperators);
        Assert.Equal([1, 2, 3], Assert.Single(_runtime.Node.Outputs["a/out"].Sent));
        Assert.True(_runtime.Node.Outputs["a/out"].IsClosed);
        Assert.Equal(0, _runtime.Node.SamplesOut);
    }

    [Fact]
    public void Control_events_overtake_messages_but_a_close_comes_after_the_last_one_and_stop_at_the_end()
    {
        var seen = new List<string>();
        _runtime.Add("a", "in=camera:image tick=dora:timer", "", (in OperatorEvent e, OutputSender _) =>
        {
            seen.Add($"{e.Kind} {e.Id} {e.Data.Length} {e.Reason}".TrimEnd());
            return DoraStatus.Continue;
        });
        _runtime.Node.AddInputs("a/in", 3);
        _runtime.Node.Add(new PortEvent(PortEventKind.InputLate, "a/in", Reason: "late"));
        _runtime.Node.Add(new PortEvent(PortEventKind.InputRecovered, "a/in"));
        _runtime.Node.Add(new PortEvent(PortEventKind.NodeRestarted, "camera"));
        _runtime.Node.Add(new PortEvent(PortEventKind.NodeRestarted, "other"));
        _runtime.Node.Add(new PortEvent(PortEventKind.NodeFailed, "camera", null, "exit code 1", ["a/in"]));
        _runtime.Node.Close("a/in", "a/tick");
        _runtime.Run();
        Assert.Equal(
            ["Input in 4", "Input in 4", "InputClosed in 0 late", "InputRecovered in 0", "NodeRestarted camera 0",
                "NodeFailed camera 0 exit code 1", "InputClosed tick 0 over", "Input in 4", "InputClosed in 0 over", "Stop  0 all inputs are closed"],
            seen);
    }

    [Fact]
    public void Siblings_get_the_very_memory_that_the_sender_wrote()
    {
        nuint written = 0;
        var read = new List<nuint>();
        _runtime.Add("a", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                output.Send("out", LargeBytes, 42, (span, _) =>
                {
                    written = AddressOf(span);
                    span.Fill(42);
                });
            }

            return DoraStatus.Continue;
        });
        Handler reader = (in OperatorEvent e, OutputSender output) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                Assert.Equal(LargeBytes, e.Data.Length);
                Assert.Equal(-1, e.Data.IndexOfAnyExcept((byte)42));
                read.Add(AddressOf(e.Data));
                output.Forward("out", e);
            }

            return DoraStatus.Continue;
        };
        _runtime.Add("b", "in=a/out", "out", reader).Add("c", "in=a/out", "out", reader).Add("d", "in=b/out", "out", reader);
        _runtime.Node.AddInput("a/in", 0);
        _runtime.Node.Close("a/in");
        Assert.Empty(_runtime.Run().FailedOperators);
        Assert.Equal([written, written, written], read);
        Assert.Equal(LargeBytes, Assert.Single(_runtime.Node.Outputs["d/out"].Sent).Length);
    }

    [Fact]
    public void A_message_of_another_node_is_forwarded_to_siblings_by_reference()
    {
        var addresses = new List<nuint>();
        _runtime.Add("a", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                addresses.Add(AddressOf(e.Data));
                output.Forward("out", e);
                output.Forward("out", e, new MetadataParameters { ["seen_by"] = "a" });
            }

            return DoraStatus.Continue;
        });
        var parameters = new List<string>();
        _runtime.Add("b", "in=a/out", "", (in OperatorEvent e, OutputSender _) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                addresses.Add(AddressOf(e.Data));
                parameters.Add(string.Join(",", e.Parameters.Select(p => $"{p.Key}={p.Value}")));
            }

            return DoraStatus.Continue;
        });
        _runtime.Node.AddInput("a/in", new byte[LargeBytes]);
        _runtime.Node.Close("a/in");
        _runtime.Run();
        Assert.Equal(3, addresses.Count);
        Assert.Single(addresses.Distinct());
        Assert.Equal(["", "seen_by=a"], parameters);
        Assert.Equal(0, _runtime.Node.SamplesOut);
    }

    [Fact]
    public void A_retained_sample_stays_and_is_given_back_once()
    {
        RetainedSample? kept = null;
        _runtime.Add("a", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                kept ??= e.Retain();
                output.Forward("out", kept);
            }

            return DoraStatus.Continue;
        });
        _runtime.Node.AddInput("a/in", 5);
        _runtime.Node.AddInput("a/in", 6);
        _runtime.Node.Close("a/in");
        _runtime.Run();
        Assert.Equal([5, 5], _runtime.Node.Outputs["a/out"].Sent.SelectMany(d => d));
        Assert.Equal(5, kept!.Data.Span[0]);
        Assert.Equal(7UL, kept.TimestampNs);
        Assert.Equal(1, _runtime.Node.SamplesOut);
        kept.Dispose();
        kept.Dispose();
        Assert.Equal(0, _runtime.Node.SamplesOut);
        Assert.Throws<ObjectDisposedException>(() => kept.Data);
    }

    [Fact]
    public void Parameters_are_copied_so_that_the_sender_may_change_its_own()
    {
        var values = new List<long>();
        _runtime.Add("a", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                var parameters = new MetadataParameters { ["n"] = 1 };
                output.Send("out", e.Data, parameters);
                parameters["n"] = 2;
                output.Send("out", e.Data, parameters);
            }

            return DoraStatus.Continue;
        });
        _runtime.Add("b", "in=a/out", "", (in OperatorEvent e, OutputSender _) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                values.Add(e.Parameters["n"].AsInteger);
            }

            return DoraStatus.Continue;
        });
        _runtime.Node.AddInput("a/in", 1);
        _runtime.Node.Close("a/in");
        _runtime.Run();
        Assert.Equal([1, 2], values);
    }

    [Fact]
    public void An_output_that_is_not_declared_is_an_error_that_lists_those_that_are()
    {
        string? message = null;
        _runtime.Add("a", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            message = Assert.Throws<ArgumentException>(() => output.Send("outt", ReadOnlySpan<byte>.Empty)).Message;
            return DoraStatus.Stop;
        });
        _runtime.Node.AddInput("a/in", 1);
        _runtime.Run();
        Assert.StartsWith("Operator 'a' has no output 'outt'; its outputs are: out.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_that_exists_nowhere_stops_the_start()
    {
        _runtime.Add("a", "in=b/out", "", Echo);
        var e = Assert.Throws<OperatorLoadException>(_runtime.Run);
        Assert.Equal(
            "operator 'a': input 'in' reads 'runtime/b/out', which is neither an input of node 'runtime' nor an output of one of its operators",
            e.Message);
    }

    [Fact]
    public void Steady_sending_between_siblings_allocates_nothing()
    {
        long before = 0, after = 0;
        _runtime.Add("a", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            output.Send("out", e.Data);
            return DoraStatus.Continue;
        });
        var count = 0;
        _runtime.Add("b", "in=a/out back=b/out", "out", (in OperatorEvent e, OutputSender output) =>
        {
            count++;
            before = count == 1_000 ? GC.GetAllocatedBytesForCurrentThread() : before;
            after = count == 9_000 ? GC.GetAllocatedBytesForCurrentThread() : after;
            if (e.Kind == OperatorEventKind.Input && count < 10_000)
            {
                output.Send("out", e.Data); // to itself: the shortest circle
                return DoraStatus.Continue;
            }

            return DoraStatus.Stop;
        });
        _runtime.Node.AddInput("a/in", 1, 2, 3);
        _runtime.Node.Add(new PortEvent(PortEventKind.Finish));
        _runtime.Node.Outputs.Clear();
        _runtime.Node.Config.Outputs.Clear(); // siblings only
        _runtime.Run();
        Assert.Equal(0, after - before);
    }

    private static nuint AddressOf(ReadOnlySpan<byte> span)
    {
        unsafe
        {
            return (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(span));
        }
    }
}
