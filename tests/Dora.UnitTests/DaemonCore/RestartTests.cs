// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon;
using Dora.Daemon.Core;
using Dora.Dataflows.Graph;
using Dora.Protocol.Messages;
using static Dora.UnitTests.DaemonCore.Flow;

namespace Dora.UnitTests.DaemonCore;

public sealed class RestartTests
{
    [Theory]
    [InlineData(RestartPolicy.Never, 1, false)]
    [InlineData(RestartPolicy.OnFailure, 0, false)]
    [InlineData(RestartPolicy.OnFailure, 1, true)]
    [InlineData(RestartPolicy.Always, 0, true)]
    [InlineData(RestartPolicy.Always, 1, true)]
    public void The_policy_and_the_exit_decide_whether_a_node_is_restarted(RestartPolicy policy, int code, bool restarted)
    {
        var flow = Of(Node("a").Restarting(policy), Node("b")).Run().Exit("a", code);

        Assert.Equal(restarted, flow.Gave<Effect.SpawnNode>());
        if (restarted)
            Assert.Equal(Who("a", 1), flow.One<Effect.SpawnNode>().Who);
    }

    [Fact]
    public void Readers_of_a_restarting_node_keep_their_inputs_and_get_new_edges()
    {
        var flow = Of(Node("a").Restarting(RestartPolicy.OnFailure, delaySeconds: 1), Node("b", "a/out")).Run();
        var first = flow.Log.OfType<Effect.OpenEdge>().Single().Edge;

        flow.Exit("a", code: 1);
        Assert.Equal(first, flow.One<Effect.CloseEdge>().Edge);
        Assert.False(flow.Gave<Effect.SendInputClosed>() || flow.Gave<Effect.SendNodeFailed>());

        flow.Pass(1).Rejoin("a", 1);
        var second = flow.One<Effect.OpenEdge>();
        Assert.NotEqual(first, second.Edge);
        Assert.Equal((Who("a", 1), Who("b")), (second.Publisher, second.Subscriber));
        Assert.Equal(new Effect.SendNodeRestarted(Who("b"), Who("a").Node), flow.One<Effect.SendNodeRestarted>());
        Assert.Equal(Who("a", 1), flow.One<Effect.StartNode>().Who);
        Assert.False(flow.Gave<Effect.SendInputRecovered>());
    }

    [Fact]
    public void A_restarted_reader_is_wired_to_those_who_run_and_started_at_once()
    {
        var flow = Of(Node("a"), Node("b", "a/out").Restarting(RestartPolicy.OnFailure)).Run().Exit("b", signal: 11).Rejoin("b", 1);

        Assert.Equal((Who("a"), Who("b", 1)), (flow.One<Effect.OpenEdge>().Publisher, flow.One<Effect.OpenEdge>().Subscriber));
        Assert.Equal(Who("b", 1), flow.One<Effect.StartNode>().Who);
        Assert.False(flow.Gave<Effect.SendNodeRestarted>());
    }

    [Fact]
    public void The_delay_doubles_up_to_its_maximum_and_jitter_only_shortens_it()
    {
        var flow = Of(Node("a").Restarting(RestartPolicy.OnFailure, delaySeconds: 1, maxDelaySeconds: 5)).Run();

        foreach (var (number, nominal) in new[] { (0, 1.0), (1, 2.0), (2, 4.0), (3, 5.0), (4, 5.0) })
        {
            flow.Exit("a", code: 1, number: number);
            Assert.InRange(flow.NextIn!.Value.TotalSeconds, nominal * 0.9, nominal);
            Assert.True(flow.Pass(nominal).Gave<Effect.SpawnNode>());
            flow.Rejoin("a", number + 1);
        }
    }

    [Fact]
    public void The_delay_starts_again_after_ten_delays_of_health()
    {
        var flow = Of(Node("a").Restarting(RestartPolicy.OnFailure, delaySeconds: 1)).Run();
        flow.Exit("a", code: 1).Pass(1).Rejoin("a", 1);

        flow.Pass(9.9).Exit("a", code: 1, number: 1);
        Assert.InRange(flow.NextIn!.Value.TotalSeconds, 1.8, 2);
        flow.Pass(2).Rejoin("a", 2);

        flow.Pass(20).Exit("a", code: 1, number: 2);
        Assert.InRange(flow.NextIn!.Value.TotalSeconds, 0.9, 1);
    }

    [Fact]
    public void A_delay_that_doubles_for_ever_does_not_overflow()
    {
        var book = new RestartBook(Who("a").Node, new RestartSettings { Policy = RestartPolicy.Always, Delay = TimeSpan.FromDays(3000) }, 1);

        for (var i = 0; i < 100; i++)
            Assert.True(book.Decide(failed: true, healthyNs: 0, nowNs: i).DelayNs > 0);
    }

    [Fact]
    public void The_limit_within_the_window_ends_the_restarts_and_is_named()
    {
        var flow = Of(Node("a").Restarting(RestartPolicy.OnFailure, max: 2, windowSeconds: 60), Node("b")).Run();
        flow.Exit("a", code: 1, number: 0).Rejoin("a", 1).Pass(30);
        flow.Exit("a", code: 1, number: 1).Rejoin("a", 2).Pass(29);

        flow.Exit("a", code: 1, number: 2);

        Assert.False(flow.Gave<Effect.SpawnNode>());
        var change = flow.Effects.OfType<Effect.ReportNode>().Single().Change;
        Assert.Equal(NodePhase.Exited, change.Phase);
        Assert.Contains("restart limit reached: 2 in 60 s", change.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Restarts_that_have_left_the_window_do_not_count()
    {
        var flow = Of(Node("a").Restarting(RestartPolicy.OnFailure, max: 1, windowSeconds: 60)).Run();
        flow.Exit("a", code: 1, number: 0).Rejoin("a", 1).Pass(60);

        Assert.True(flow.Exit("a", code: 1, number: 1).Gave<Effect.SpawnNode>());
    }

    [Fact]
    public void A_stop_cancels_a_restart_that_is_due()
    {
        var flow = Of(Node("a").Restarting(RestartPolicy.OnFailure, delaySeconds: 10), Node("b")).Run().Exit("a", code: 1);

        flow.Stop().Exit("b");

        Assert.True(flow.IsFinished);
        Assert.Null(flow.NextIn);
        Assert.Contains("not restarted: the dataflow stops", flow.Outcome.Nodes[0].Exit, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_whose_inputs_have_all_closed_is_not_restarted()
    {
        var flow = Of(Node("a"), Node("b", "a/out").Restarting(RestartPolicy.Always)).Run().Exit("a");
        Assert.Equal(StopCause.AllInputsClosed, flow.One<Effect.SendStop>().Cause);

        flow.Exit("b");

        Assert.True(flow.Outcome.Succeeded);
    }

    [Fact]
    public void A_restart_is_pointless_once_the_last_input_has_closed()
    {
        var flow = Of(Node("a"), Node("b", "a/out").Restarting(RestartPolicy.OnFailure, delaySeconds: 10)).Run().Exit("b", code: 1);

        flow.Exit("a");

        Assert.Contains("all its inputs have closed", flow.Outcome.FirstFailure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_restart_opens_again_what_the_earlier_incarnation_had_closed()
    {
        var flow = Of(Node("a").Restarting(RestartPolicy.OnFailure), Node("b", "a/out", "timer")).Run().CloseOutputs("a", "out");
        Assert.True(flow.Gave<Effect.SendInputClosed>());

        flow.Exit("a", code: 1).Rejoin("a", 1);

        Assert.Equal("in0", flow.One<Effect.SendInputRecovered>().Input.Value);
    }

    [Fact]
    public void A_silent_node_is_killed_to_the_nanosecond_and_restarted()
    {
        var a = Node("a").Restarting(RestartPolicy.OnFailure).Healthy(h => h with { HealthCheckTimeout = TimeSpan.FromSeconds(3) });
        var flow = Of(a).Run().Pass(2).Beat("a");
        Assert.Equal(3, flow.NextIn!.Value.TotalSeconds);

        Assert.False(flow.Pass(2.999).Gave<Effect.KillNode>());
        Assert.True(flow.Pass(0.001).Gave<Effect.KillNode>());

        flow.Exit("a", signal: Signals.Kill);
        Assert.True(flow.Gave<Effect.SpawnNode>());
        var message = flow.Effects.OfType<Effect.ReportNode>().First().Change.Message;
        Assert.StartsWith("no sign of life for 3 s (health_check_timeout)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Silence_is_no_fault_of_a_node_that_is_not_started_or_is_finishing()
    {
        var b = Node("b", "a/out").Healthy(h => h with { HealthCheckTimeout = TimeSpan.FromSeconds(3) });
        var flow = Of(Node("a"), b).Begin().Join("a").Join("b").Pass(10);
        Assert.False(flow.Gave<Effect.KillNode>());

        flow.Ready("a").Ready("b").Exit("a").Pass(100);
        Assert.False(flow.Gave<Effect.KillNode>());
    }

    [Fact]
    public void Jitter_depends_on_the_seed_and_on_nothing_else()
    {
        Assert.Equal(DelayWith(seed: 7), DelayWith(seed: 7));
        Assert.NotEqual(DelayWith(seed: 7), DelayWith(seed: 8));

        static TimeSpan? DelayWith(ulong seed) =>
            With(new CoreSettings { JitterSeed = seed }, Node("a").Restarting(RestartPolicy.Always, delaySeconds: 10)).Run().Exit("a").NextIn;
    }
}
