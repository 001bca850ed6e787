// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Graph;
using Dora.Protocol;
using Dora.SharedMemory;

namespace Dora.Daemon.Core;

/// <summary>Adds up what the edges of each input did, over all incarnations of both ends, for the closing table.</summary>
/// <remarks>Threading: one caller at a time. Peers wrote the counters: sums wrap rather than throw, differences stop at 0.</remarks>
public sealed class EdgeLedger
{
    private readonly List<Row> _rows = [];
    private readonly Dictionary<InputId, Row> _byInput = [];

    /// <summary>One row for each input of the graph, in its order.</summary>
    public EdgeLedger(DataflowGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        foreach (var node in graph.Nodes)
        {
            foreach (var input in node.Inputs)
            {
                var id = new InputId(node.Id, input.Id);
                var row = new Row(input.Source.ToString()!, id.ToString());
                _rows.Add(row);
                _byInput.Add(id, row);
            }
        }
    }

    /// <summary>Takes the last counters of an edge that is closed, once.</summary>
    public void Add(InputId input, in EdgeCounters counters)
    {
        if (!_byInput.TryGetValue(input, out var row))
            return;
        row.Sent += counters.Sent;
        row.Received += counters.Received;
        row.Bytes += counters.SentBytes;
        row.Dropped += counters.Sent - Math.Min(counters.Sent, counters.Received); // queued when an end died: lost as well
        if (counters.Received <= row.ReceivedOfLargest)
            return;
        // Percentiles can't be added; those of the incarnation that received most speak for the input.
        row.ReceivedOfLargest = counters.Received;
        row.AgeP50Ns = Saturate(counters.AgeP50Ns);
        row.AgeP99Ns = Saturate(counters.AgeP99Ns);
    }

    /// <summary>The table so far.</summary>
    public ImmutableArray<EdgeReport> Report() =>
    [
        .. _rows.Select(row => new EdgeReport(
            row.Source, row.Target, row.Sent, row.Received, row.Dropped, row.Bytes, row.AgeP50Ns, row.AgeP99Ns)),
    ];

    private static long Saturate(ulong ns) => (long)Math.Min(ns, long.MaxValue);

    private sealed class Row(string source, string target)
    {
        public string Source => source;
        public string Target => target;
        public ulong Sent { get; set; }
        public ulong Received { get; set; }
        public ulong Dropped { get; set; }
        public ulong Bytes { get; set; }
        public ulong ReceivedOfLargest { get; set; }
        public long? AgeP50Ns { get; set; }
        public long? AgeP99Ns { get; set; }
    }
}
