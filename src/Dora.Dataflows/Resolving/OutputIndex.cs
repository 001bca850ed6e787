// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Descriptors;

namespace Dora.Dataflows.Resolving;

/// <summary>Who has which output, to look sources up.</summary>
internal sealed class OutputIndex
{
    private readonly Dictionary<string, NodeDescriptor> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<NodeDescriptor>> _hostsOfOperator = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _outputsOfNode = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unreadable;

    public OutputIndex(DataflowDescriptor dataflow)
    {
        _unreadable = [.. dataflow.UnreadableIds];
        foreach (var node in dataflow.Nodes)
        {
            if (!_nodes.TryAdd(node.Id.Value, node)) continue;
            _outputsOfNode[node.Id.Value] = [.. OutputsOf(node.Ports, node.Logs)];
            foreach (var op in node.Operators)
            {
                if (!_hostsOfOperator.TryGetValue(op.Id.Value, out var hosts)) _hostsOfOperator[op.Id.Value] = hosts = [];
                hosts.Add(node);
            }
        }
    }

    public IEnumerable<string> NodeNames => _nodes.Keys;

    public NodeDescriptor? Node(string id) => _nodes.GetValueOrDefault(id);

    /// <summary>Whether an entry of that name is there, but so broken that nothing can be said about it.</summary>
    public bool IsUnreadable(string id) => _unreadable.Contains(id);

    /// <summary>The only node with an operator of that id; null when there is none or more than one.</summary>
    public NodeDescriptor? OnlyHostOf(string operatorId) =>
        _hostsOfOperator.TryGetValue(operatorId, out var hosts) && hosts.Count == 1 ? hosts[0] : null;

    public HashSet<string> OutputsOf(NodeDescriptor node) => _outputsOfNode[node.Id.Value];

    /// <summary>What is listed, and what carries logs without being listed.</summary>
    public static IEnumerable<string> OutputsOf(PortsDescriptor ports, LogDescriptor logs) =>
        ports.Outputs.Select(o => o.Value).Concat(LogOutputs(logs)).Distinct(StringComparer.Ordinal);

    public static IEnumerable<string> LogOutputs(LogDescriptor logs) =>
        new[] { logs.SendStdoutAs?.Value, logs.SendLogsAs?.Value }.OfType<string>();
}
