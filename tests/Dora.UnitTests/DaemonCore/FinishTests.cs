// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon;
using Dora.Daemon.Core;
using Dora.Dataflows.Graph;
using Dora.Protocol;
using Dora.Protocol.Messages;
using static Dora.UnitTests.DaemonCore.Flow;

namespace Dora.UnitTests.DaemonCore;

public sealed class FinishTests
{
    [Fact]
    public void An_exit_closes_the_inputs_that_read_it_and_the_last_one_ends_the_reader()
    {
        var flow = Of(Node("a"), Node("b"), Node("c", "a/out", "b/out")).Run().Exit("a");
        Assert.Equal("in0", flow.One<Effect.SendInputClosed>().Input.Value);
        Assert.False(flow.Gave<Effect.SendStop>());

        flow.Exit("b");
        Assert.Equal("in1", flow.One<Effect.SendInputClosed>().Input.Value);
        Assert.Equal(new Effect.SendStop(Who("c"), StopCause.AllInputsClosed, null), flow.One<Effect.SendStop>());

        flow.Exit("c");
        Assert.True(flow.Outcome.Succeeded);
        Assert.Equal("all nodes have ended", flow.Outcome.Message);
    }

    [Fact]
    public void The_edge_is_closed_before_the_input_is_told()
    {
        var flow = Of(Node("a"), Node("b", "a/out")).Run().Exit("a");

        var kinds = flow.Effects.Select(e => e.GetType()).ToList();
        Assert.True(kinds.IndexOf(typeof(Effect.CloseEdge)) < kinds.IndexOf(typeof(Effect.SendInputClosed)));
        Assert.True(kinds.IndexOf(typeof(Effect.SendInputClosed)) < kinds.IndexOf(typeof(Effect.SendStop)));
    }

    [Fact]
    public void A_node_can_close_one_output_and_keep_the_others()
    {
        var flow = Of(Node("a"), Node("b", "a/out", "a/more")).Run().CloseOutputs("a", "out");

        Assert.Equal("'a' closed its output 'out'", flow.One<Effect.SendInputClosed>().Reason);
        Assert.False(flow.Gave<Effect.SendStop>());
        Assert.Equal(StopCause.AllInputsClosed, flow.CloseOutputs("a").One<Effect.SendStop>().Cause);
    }

    [Fact]
    public void Outputs_closed_before_the_start_are_told_at_the_start()
    {
        var flow = Of(Node("a"), Node("b", "a/out")).Begin().Join("a").Join("b").CloseOutputs("a");
        Assert.False(flow.Gave<Effect.SendInputClosed>());

        flow.Ready("a").Ready("b");

        Assert.Equal(
            [typeof(Effect.StartNode), typeof(Effect.SendInputClosed), typeof(Effect.SendStop)],
            flow.Effects
                .Where(e => e is Effect.StartNode { Who.Node.Value: "b" } or Effect.SendInputClosed or Effect.SendStop)
                .Select(e => e.GetType()));
    }

    [Fact]
    public void A_goodbye_closes_outputs_at_once_unless_a_restart_may_follow()
    {
        Assert.True(Of(Node("a"), Node("b", "a/out")).Run().Goodbye("a").Gave<Effect.SendInputClosed>());

        var flow = Of(Node("a").Restarting(RestartPolicy.OnFailure), Node("b", "a/out")).Run().Goodbye("a");
        Assert.True(flow.Gave<Effect.CloseEdge>());
        Assert.False(flow.Gave<Effect.SendInputClosed>());
        Assert.True(flow.Exit("a").Gave<Effect.SendInputClosed>());
    }

    [Fact]
    public void A_timer_keeps_a_node_alive()
    {
        var flow = Of(Node("a"), Node("b", "a/out", "timer")).Run().Exit("a");

        Assert.True(flow.Gave<Effect.SendInputClosed>());
        Assert.False(flow.Gave<Effect.SendStop>());
    }

    [Fact]
    public void With_exit_when_nodes_finish_a_node_ends_when_its_data_has_ended()
    {
        var flow = With(new CoreSettings { ExitWhenNodesFinish = true }, Node("a"), Node("b", "a/out", "timer")).Run().Exit("a");

        Assert.Equal(["in0", "in1"], flow.Effects.OfType<Effect.SendInputClosed>().Select(e => e.Input.Value));
        Assert.Equal(StopCause.AllInputsClosed, flow.One<Effect.SendStop>().Cause);
    }

    [Fact]
    public void With_exit_when_nodes_finish_a_node_with_timers_only_is_a_source_and_goes_on()
    {
        var flow = With(new CoreSettings { ExitWhenNodesFinish = true }, Node("a", "timer"), Node("b")).Run().Exit("b").Pass(1000);

        Assert.False(flow.Log.OfType<Effect.SendStop>().Any());
    }

    [Fact]
    public void A_finished_node_that_lives_on_past_its_finish_grace_is_stopped_in_steps()
    {
        var b = Node("b", "a/out").Healthy(h => h with { FinishGrace = TimeSpan.FromSeconds(20) });
        var flow = Of(Node("a"), b).Run().Exit("a");
        Assert.Equal(20, flow.One<Effect.SendStop>().Grace!.Value.TotalSeconds);

        Assert.Equal(StopCause.Manual, flow.Pass(20).One<Effect.SendStop>().Cause);
        Assert.Equal(Signals.Term, flow.Pass(10).One<Effect.SignalGroup>().Signal);
        Assert.Equal(Who("b"), flow.Pass(5).One<Effect.KillNode>().Who);
        Assert.False(flow.Exit("b", signal: Signals.Kill).Outcome.Succeeded);
    }

    [Fact]
    public void A_finished_node_may_live_as_long_as_it_likes_without_a_finish_grace()
    {
        var flow = Of(Node("a"), Node("b", "a/out")).Run().Exit("a");

        Assert.Null(flow.NextIn);
    }

    [Fact]
    public void Log_inputs_close_when_nobody_is_left_who_logs()
    {
        var flow = Of(Node("a"), Node("log", "logs"), Node("log2", "logs")).Run();
        Assert.False(flow.Gave<Effect.SendInputClosed>());

        flow.Exit("a");

        Assert.Equal([Who("log"), Who("log2")], flow.Effects.OfType<Effect.SendStop>().Select(e => e.Who));
    }

    [Fact]
    public void The_log_of_one_node_closes_when_that_node_has_ended()
    {
        var flow = Of(Node("a"), Node("b"), Node("log", "logs:a")).Run().Exit("b");
        Assert.False(flow.Gave<Effect.SendInputClosed>());

        Assert.Equal(Who("log"), flow.Exit("a").One<Effect.SendStop>().Who);
    }

    [Fact]
    public void What_a_node_prints_is_sent_by_the_daemon_and_survives_its_restarts()
    {
        var a = Node("a").Restarting(RestartPolicy.OnFailure) with { Logs = new LogSettings { SendStdoutAs = new DataId("out") } };
        var flow = Of(a, Node("b", "a/out")).Begin().Join("b");
        Assert.Equal(Incarnation.Dora, flow.One<Effect.OpenEdge>().Publisher);

        flow.Join("a").Ready("a").Ready("b").Exit("a", code: 1);
        Assert.False(flow.Gave<Effect.CloseEdge>());

        flow.Rejoin("a", 1).Exit("a", number: 1);
        Assert.True(flow.Gave<Effect.CloseEdge>() && flow.Gave<Effect.SendInputClosed>());
    }

    [Fact]
    public void A_loop_of_two_ends_when_one_of_them_ends()
    {
        var flow = Of(Node("a", "b/out"), Node("b", "a/out")).Run().Exit("a");

        Assert.Equal(Who("b"), flow.One<Effect.SendStop>().Who);
        Assert.True(flow.Exit("b").Outcome.Succeeded);
    }

    [Fact]
    public void A_damaged_edge_is_cut_alone_and_both_ends_are_named()
    {
        var flow = Of(Node("a"), Node("b", "a/out", "a/more"), Node("c", "a/out")).Run();
        var edge = flow.Log.OfType<Effect.OpenEdge>().First(e => e.Subscriber == Who("b")).Edge;

        flow.Do(new DaemonEvent.EdgeFaulted(edge, Who("b").Node, "tail behind head"));

        Assert.Equal(edge, flow.One<Effect.CloseEdge>().Edge);
        Assert.Contains("a/out -> b/in0 was cut: its memory is damaged (tail behind head), as 'b' reports; who damaged it is not known: 'a' and 'b' can", flow.One<Effect.SendInputClosed>().Reason, StringComparison.Ordinal);
        Assert.Equal("b", flow.One<Effect.ReportNode>().Change.Node.Value);
        Assert.Empty(flow.Do(new DaemonEvent.EdgeFaulted(edge, Who("a").Node, "again")).Effects);
    }

    [Fact]
    public void A_graph_without_nodes_is_done_at_once()
    {
        Assert.True(Of().Begin().Outcome.Succeeded);
    }

    [Fact]
    public void Nothing_comes_after_the_end()
    {
        var flow = Of(Node("a")).Run().Exit("a");
        Assert.IsType<Effect.Finished>(flow.Effects[^1]);

        Assert.Empty(flow.Force().Effects);
        Assert.Empty(flow.Exit("a").Effects);
    }

    [Fact]
    public void The_report_has_a_row_for_each_node_in_order()
    {
        var flow = Of(Node("a").Restarting(RestartPolicy.OnFailure), Dynamic("d"), Node("b")).Run().Exit("a", code: 3).Rejoin("a", 1).Pass(5);
        flow.Do(new DaemonEvent.NodeExited(Who("a", 1), new ExitStatus(0) { MaxRssBytes = 4096, CpuTime = TimeSpan.FromSeconds(2) }));

        var outcome = flow.Exit("b").Outcome;

        Assert.Equal(new NodeReport(Who("a").Node, 1, "exit code 0", false, null, 4096, TimeSpan.FromSeconds(2)), outcome.Nodes[0]);
        Assert.Equal("never attached", outcome.Nodes[1].Exit);
        Assert.Equal(5, outcome.Duration.TotalSeconds);
    }
}
