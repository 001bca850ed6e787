// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Protocol.Messages;

namespace Dora.UnitTests.Runtime;

/// <summary>Operators with a <c>join</c>.</summary>
public sealed class JoinOperatorTests
{
    private readonly List<string> _seen = [];

    [Fact]
    public void An_operator_gets_sets_of_messages_of_other_nodes()
    {
        var runtime = new RuntimeUnderTest().Add("pair", "a=x:a b=x:b single=x:c", "", See);
        Join(runtime, "pair", JoinMode.Zip);
        runtime.Node.AddInput("pair/a", 1);
        runtime.Node.AddInput("pair/a", 2);
        runtime.Node.AddInput("pair/single", 9);
        runtime.Node.AddInput("pair/b", 3);
        runtime.Node.AddInput("pair/b", 4);
        runtime.Node.AddInput("pair/b", 5);
        End(runtime, "pair/a", "pair/b", "pair/single");
        Assert.Equal(["single 9", "a1 b3", "a2 b4"], _seen.Where(s => !s.StartsWith("closed", StringComparison.Ordinal)).OrderBy(s => s.Length < 8 ? 1 : 0));
        Assert.Equal(["closed a", "closed b", "closed single"], _seen.Where(s => s.StartsWith("closed", StringComparison.Ordinal)).Order());
        Assert.Equal(0, runtime.Node.SamplesOut);
        var report = runtime.Node.Joins["pair"];
        Assert.Equal(2UL, report.CompleteSets);
        Assert.Equal(1UL, report.Inputs[1].Ended);
    }

    [Fact]
    public void Siblings_are_joined_and_a_lossless_one_waits()
    {
        var sent = 0;
        var runtime = new RuntimeUnderTest()
            .Add("source", "tick=x:tick", "fast slow", (in OperatorEvent e, OutputSender output) =>
            {
                if (e.Kind == OperatorEventKind.Input)
                {
                    sent++;
                    output.Send("fast", [(byte)sent]);
                    if (sent % 2 == 0)
                        output.Send("slow", [(byte)sent]);
                }

                return DoraStatus.Continue;
            })
            .Add("pair", "a=source/fast b=source/slow", "", See, queueSize: 2, lossless: true);
        Join(runtime, "pair", JoinMode.Zip);
        runtime.Node.AddInputs("source/tick", 4);
        End(runtime, "source/tick");
        Assert.Equal(["a1 b2", "a2 b4"], _seen.Where(s => !s.StartsWith("closed", StringComparison.Ordinal)));
        Assert.Equal(4, sent);
        Assert.Equal(2UL, runtime.Node.Joins["pair"].Inputs[0].Ended);
    }

    [Fact]
    public void Time_that_is_up_makes_a_partial_set()
    {
        var runtime = new RuntimeUnderTest().Add("pair", "a=x:a b=x:b", "", (in OperatorEvent e, OutputSender output) =>
        {
            See(e, output);
            return e.Kind == OperatorEventKind.Joined ? DoraStatus.Stop : DoraStatus.Continue;
        });
        Join(runtime, "pair", JoinMode.All).TimeoutNs = 1_000_000;
        runtime.Node.AddInput("pair/a", 1);
        runtime.Run();
        Assert.Equal(["a1 missing b"], _seen);
        Assert.Equal(0, runtime.Node.SamplesOut);
    }

    [Fact]
    public void What_waits_survives_a_failure_and_a_set_that_failed_is_gone()
    {
        var failed = false;
        var runtime = new RuntimeUnderTest().Add("pair", "a=x:a b=x:b", "", (in OperatorEvent e, OutputSender output) =>
        {
            if (e.Kind == OperatorEventKind.Joined && !failed)
            {
                failed = true;
                throw new InvalidOperationException("oh");
            }

            return See(e, output);
        });
        Join(runtime, "pair", JoinMode.Zip);
        runtime.Node.AddInput("pair/a", 1);
        runtime.Node.AddInput("pair/a", 2);
        runtime.Node.AddInput("pair/b", 3);
        runtime.Node.AddInput("pair/b", 4);
        End(runtime, "pair/a", "pair/b");
        Assert.Equal(["a2 b4"], _seen.Where(s => !s.StartsWith("closed", StringComparison.Ordinal)));
        Assert.Equal(0, runtime.Node.SamplesOut);
    }

    [Fact]
    public void Tests_of_operators_make_sets()
    {
        See(OperatorEvent.ForJoined(("a", [1]), ("b", null), ("a", [2])), null!);
        Assert.Equal(["a1a2 missing b"], _seen);
        Assert.Throws<InvalidOperationException>(() => OperatorEvent.ForJoined(("a", null)).Joined["a"].Id);
        Assert.Throws<ArgumentException>(() => OperatorEvent.ForJoined(("a", null)).Joined.Has("c"));
        Assert.Throws<InvalidOperationException>(() => OperatorEvent.ForInput("a", [1]).Joined);
    }

    private static JoinConfig Join(RuntimeUnderTest runtime, string op, JoinMode mode) =>
        runtime.ConfigOf(op).Join = new JoinConfig { Mode = mode, Inputs = { "a", "b" } };

    private static void End(RuntimeUnderTest runtime, params string[] inputs)
    {
        runtime.Node.Close(inputs);
        runtime.Node.Add(new Dora.Runtime.Port.PortEvent(Dora.Runtime.Port.PortEventKind.Finish));
        runtime.Run();
    }

    private DoraStatus See(in OperatorEvent e, OutputSender output)
    {
        switch (e.Kind)
        {
            case OperatorEventKind.Joined:
                var parts = new List<string>();
                foreach (var input in e.Joined.Inputs)
                {
                    var text = "";
                    for (var i = 0; i < e.Joined.CountOf(input); i++)
                        text += $"{input}{e.Joined.At(input, i).Data[0]}";
                    parts.Add(text);
                }

                parts.AddRange(e.Joined.Missing.Select(input => $"missing {input}"));
                _seen.Add(string.Join(' ', parts.Where(p => p.Length > 0)));
                break;
            case OperatorEventKind.Input:
                _seen.Add($"{e.Id} {e.Data[0]}");
                break;
            case OperatorEventKind.InputClosed:
                _seen.Add($"closed {e.Id}");
                break;
        }

        return DoraStatus.Continue;
    }
}
