// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon;
using Dora.Daemon.Core;
using Dora.Dataflows.Graph;
using Dora.Protocol;
using Dora.Protocol.Messages;
using static Dora.UnitTests.DaemonCore.Flow;

namespace Dora.UnitTests.DaemonCore;

public sealed class TimingLedgerTests
{
    private static readonly OperatorId Fast = new("fast");

    [Fact]
    public void Counts_of_all_processes_are_added_and_only_operators_with_deadline_or_budget_have_a_row()
    {
        var node = Node("r") with
        {
            Operators =
            [
                Operator("plain", new TimingSettings()),
                Operator("fast", new TimingSettings { Deadline = TimeSpan.FromMilliseconds(1) }),
                Operator("watched", new TimingSettings { Budget = TimeSpan.FromMilliseconds(1) }),
            ],
        };
        var ledger = new TimingLedger(new DataflowGraph { SourcePath = "test", BaseDirectory = "/", DescriptorYaml = "", Nodes = [Node("a"), node] });

        ledger.Set(node.Id, Fast, 0, new TimingCounts { Handled = 1 });
        ledger.Set(node.Id, Fast, 0, new TimingCounts { Handled = 5, Missed = 2, Expired = 1, OverBudget = 3, WorstNs = 70 }); // the same process, later
        ledger.Set(node.Id, Fast, 1, new TimingCounts { Handled = 10, Missed = 1, WorstNs = 40 });
        ledger.Set(node.Id, new OperatorId("plain"), 0, new TimingCounts { Handled = 1 });

        Assert.Equal(
            [
                new OperatorTimingReport(node.Id, Fast, 15, 3, 1, 3, 70),
                new OperatorTimingReport(node.Id, new OperatorId("watched"), 0, 0, 0, 0, 0),
            ],
            ledger.Report());
    }

    private static GraphOperator Operator(string id, TimingSettings timing) =>
        new() { Id = new OperatorId(id), Kind = OperatorKind.CSharp, Source = "/op.dll", Timing = timing };
}
