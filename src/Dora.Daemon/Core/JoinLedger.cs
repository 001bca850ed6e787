// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Graph;
using Dora.Protocol;
using Dora.Protocol.Messages;

namespace Dora.Daemon.Core;

/// <summary>Adds up what the joins of nodes and operators did, over all incarnations, for the closing table.</summary>
/// <remarks>Threading: one caller at a time. Nodes made the counts: sums wrap rather than throw.</remarks>
public sealed class JoinLedger
{
    private readonly List<Row> _rows = [];

    /// <summary>One row for each join of the graph, in its order.</summary>
    public JoinLedger(DataflowGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        foreach (var node in graph.Nodes)
        {
            if (node.Join is { } join)
                _rows.Add(new Row(node.Id, "", join));
            foreach (var op in node.Operators)
            {
                if (op.Join is { } operatorJoin)
                    _rows.Add(new Row(node.Id, op.Id.Value, operatorJoin));
            }
        }
    }

    /// <summary>Whether a node or one of its operators has a join.</summary>
    public bool Has(NodeId node, string operatorId) => Find(node, operatorId) is not null;

    /// <summary>Takes what a process has counted so far: instead of what the same process said before.</summary>
    /// <param name="node">Whose.</param>
    /// <param name="incarnation">Number of the process.</param>
    /// <param name="counts">Since it started.</param>
    public void Set(NodeId node, int incarnation, Protocol.Messages.JoinReport counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        if (Find(node, counts.OperatorId) is not { } row)
            return;
        if (row.Incarnation != incarnation)
            row.Settle();
        row.Incarnation = incarnation;
        row.Live = counts.Clone();
    }

    /// <summary>The table; last call.</summary>
    public ImmutableArray<Daemon.JoinReport> Report() => [.. _rows.Select(row => row.Report())];

    private Row? Find(NodeId node, string operatorId) => _rows.Find(row => row.Node == node && row.Operator == operatorId);

    private sealed class Row(NodeId node, string operatorId, JoinSettings settings)
    {
        private Daemon.JoinReport _sum = new(operatorId.Length == 0 ? node.Value : $"{node}/{operatorId}", settings.Mode);

        public NodeId Node => node;
        public string Operator => operatorId;
        public int Incarnation { get; set; } = -1;
        public Protocol.Messages.JoinReport? Live { get; set; }

        public void Settle()
        {
            if (Live is not { } live)
                return;
            Live = null;
            _sum = _sum with
            {
                Sets = _sum.Sets + live.CompleteSets,
                PartialSets = _sum.PartialSets + live.PartialSets,
                TimedOutSets = _sum.TimedOutSets + live.TimedOutSets,
                Used = _sum.Used + Sum(i => i.Used),
                Superseded = _sum.Superseded + Sum(i => i.Superseded),
                Unmatched = _sum.Unmatched + Sum(i => i.Unmatched),
                TimedOut = _sum.TimedOut + Sum(i => i.TimedOut),
                Late = _sum.Late + Sum(i => i.Late),
                QueueFull = _sum.QueueFull + Sum(i => i.QueueFull),
                NoStamp = _sum.NoStamp + Sum(i => i.NoStamp),
                Ended = _sum.Ended + Sum(i => i.Ended),
            };

            ulong Sum(Func<JoinInputCounts, ulong> of) => live.Inputs.Aggregate(0UL, (sum, input) => sum + of(input));
        }

        public Daemon.JoinReport Report()
        {
            Settle();
            return _sum;
        }
    }
}
