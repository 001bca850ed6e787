// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;

namespace Dora.Nodes.Hosting;

/// <summary>The node of this process, for services that send outputs or ask for its name: a controller, a worker, a health check.</summary>
/// <remarks>Threads: any. The host starts services in the order of their registration; those after <c>AddDoraNode</c> find the node there.</remarks>
public sealed class HostedNode
{
    private volatile DoraNode? _node; // written by NodeService at start and end

    internal HostedNode()
    {
    }

    /// <summary>The node.</summary>
    /// <exception cref="InvalidOperationException">The host has not started it yet, or has ended it.</exception>
    public DoraNode Node => _node ?? throw new InvalidOperationException("The dora node is there from the start of the host to its end, and not now.");

    /// <summary>The node, if there is one now.</summary>
    public bool TryGet([NotNullWhen(true)] out DoraNode? node) => (node = _node) is not null;

    internal void Set(DoraNode? node) => _node = node;
}
