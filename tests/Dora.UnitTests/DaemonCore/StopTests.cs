// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon;
using Dora.Daemon.Core;
using Dora.Dataflows.Graph;
using Dora.Protocol;
using Dora.Protocol.Messages;
using static Dora.UnitTests.DaemonCore.Flow;

namespace Dora.UnitTests.DaemonCore;

public sealed class StopTests
{
    [Fact]
    public void A_stop_is_an_event_then_a_grace_then_SIGTERM_then_SIGKILL()
    {
        var flow = Of(Node("a")).Run().Stop();
        Assert.Equal(new Effect.SendStop(Who("a"), StopCause.Manual, TimeSpan.FromSeconds(10)), flow.One<Effect.SendStop>());

        Assert.Empty(flow.Pass(9.999).Effects);
        Assert.Equal(new Effect.SignalGroup(Who("a"), Signals.Term), flow.Pass(0.001).One<Effect.SignalGroup>());
        Assert.Empty(flow.Pass(4.999).Effects);
        Assert.Equal(Who("a"), flow.Pass(0.001).One<Effect.KillNode>().Who);
        Assert.Null(flow.NextIn);
    }

    [Fact]
    public void A_node_that_ends_in_its_grace_is_a_success()
    {
        var flow = Of(Node("a")).Run().Stop().Pass(1).Exit("a");

        Assert.True(flow.Outcome.Succeeded);
        Assert.Equal("stopped: wanted", flow.Outcome.Message);
    }

    [Theory]
    [InlineData(0, Signals.Term)]
    [InlineData(143, 0)]
    public void To_end_on_SIGTERM_is_no_failure(int code, int signal)
    {
        var flow = Of(Node("a")).Run().Stop().Pass(10).Exit("a", code, signal: signal);

        Assert.True(flow.Outcome.Succeeded);
        Assert.Equal("ended by SIGTERM", flow.Outcome.Nodes[0].Exit);
    }

    [Fact]
    public void To_need_SIGKILL_is_a_failure()
    {
        var flow = Of(Node("a")).Run().Stop().Pass(15).Exit("a", signal: Signals.Kill);

        Assert.StartsWith("killed: it ended neither on Stop nor on SIGTERM", flow.Outcome.FirstFailure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_request_overrides_the_settings_and_these_the_node()
    {
        var a = Node("a").Healthy(h => h with { StopGrace = TimeSpan.FromSeconds(3) });

        Assert.Equal(3, Of(a).Run().Stop().NextIn!.Value.TotalSeconds);
        Assert.Equal(4, With(new CoreSettings { StopGrace = TimeSpan.FromSeconds(4) }, a).Run().Stop().NextIn!.Value.TotalSeconds);
        Assert.Equal(1, With(new CoreSettings { StopGrace = TimeSpan.FromSeconds(4) }, a).Run().Stop(1).NextIn!.Value.TotalSeconds);
    }

    [Fact]
    public void A_second_stop_shortens_the_grace_and_says_nothing_twice()
    {
        var flow = Of(Node("a")).Run().Stop();
        Assert.Equal(NodePhase.Stopping, flow.One<Effect.ReportNode>().Change.Phase);

        flow.Pass(2).Stop(1);

        Assert.Empty(flow.Effects);
        Assert.Equal(1, flow.NextIn!.Value.TotalSeconds);
        Assert.Equal(1, flow.Stop(30).NextIn!.Value.TotalSeconds);
    }

    [Fact]
    public void A_node_that_has_not_connected_gets_SIGTERM_at_once()
    {
        var flow = Of(Node("a"), Node("b")).Begin().Launch("a").Join("b").Stop();

        Assert.Equal(Who("a"), flow.One<Effect.SignalGroup>().Who);
        Assert.Equal(Who("b"), flow.One<Effect.SendStop>().Who);
        Assert.Equal(Who("a"), flow.Pass(5).One<Effect.KillNode>().Who);
    }

    [Fact]
    public void A_node_that_is_just_being_launched_gets_SIGTERM_when_it_exists()
    {
        var flow = Of(Node("a")).Begin().Stop();
        Assert.False(flow.Gave<Effect.SignalGroup>());

        Assert.True(flow.Launch("a").Gave<Effect.SignalGroup>());
        Assert.False(flow.Connect("a").Gave<Effect.WiringDone>());
    }

    [Fact]
    public void A_node_that_was_refused_while_stopping_did_not_fail()
    {
        var flow = Of(Node("a")).Begin().Launch("a").Stop();
        Assert.Null(flow.Expected("a"));

        Assert.True(flow.Exit("a", code: 1).Outcome.Succeeded);
    }

    [Fact]
    public void A_launch_that_fails_because_it_was_stopped_did_not_fail()
    {
        var flow = Of(Node("a")).Begin().Force();
        Assert.True(flow.Gave<Effect.KillNode>());

        Assert.True(flow.Do(new DaemonEvent.NodeLaunchFailed(Who("a"), "killed")).Outcome.Succeeded);
    }

    [Fact]
    public void Force_kills_everybody_at_once()
    {
        var flow = Of(Node("a"), Node("b")).Run().Stop().Force();
        Assert.Equal([Who("a"), Who("b")], flow.Effects.OfType<Effect.KillNode>().Select(e => e.Who));

        flow.Exit("a", signal: Signals.Kill).Exit("b", signal: Signals.Kill);
        Assert.True(flow.Outcome.Succeeded);
        Assert.Equal("killed (forced stop)", flow.Outcome.Nodes[0].Exit);
    }

    [Fact]
    public void Nobody_is_restarted_after_a_stop()
    {
        var flow = Of(Node("a").Restarting(RestartPolicy.Always)).Run().Stop().Exit("a", code: 1);

        Assert.False(flow.Gave<Effect.SpawnNode>());
        Assert.False(flow.Outcome.Succeeded);
    }

    [Fact]
    public void Who_said_goodbye_has_the_same_grace_and_is_not_told()
    {
        var flow = Of(Node("a")).Run().Goodbye("a").Disconnect("a").Stop();

        Assert.False(flow.Gave<Effect.SendStop>() || flow.Gave<Effect.SignalGroup>());
        Assert.True(flow.Pass(10).Gave<Effect.SignalGroup>());
    }

    [Fact]
    public void A_node_that_lives_on_without_its_connection_is_ended_and_has_failed()
    {
        var flow = Of(Node("a")).Run().Disconnect("a");

        Assert.True(flow.Pass(5).Gave<Effect.SignalGroup>());
        flow.Exit("a", signal: Signals.Term);
        Assert.StartsWith("lost its connection to the daemon and lived on", flow.Outcome.FirstFailure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_ends_well_without_a_goodbye_has_not_failed()
    {
        Assert.True(Of(Node("a")).Run().Disconnect("a").Pass(0.1).Exit("a").Outcome.Succeeded);
    }

    [Fact]
    public void A_time_limit_stops_the_dataflow()
    {
        var flow = With(new CoreSettings { StopAfter = TimeSpan.FromSeconds(30) }, Node("a")).Run().Pass(30);

        Assert.Equal(StopCause.Manual, flow.One<Effect.SendStop>().Cause);
        Assert.Equal("stopped: its time of 30 s is over", flow.Exit("a").Outcome.Message);
    }

    [Fact]
    public void An_operator_can_stop_the_dataflow()
    {
        var flow = Of(Node("a"), Node("b")).Run();

        flow.Do(new DaemonEvent.OperatorReported(Who("a"), OperatorId.Single, OperatorState.StopAll, "", 0));

        Assert.Equal(2, flow.Effects.OfType<Effect.SendStop>().Count());
        Assert.Equal("stopped: operator 'a/op' asked for it", flow.Exit("a").Exit("b").Outcome.Message);
    }
}
