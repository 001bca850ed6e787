// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon.Shell;
using Dora.Protocol;

namespace Dora.Daemon;

/// <summary>Changes programs of a dataflow while it runs.</summary>
/// <remarks>Threads: any. Before the run and after it nothing happens.</remarks>
public sealed class RunControl
{
    private volatile DataflowShell? _shell;

    /// <summary>An operator's program changed: the runtime swaps it between two events; what waits in its queues stays.</summary>
    /// <param name="node">The runtime node.</param>
    /// <param name="op">The operator.</param>
    /// <param name="source">Absolute path of what is to be loaded from now on.</param>
    public void ReplaceOperator(NodeId node, OperatorId op, string source) => _shell?.Replace(node, op, source);

    /// <summary>A node's program changed: its process is stopped in good order and another started. Does not count as a restart of its policy.</summary>
    /// <param name="node">The node; one that has ended for good stays so.</param>
    /// <param name="command">How it is started from now on.</param>
    /// <param name="reason">For people.</param>
    public void ReplaceNode(NodeId node, NodeCommand command, string reason) => _shell?.Replace(node, command, reason);

    internal void Attach(DataflowShell? shell) => _shell = shell;
}
