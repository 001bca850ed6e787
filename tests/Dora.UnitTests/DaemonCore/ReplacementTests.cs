// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon;
using Dora.Daemon.Core;
using Dora.Dataflows.Graph;
using Dora.Protocol;
using Dora.Protocol.Messages;
using static Dora.UnitTests.DaemonCore.Flow;

namespace Dora.UnitTests.DaemonCore;

/// <summary>Programs that change while the dataflow runs.</summary>
public sealed class ReplacementTests
{
    private static DaemonEvent.NodeChanged Changed(string node) => new(new NodeId(node), "its program changed");

    [Fact]
    public void A_changed_node_is_stopped_in_good_order_and_started_again_whatever_its_policy_and_its_exit()
    {
        var flow = Of(Node("a"), Node("b", "a/out")).Run().Do(Changed("a"));
        Assert.Equal(StopCause.Manual, flow.One<Effect.SendStop>().Cause);
        Assert.False(flow.Gave<Effect.SpawnNode>());

        flow.CloseOutputs("a").Goodbye("a").Exit("a", code: 3);
        Assert.Equal(Who("a", 1), flow.One<Effect.SpawnNode>().Who);
        Assert.False(flow.Log.Exists(e => e is Effect.SendInputClosed or Effect.SendNodeFailed));

        flow.Rejoin("a", 1);
        Assert.Equal((Who("a", 1), Who("b")), (flow.One<Effect.OpenEdge>().Publisher, flow.One<Effect.OpenEdge>().Subscriber));
        Assert.True(flow.Gave<Effect.SendNodeRestarted>(e => e.Who == Who("b")));
        flow.Exit("a", number: 1).Exit("b"); // and after that its policy holds again
        Assert.True(flow.Outcome.Succeeded);
        Assert.Equal(1, flow.Outcome.Nodes[0].Restarts);
    }

    [Fact]
    public void A_replacement_takes_none_of_the_restarts_that_the_policy_allows()
    {
        var flow = Of(Node("a").Restarting(RestartPolicy.OnFailure, max: 1)).Run();
        flow.Do(Changed("a")).Exit("a").Rejoin("a", 1).Do(Changed("a")).Exit("a", number: 1).Rejoin("a", 2);

        flow.Exit("a", code: 1, number: 2);

        Assert.Equal(Who("a", 3), flow.One<Effect.SpawnNode>().Who);
    }

    [Fact]
    public void A_node_that_does_not_end_is_signalled_and_killed_as_at_every_stop()
    {
        var flow = Of(Node("a").Healthy(h => h with { StopGrace = TimeSpan.FromSeconds(2) })).Run().Do(Changed("a"));
        flow.Pass(2);
        Assert.Equal(Who("a"), flow.One<Effect.SignalGroup>().Who);
        flow.Pass(60);
        Assert.Equal(Who("a"), flow.One<Effect.KillNode>().Who);
        flow.Exit("a", signal: 9);
        Assert.Equal(Who("a", 1), flow.One<Effect.SpawnNode>().Who);
    }

    [Fact]
    public void A_node_that_waits_for_its_restart_is_started_at_once()
    {
        var flow = Of(Node("a").Restarting(RestartPolicy.OnFailure, delaySeconds: 60), Node("b")).Run().Exit("a", code: 1);
        Assert.False(flow.Gave<Effect.SpawnNode>());
        flow.Do(Changed("a"));
        Assert.Equal(Who("a", 1), flow.One<Effect.SpawnNode>().Who);
    }

    [Fact]
    public void Who_has_ended_or_ends_because_its_inputs_did_and_dynamic_nodes_stay_as_they_are()
    {
        var flow = Of(Node("a"), Node("b", "a/out"), Node("c"), Dynamic("d")).Run().Exit("a"); // b is told that all is over
        foreach (var node in new[] { "a", "b", "d" })
        {
            flow.Do(Changed(node));
            Assert.Empty(flow.Effects);
        }
    }

    [Fact]
    public void A_stop_of_the_dataflow_ends_a_replacement()
    {
        var flow = Of(Node("a")).Run().Do(Changed("a")).Stop().Exit("a");
        Assert.DoesNotContain(flow.Log.OfType<Effect.SpawnNode>(), e => e.Who.Number > 0);
        Assert.True(flow.Outcome.Succeeded);
    }

    [Fact]
    public void A_runtime_hears_of_a_changed_operator_while_it_listens()
    {
        DaemonEvent.OperatorChanged changed = new(new NodeId("a"), new OperatorId("op"), "/new.dll");
        var flow = Of(Node("a")).Begin().Do(changed);
        Assert.Empty(flow.Effects);
        flow.Join("a").Do(changed);
        Assert.Equal(new Effect.SendReload(Who("a"), new OperatorId("op"), "/new.dll"), flow.One<Effect.SendReload>());
        flow.Goodbye("a").Do(changed);
        Assert.Empty(flow.Effects);
    }
}
