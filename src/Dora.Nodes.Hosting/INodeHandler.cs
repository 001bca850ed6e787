// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes.Hosting;

/// <summary>What a node does with its events when it runs inside a .NET host (<c>Microsoft.Extensions.Hosting</c>, ASP.NET Core).</summary>
/// <remarks>Register it with <see cref="NodeHosting.AddDoraNode{THandler}"/>; its constructor may ask for any service.</remarks>
public interface INodeHandler
{
    /// <summary>Handles one event.</summary>
    /// <param name="e">The event: valid until the returned task completes, longer with <see cref="DoraEvent.Retain"/>.</param>
    /// <param name="node">The node, for sending. Other services reach it through <see cref="HostedNode"/>.</param>
    /// <param name="stopping">Cancelled when the host shuts down.</param>
    /// <remarks>
    /// Threads: one event at a time, in order; by default on the node's receiving thread, which the handler may block as it likes.
    /// Errors: what it throws is logged, stops the host, and makes the process end with code 1, so that the node's <c>restart_policy</c> applies.
    /// </remarks>
    ValueTask OnEventAsync(DoraEvent e, DoraNode node, CancellationToken stopping);
}
