// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon;
using Dora.Daemon.Core;
using Dora.Dataflows.Graph;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Dora.SharedMemory;
using static Dora.UnitTests.DaemonCore.Flow;

namespace Dora.UnitTests.DaemonCore;

public sealed class EdgeLedgerTests
{
    private static readonly InputId Input = new(new NodeId("b"), new DataId("in0"));

    [Fact]
    public void Counts_of_all_incarnations_are_added_and_what_a_death_took_is_lost()
    {
        var ledger = Ledger();
        ledger.Add(Input, new EdgeCounters { Sent = 10, SentBytes = 100, Received = 7, DroppedOldest = 1, Queued = 2, AgeP50Ns = 5, AgeP99Ns = 9 });
        ledger.Add(Input, new EdgeCounters { Sent = 4, SentBytes = 40, Received = 4, AgeP50Ns = 50, AgeP99Ns = 90 });

        var expected = new EdgeReport("a/out", "b/in0")
        {
            Sent = 14,
            Received = 11,
            DroppedOldest = 1,
            Lost = 2,
            Bytes = 140,
            AgeP50Ns = 5,
            AgeP99Ns = 9,
        };
        Assert.Equal(expected, ledger.Report()[0]);
    }

    [Fact]
    public void Messages_that_a_runtime_took_but_dropped_as_expired_were_not_received()
    {
        var ledger = Ledger();
        ledger.SetExpired(Input, 0, 2);
        ledger.SetExpired(Input, 0, 3); // the same process, later
        ledger.SetExpired(Input, 1, 1);
        ledger.Add(Input, new EdgeCounters { Sent = 10, Received = 10, AgeP50Ns = 5, AgeP99Ns = 9 });

        var row = ledger.Report()[0];
        Assert.Equal((10UL, 6UL, 4UL, 4UL, 0UL), (row.Sent, row.Received, row.DroppedExpired, row.Dropped, row.Lost));
    }

    [Fact]
    public void An_input_that_never_had_an_edge_has_a_row()
    {
        Assert.Equal(new EdgeReport("dora/timer/secs/1", "b/in1"), Ledger().Report()[1]);
    }

    [Fact]
    public void What_operators_send_each_other_has_rows_of_its_own_over_all_processes_of_their_runtime()
    {
        var node = Node("r", "a/out") with
        {
            Operators =
            [
                Operator("first", "in", "a/out"),
                Operator("second", "in", "r/first/out"),
            ],
        };
        node = node with { Inputs = [node.Inputs[0] with { Id = new DataId("first/in") }] };
        var ledger = new EdgeLedger(new DataflowGraph { SourcePath = "test", BaseDirectory = "/", DescriptorYaml = "", Nodes = [Node("a"), node] });
        var sibling = new InputId(node.Id, new DataId("second/in"));

        ledger.SetInProcess(sibling, 0, new SiblingCounts { Sent = 3, Received = 3, Bytes = 30 });
        ledger.SetInProcess(sibling, 0, new SiblingCounts { Sent = 10, Received = 4, DroppedOldest = 5, Bytes = 100 }); // the same process, later
        ledger.SetInProcess(sibling, 1, new SiblingCounts { Sent = 1, Received = 1, Bytes = 10 });
        ledger.SetInProcess(new InputId(node.Id, new DataId("first/in")), 1, new SiblingCounts { Sent = 1000 }); // counted by its edge
        ledger.SetInProcess(new InputId(node.Id, new DataId("x/y")), 1, new SiblingCounts { Sent = 1000 });

        var rows = ledger.Report();
        Assert.Equal(["r/first/in", "r/second/in"], rows.Select(row => row.Target));
        Assert.Equal(0UL, rows[0].Sent);
        Assert.Equal(new EdgeReport("r/first/out", "r/second/in") { IsInProcess = true, Sent = 11, Received = 5, DroppedOldest = 5, Lost = 1, Bytes = 110 }, rows[1]);
    }

    [Fact]
    public void Nonsense_from_a_hostile_peer_breaks_nothing()
    {
        var ledger = Ledger();

        ledger.Add(Input, new EdgeCounters { Sent = 1, Received = ulong.MaxValue, AgeP50Ns = ulong.MaxValue });
        ledger.Add(new InputId(new NodeId("x"), new DataId("y")), default);

        Assert.Equal((0UL, long.MaxValue), (ledger.Report()[0].Lost, ledger.Report()[0].AgeP50Ns!.Value));
    }

    private static GraphOperator Operator(string id, string input, string source) => new()
    {
        Id = new OperatorId(id),
        Kind = OperatorKind.CSharp,
        Source = "/op.dll",
        Inputs = [new GraphInput { Id = new DataId(input), Source = new InputSource.Node(SourceOf(source)) }],
    };

    private static OutputId SourceOf(string text) => new(new NodeId(text[..text.IndexOf('/')]), new DataId(text[(text.IndexOf('/') + 1)..]));

    private static EdgeLedger Ledger() => new(new DataflowGraph
    {
        SourcePath = "test",
        BaseDirectory = "/",
        DescriptorYaml = "",
        Nodes = [Node("a"), Node("b", "a/out", "timer")],
    });
}
