// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon;
using Dora.Daemon.Core;
using Dora.Dataflows.Graph;
using Dora.Protocol;
using static Dora.UnitTests.DaemonCore.Flow;

namespace Dora.UnitTests.DaemonCore;

public sealed class FailureTests
{
    [Fact]
    public void Readers_hear_of_a_failure_before_their_inputs_close()
    {
        var flow = Of(Node("a"), Node("b", "a/out", "timer", "a/more")).Run().Exit("a", signal: 11);

        var failed = flow.One<Effect.SendNodeFailed>();
        Assert.Equal((Who("b"), "a"), (failed.Who, failed.Source.Value));
        Assert.Equal(["in0", "in2"], failed.AffectedInputs.Select(input => input.Value));
        Assert.Equal("SIGSEGV; its last words:\nlast words", failed.Error);
        var kinds = flow.Effects.Select(e => e.GetType()).ToList();
        Assert.True(kinds.IndexOf(typeof(Effect.SendNodeFailed)) < kinds.IndexOf(typeof(Effect.SendInputClosed)));
    }

    [Fact]
    public void The_first_failure_is_kept_and_those_behind_it_are_its_consequences()
    {
        var flow = Of(Node("a"), Node("b", "a/out"), Node("c", "b/out"), Node("other")).Run();

        flow.Exit("a", code: 1).Exit("b").Exit("other", code: 5).Exit("c", code: 2);

        Assert.Equal("a", flow.Outcome.FirstFailure!.Node.Value);
        Assert.Equal([null, null, "a", null], flow.Outcome.Nodes.Select(node => node.CausedBy?.Value));
        Assert.Equal([true, false, true, true], flow.Outcome.Nodes.Select(node => node.Failed));
        Assert.Equal("3 of 4 nodes failed; first 'a': exit code 1", flow.Outcome.Message);
    }

    [Fact]
    public void A_failure_leaves_those_alone_who_do_not_read_from_it()
    {
        var flow = Of(Node("a"), Node("b"), Node("c", "b/out")).Run().Exit("a", code: 1);

        Assert.DoesNotContain(flow.Effects, e => e is Effect.SendStop or Effect.SendInputClosed or Effect.CloseEdge);
        Assert.False(flow.IsFinished);
    }

    [Fact]
    public void A_failure_that_a_restart_mended_is_none()
    {
        var flow = Of(Node("a").Restarting(RestartPolicy.OnFailure)).Run().Exit("a", code: 1).Rejoin("a", 1).Exit("a", number: 1);

        Assert.True(flow.Outcome.Succeeded);
    }

    [Fact]
    public void A_dead_launcher_takes_its_node_with_it()
    {
        var flow = Of(Node("a").Restarting(RestartPolicy.OnFailure), Node("b", "a/out")).Run();

        flow.Do(new DaemonEvent.LauncherLost(Who("a")));

        Assert.Equal(Who("a"), flow.One<Effect.KillNode>().Who);
        Assert.Equal(Who("a", 1), flow.One<Effect.SpawnNode>().Who);
    }

    [Fact]
    public void An_exit_for_want_of_memory_says_so()
    {
        Assert.Equal("killed by the kernel: out of memory (limit 512 MiB)", new ExitStatus(0, 9) { OutOfMemory = "limit 512 MiB" }.ToString());
        Assert.Equal("SIGABRT (core dumped)", new ExitStatus(0, 6) { CoreDumped = true }.ToString());
    }
}

public sealed class DynamicNodeTests
{
    [Fact]
    public void A_dynamic_node_is_never_waited_for()
    {
        Assert.True(Of(Node("a", "d/out"), Dynamic("d", "a/out")).Run().Gave<Effect.StartNode>());
    }

    [Fact]
    public void A_dynamic_node_that_comes_late_is_wired_and_started_at_once()
    {
        var flow = Of(Node("a", "d/out"), Dynamic("d", "a/out")).Run();
        Assert.Equal(Who("d"), flow.Expected("d"));

        flow.Connect("d");
        Assert.Equal(2, flow.Effects.OfType<Effect.OpenEdge>().Count());
        Assert.True(flow.Gave<Effect.WiringDone>());
        Assert.True(flow.Ready("d").Gave<Effect.StartNode>());
    }

    [Fact]
    public void A_dynamic_node_that_comes_early_waits_for_the_start()
    {
        var flow = Of(Node("a"), Dynamic("d")).Begin().Connect("d").Ready("d");
        Assert.False(flow.Gave<Effect.StartNode>());

        Assert.Equal(2, flow.Join("a").Ready("a").Effects.OfType<Effect.StartNode>().Count());
    }

    [Fact]
    public void A_dynamic_node_may_leave_and_come_again()
    {
        var flow = Of(Node("a", "d/out", "timer"), Dynamic("d")).Run().Connect("d").Ready("d").Disconnect("d");
        Assert.Equal("'d' is detached", flow.One<Effect.SendInputClosed>().Reason);
        Assert.Equal(Who("d", 1), flow.Expected("d"));

        flow.Connect("d", 1);

        Assert.True(flow.Gave<Effect.SendInputRecovered>());
        Assert.Equal(Who("d", 1), flow.One<Effect.OpenEdge>().Publisher);
    }

    [Fact]
    public void An_input_waits_for_a_dynamic_node_that_never_came()
    {
        var flow = Of(Node("a", "d/out"), Dynamic("d"), Node("b")).Run().Exit("b");

        Assert.False(flow.Gave<Effect.SendStop>());
    }

    [Fact]
    public void The_dataflow_does_not_wait_for_dynamic_nodes_to_end()
    {
        var flow = Of(Node("a"), Dynamic("d", "timer")).Run().Connect("d").Ready("d").Exit("a");

        Assert.True(flow.IsFinished);
        Assert.Equal(Who("d"), flow.One<Effect.SendStop>().Who);
        Assert.True(flow.Gave<Effect.CloseEdge>());
    }

    [Fact]
    public void A_dynamic_node_is_asked_to_stop_and_never_signalled()
    {
        var flow = Of(Node("a"), Dynamic("d")).Run().Connect("d").Ready("d").Stop(0).Force();

        Assert.DoesNotContain(flow.Log, e => e is Effect.SignalGroup { Who.Node.Value: "d" } or Effect.KillNode { Who.Node.Value: "d" });
        Assert.Contains(flow.Log, e => e is Effect.SendStop { Who.Node.Value: "d" });
    }

    [Fact]
    public void A_dataflow_of_dynamic_nodes_ends_when_the_last_one_leaves()
    {
        var flow = Of(Dynamic("d"), Dynamic("e")).Begin();
        Assert.False(flow.IsFinished);

        flow.Connect("d").Connect("e").Goodbye("d");
        Assert.False(flow.IsFinished);

        Assert.True(flow.Goodbye("e").IsFinished);
    }

    [Fact]
    public void A_dataflow_of_dynamic_nodes_ends_when_it_is_stopped()
    {
        Assert.True(Of(Dynamic("d")).Begin().Stop().IsFinished);
    }
}
