// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon;
using Dora.Daemon.Core;
using Dora.Dataflows.Graph;
using Dora.Protocol;
using Dora.SharedMemory;
using static Dora.UnitTests.DaemonCore.Flow;

namespace Dora.UnitTests.DaemonCore;

public sealed class EdgeLedgerTests
{
    private static readonly InputId Input = new(new NodeId("b"), new DataId("in0"));

    [Fact]
    public void Counts_of_all_incarnations_are_added_and_what_a_death_took_is_dropped()
    {
        var ledger = Ledger();
        ledger.Add(Input, new EdgeCounters { Sent = 10, SentBytes = 100, Received = 7, DroppedOldest = 1, Queued = 2, AgeP50Ns = 5, AgeP99Ns = 9 });
        ledger.Add(Input, new EdgeCounters { Sent = 4, SentBytes = 40, Received = 4, AgeP50Ns = 50, AgeP99Ns = 90 });

        Assert.Equal(new EdgeReport("a/out", "b/in0", 14, 11, 3, 140, 5, 9), ledger.Report()[0]);
    }

    [Fact]
    public void An_input_that_never_had_an_edge_has_a_row()
    {
        Assert.Equal(new EdgeReport("dora/timer/secs/1", "b/in1", 0, 0, 0, 0, null, null), Ledger().Report()[1]);
    }

    [Fact]
    public void Nonsense_from_a_hostile_peer_breaks_nothing()
    {
        var ledger = Ledger();

        ledger.Add(Input, new EdgeCounters { Sent = 1, Received = ulong.MaxValue, AgeP50Ns = ulong.MaxValue });
        ledger.Add(new InputId(new NodeId("x"), new DataId("y")), default);

        Assert.Equal((0UL, long.MaxValue), (ledger.Report()[0].Dropped, ledger.Report()[0].AgeP50Ns!.Value));
    }

    private static EdgeLedger Ledger() => new(new DataflowGraph
    {
        SourcePath = "test",
        BaseDirectory = "/",
        DescriptorYaml = "",
        Nodes = [Node("a"), Node("b", "a/out", "timer")],
    });
}
