// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Graph;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Dora.SharedMemory;

namespace Dora.Daemon.Core;

/// <summary>Adds up what the edges of each input did, over all incarnations of both ends, for the closing table; also those between operators of
/// one runtime, which exist in its process only.</summary>
/// <remarks>Threading: one caller at a time. Peers wrote the counters: sums wrap rather than throw, differences stop at 0. Otherwise
/// sent = received + dropped + lost holds in each row.</remarks>
public sealed class EdgeLedger
{
    private readonly List<Row> _rows = [];
    private readonly Dictionary<InputId, Row> _byInput = [];

    /// <summary>One row for each input of the graph, in its order; a node's before those that its operators feed each other.</summary>
    public EdgeLedger(DataflowGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        foreach (var node in graph.Nodes)
        {
            foreach (var input in node.Inputs)
                AddRow(new InputId(node.Id, input.Id), input, isInProcess: false);
            foreach (var op in node.Operators)
            {
                foreach (var input in op.Inputs)
                {
                    var id = new InputId(node.Id, new DataId($"{op.Id}/{input.Id}"));
                    if (!_byInput.ContainsKey(id))
                        AddRow(id, input, isInProcess: true);
                }
            }
        }
    }

    /// <summary>Takes what a runtime has counted so far on an input that one of its operators feeds: instead of what the same process said before.</summary>
    /// <param name="input">The node's id, and <c>operator/input</c>.</param>
    /// <param name="incarnation">Number of the runtime's process.</param>
    /// <param name="counts">Since that process started; what is queued now is not lost yet.</param>
    public void SetInProcess(InputId input, int incarnation, SiblingCounts counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        if (!_byInput.TryGetValue(input, out var row) || !row.IsInProcess)
            return;
        if (incarnation != row.Incarnation)
            row.Settle();
        row.Incarnation = incarnation;
        row.Live = counts.Clone();
    }

    /// <summary>Takes how many messages a runtime took from an edge but dropped before their operator saw them: instead of what the same process said before.</summary>
    /// <param name="input">The node's id, and <c>operator/input</c>.</param>
    /// <param name="incarnation">Number of the runtime's process.</param>
    /// <param name="expired">Since that process started.</param>
    public void SetExpired(InputId input, int incarnation, ulong expired)
    {
        if (!_byInput.TryGetValue(input, out var row) || row.IsInProcess)
            return;
        if (incarnation != row.Incarnation)
            row.SettleExpired();
        row.Incarnation = incarnation;
        row.LiveExpired = expired;
    }

    /// <summary>Takes the last counters of an edge that is closed, once.</summary>
    public void Add(InputId input, in EdgeCounters counters)
    {
        if (!_byInput.TryGetValue(input, out var row))
            return;
        row.Sent += counters.Sent;
        row.Received += counters.Received;
        row.Bytes += counters.SentBytes;
        row.DroppedOldest += counters.DroppedOldest;
        row.DroppedFull += counters.DroppedFull;
        row.DroppedPool += counters.DroppedPool;
        var settled = counters.Received + counters.Dropped;
        row.Lost += counters.Sent - Math.Min(counters.Sent, settled); // queued when an end died or the dataflow stopped, or torn by a kill
        if (counters.Received <= row.ReceivedOfLargest)
            return;
        // Percentiles can't be added; those of the incarnation that received most speak for the input.
        row.ReceivedOfLargest = counters.Received;
        row.AgeP50Ns = Saturate(counters.AgeP50Ns);
        row.AgeP99Ns = Saturate(counters.AgeP99Ns);
    }

    /// <summary>The table; last call.</summary>
    public ImmutableArray<EdgeReport> Report() =>
    [
        .. _rows.Select(row => row.Report()),
    ];

    private void AddRow(InputId id, GraphInput input, bool isInProcess)
    {
        var row = new Row(input.Source.ToString()!, id.ToString(), isInProcess);
        _rows.Add(row);
        _byInput.Add(id, row);
    }

    private static long Saturate(ulong ns) => (long)Math.Min(ns, long.MaxValue);

    private sealed class Row(string source, string target, bool isInProcess)
    {
        public bool IsInProcess => isInProcess;
        public ulong Sent { get; set; }
        public ulong Received { get; set; }
        public ulong DroppedOldest { get; set; }
        public ulong DroppedFull { get; set; }
        public ulong DroppedPool { get; set; }
        public ulong Lost { get; set; }
        public ulong Bytes { get; set; }
        public ulong ReceivedOfLargest { get; set; }
        public long? AgeP50Ns { get; set; }
        public long? AgeP99Ns { get; set; }

        /// <summary>The runtime process that <see cref="Live"/> is of.</summary>
        public int Incarnation { get; set; } = -1;

        /// <summary>What it has said last.</summary>
        public SiblingCounts? Live { get; set; }

        /// <summary>The same of a row that is an edge: of the messages taken, those that the operator never saw.</summary>
        public ulong LiveExpired { get; set; }

        public ulong Expired { get; set; }

        public void SettleExpired()
        {
            Expired += LiveExpired;
            LiveExpired = 0;
        }

        /// <summary>Nothing more will be said of what was counted: what neither arrived nor was dropped died with the process.</summary>
        public void Settle()
        {
            if (Live is not { } live)
                return;
            Live = null;
            Sent += live.Sent;
            Received += live.Received;
            DroppedOldest += live.DroppedOldest;
            Bytes += live.Bytes;
            Expired += live.DroppedExpired;
            Lost += live.Sent - Math.Min(live.Sent, live.Received + live.DroppedOldest + live.DroppedExpired);
        }

        public EdgeReport Report()
        {
            Settle();
            SettleExpired();
            return new EdgeReport(source, target)
            {
                IsInProcess = isInProcess,
                Sent = Sent,
                Received = isInProcess ? Received : Received - Math.Min(Received, Expired), // of an edge the runtime took them, the operator did not
                DroppedExpired = isInProcess ? Expired : Math.Min(Received, Expired),
                DroppedOldest = DroppedOldest,
                DroppedFull = DroppedFull,
                DroppedPool = DroppedPool,
                Lost = Lost,
                Bytes = Bytes,
                AgeP50Ns = AgeP50Ns,
                AgeP99Ns = AgeP99Ns,
            };
        }
    }
}
