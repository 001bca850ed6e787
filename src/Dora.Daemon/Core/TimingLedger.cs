// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Graph;
using Dora.Protocol;
using Dora.Protocol.Messages;

namespace Dora.Daemon.Core;

/// <summary>Adds up how operators kept their deadlines and budgets, over all processes of their runtime, for the closing table.</summary>
/// <remarks>Threading: one caller at a time. The runtime counted: sums wrap rather than throw.</remarks>
public sealed class TimingLedger
{
    private readonly List<Row> _rows = [];

    /// <summary>One row for each operator that has a deadline or a budget.</summary>
    public TimingLedger(DataflowGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        _rows.AddRange(
            from node in graph.Nodes
            from op in node.Operators
            where op.Timing.Deadline is not null || op.Timing.Budget is not null
            select new Row(node.Id, op.Id));
    }

    /// <summary>Takes what a runtime has counted so far: instead of what the same process said before.</summary>
    /// <param name="node">The runtime.</param>
    /// <param name="op">One of its operators.</param>
    /// <param name="incarnation">Number of the runtime's process.</param>
    /// <param name="counts">Since that process started.</param>
    public void Set(NodeId node, OperatorId op, int incarnation, TimingCounts counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        if (_rows.Find(row => row.Node == node && row.Operator == op) is not { } row)
            return;
        if (incarnation != row.Incarnation)
            row.Settle();
        row.Incarnation = incarnation;
        row.Live = counts.Clone();
    }

    /// <summary>The table; last call.</summary>
    public ImmutableArray<OperatorTimingReport> Report() => [.. _rows.Select(row => row.Report())];

    private sealed class Row(NodeId node, OperatorId op)
    {
        private readonly TimingCounts _sum = new(); // of processes that are gone

        public NodeId Node => node;
        public OperatorId Operator => op;
        public int Incarnation { get; set; } = -1;
        public TimingCounts Live { get; set; } = new();

        public void Settle()
        {
            _sum.Handled += Live.Handled;
            _sum.Missed += Live.Missed;
            _sum.Expired += Live.Expired;
            _sum.OverBudget += Live.OverBudget;
            _sum.WorstNs = Math.Max(_sum.WorstNs, Live.WorstNs);
            Live = new TimingCounts();
        }

        public OperatorTimingReport Report()
        {
            Settle();
            return new OperatorTimingReport(node, op, _sum.Handled, _sum.Missed, _sum.Expired, _sum.OverBudget, _sum.WorstNs);
        }
    }
}
