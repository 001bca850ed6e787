// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;

namespace Dora.Daemon.Core;

/// <summary>Keeps the first failure, and which later ones are its consequences.</summary>
internal sealed class FailureLedger
{
    /// <summary>The cause of all others, as far as is known.</summary>
    public NodeFailure? First { get; private set; }

    public int Count { get; private set; }

    /// <summary>A node failed for good.</summary>
    public NodeFailure Record(NodeState node, string message)
    {
        var failure = new NodeFailure(node.Id, message, node.AffectedBy);
        node.Failure = failure;
        First ??= failure;
        Count++;
        return failure;
    }

    /// <summary>A node ended for good: if a failure is behind it, whoever reads from it feels that failure from now on.</summary>
    public static void PassOn(NodeState ended)
    {
        var root = ended.AffectedBy ?? ended.Failure?.Node;
        if (root is null)
            return;
        foreach (var reader in ended.Readers)
            Blame(reader.Subscriber, root.Value);
    }

    /// <summary>The start failed because of one node: what happens to the others follows from that.</summary>
    public static void BlameAll(IEnumerable<NodeState> nodes, NodeId root)
    {
        foreach (var node in nodes)
            Blame(node, root);
    }

    private static void Blame(NodeState node, NodeId root)
    {
        if (node.Id != root)
            node.AffectedBy ??= root;
    }
}
