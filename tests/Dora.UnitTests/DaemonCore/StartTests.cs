// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon;
using Dora.Daemon.Core;
using Dora.Dataflows.Graph;
using static Dora.UnitTests.DaemonCore.Flow;

namespace Dora.UnitTests.DaemonCore;

public sealed class StartTests
{
    [Fact]
    public void All_nodes_but_dynamic_ones_are_spawned_at_the_beginning()
    {
        var flow = Of(Node("a"), Dynamic("d"), Node("b")).Begin();

        Assert.Equal([Who("a"), Who("b")], flow.Effects.OfType<Effect.SpawnNode>().Select(e => e.Who));
    }

    [Fact]
    public void An_edge_is_opened_when_both_ends_are_connected()
    {
        var flow = Of(Node("a"), Node("b", "a/out")).Begin().Join("b");
        Assert.False(flow.Gave<Effect.OpenEdge>());

        flow.Join("a");

        var edge = flow.One<Effect.OpenEdge>();
        Assert.Equal((Who("a"), Who("b"), "in0"), (edge.Publisher, edge.Subscriber, edge.Input.Id.Value));
    }

    [Fact]
    public void A_timer_is_wired_as_soon_as_its_reader_is_connected()
    {
        var flow = Of(Node("a", "timer")).Begin().Join("a");

        Assert.Equal(Incarnation.Dora, flow.One<Effect.OpenEdge>().Publisher);
        Assert.True(flow.Gave<Effect.WiringDone>());
    }

    [Fact]
    public void A_node_is_wired_when_all_its_edges_are_open()
    {
        var flow = Of(Node("a"), Node("b", "a/out", "c/out"), Node("c")).Begin().Join("a").Join("b");
        Assert.Equal([Who("a")], flow.Effects.OfType<Effect.WiringDone>().Select(e => e.Who));

        flow.Join("c");

        Assert.Equal([Who("b"), Who("c")], flow.Effects.OfType<Effect.WiringDone>().Select(e => e.Who).OrderBy(who => who.Node.Value));
    }

    [Fact]
    public void A_node_that_reads_itself_gets_one_edge()
    {
        var flow = Of(Node("a", "a/out")).Begin().Join("a");

        Assert.Equal((Who("a"), Who("a")), (flow.One<Effect.OpenEdge>().Publisher, flow.One<Effect.OpenEdge>().Subscriber));
        Assert.True(flow.Gave<Effect.WiringDone>());
    }

    [Fact]
    public void Nobody_is_started_before_everybody_is_ready()
    {
        var flow = Of(Node("a"), Node("b", "a/out")).Begin().Join("a").Join("b").Ready("a");
        Assert.False(flow.Gave<Effect.StartNode>());

        flow.Ready("b");

        Assert.Equal([Who("a"), Who("b")], flow.Effects.OfType<Effect.StartNode>().Select(e => e.Who));
        Assert.True(flow.Gave<Effect.ReportDataflow>(e => e.Phase == DataflowPhase.Running));
    }

    [Fact]
    public void Ready_before_the_wiring_is_done_counts_for_nothing()
    {
        var flow = Of(Node("a"), Node("b", "a/out")).Begin().Join("b").Ready("b").Join("a").Ready("a");

        Assert.False(flow.Gave<Effect.StartNode>());
    }

    [Fact]
    public void Connected_may_be_heard_before_launched()
    {
        var flow = Of(Node("a")).Begin().Connect("a").Launch("a").Ready("a");

        Assert.True(flow.Gave<Effect.StartNode>());
    }

    [Fact]
    public void A_program_that_ends_well_without_connecting_fails_the_start_with_a_hint()
    {
        var flow = Of(Node("a"), Node("b")).Begin().Launch("a").Join("b").Exit("a");

        Assert.Equal(10, flow.One<Effect.SendStop>().Grace!.Value.TotalSeconds);
        flow.Exit("b");
        Assert.False(flow.Outcome.Succeeded);
        Assert.Equal("ended without connecting (exit code 0); is it a dora node?", flow.Outcome.FirstFailure!.Message);
    }

    [Fact]
    public void A_node_that_ends_well_before_the_start_fails_it()
    {
        var flow = Of(Node("a"), Node("b")).Begin().Join("a").Ready("a").Exit("a").Exit("b", signal: Signals.Term);

        Assert.StartsWith("ended before the dataflow had started", flow.Outcome.FirstFailure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_cannot_be_launched_fails_the_start_and_nothing_is_left()
    {
        var flow = Of(Node("a"), Node("b"), Node("c")).Begin().Join("b").Launch("c");

        flow.Do(new DaemonEvent.NodeLaunchFailed(Who("a"), "no such file"));

        Assert.Equal(Who("b"), flow.One<Effect.SendStop>().Who);
        Assert.Equal(Who("c"), flow.One<Effect.SignalGroup>().Who);
        flow.Exit("b").Exit("c", signal: Signals.Term);
        Assert.Equal(new NodeFailure(Who("a").Node, "could not be started: no such file", null), flow.Outcome.FirstFailure);
        Assert.Single(flow.Outcome.Nodes, node => node.Failed);
    }

    [Fact]
    public void What_fails_while_a_failed_start_is_cleared_up_is_its_consequence()
    {
        var flow = Of(Node("a"), Node("b")).Begin().Join("b").Launch("a").Exit("a", code: 1).Exit("b", code: 2);

        Assert.Equal("a", flow.Outcome.FirstFailure!.Node.Value);
        Assert.Equal("a", flow.Outcome.Nodes[1].CausedBy!.Value.Value);
    }

    [Fact]
    public void A_node_that_is_not_ready_in_time_is_killed_and_blamed()
    {
        var flow = Of(Node("a"), Node("b", "a/out")).Begin().Join("b").Launch("a").Pass(59.9);
        Assert.False(flow.Gave<Effect.KillNode>());

        flow.Pass(0.1);
        Assert.Equal(Who("a"), flow.One<Effect.KillNode>().Who);

        flow.Exit("a", signal: Signals.Kill).Exit("b");
        Assert.Equal("a", flow.Outcome.FirstFailure!.Node.Value);
        Assert.StartsWith("not ready after 60 s (startup_timeout)", flow.Outcome.FirstFailure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_launch_that_takes_too_long_is_given_up_for_that_reason()
    {
        var flow = Of(Node("a")).Begin().Pass(60);
        Assert.True(flow.Gave<Effect.KillNode>());

        flow.Do(new DaemonEvent.NodeLaunchFailed(Who("a"), "killed"));

        Assert.Equal("not ready after 60 s (startup_timeout)", flow.Outcome.FirstFailure!.Message);
    }

    [Fact]
    public void A_node_that_waits_for_its_neighbour_does_not_use_up_its_own_start_up_time()
    {
        var a = Node("a").Restarting(RestartPolicy.OnFailure);
        var flow = Of(a, Node("b", "a/out")).Begin().Launch("a").Pass(50).Join("b").Pass(10);
        Assert.Equal(Who("a"), flow.One<Effect.KillNode>().Who);

        flow.Exit("a", signal: Signals.Kill).Pass(0).Pass(40).Join("a", 1);
        Assert.Equal(2, flow.Effects.OfType<Effect.WiringDone>().Count());

        flow.Ready("a", 1).Pass(9.9);
        Assert.False(flow.Gave<Effect.KillNode>());
        Assert.Equal(Who("b"), flow.Pass(0.2).One<Effect.KillNode>().Who);
    }

    [Fact]
    public void A_restart_before_the_start_joins_the_barrier_again()
    {
        var flow = Of(Node("a").Restarting(RestartPolicy.OnFailure), Node("b", "a/out")).Begin().Join("a").Join("b").Ready("b");

        flow.Exit("a", code: 1).Pass(0);
        Assert.False(flow.IsFinished);
        flow.Rejoin("a", 1);

        Assert.Equal([Who("a", 1), Who("b")], flow.Effects.OfType<Effect.StartNode>().Select(e => e.Who));
    }

    [Fact]
    public void A_ready_node_that_loses_its_connection_is_not_ready_any_more()
    {
        var flow = Of(Node("a"), Node("b")).Begin().Join("a").Ready("a").Disconnect("a").Join("b").Ready("b");

        Assert.False(flow.Gave<Effect.StartNode>());
    }

    [Fact]
    public void Only_the_spawned_incarnation_is_welcome_and_only_once()
    {
        var flow = Of(Node("a"), Node("b")).Begin();
        Assert.Equal(Who("a"), flow.Expected("a"));

        flow.Join("a");

        Assert.Null(flow.Expected("a"));
        Assert.Contains("connected already", flow.Refusal("a"), StringComparison.Ordinal);
        Assert.Contains("no node 'x'", flow.Refusal("x"), StringComparison.Ordinal);
    }

    [Fact]
    public void News_of_an_earlier_incarnation_is_ignored()
    {
        var flow = Of(Node("a").Restarting(RestartPolicy.Always)).Run().Exit("a", code: 1).Pass(0).Rejoin("a", 1);

        flow.Exit("a", code: 1, number: 0);
        Assert.Empty(flow.Effects);
        flow.Disconnect("a", 0);
        Assert.Empty(flow.Effects);
    }
}
