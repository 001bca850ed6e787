// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Graph;
using Dora.Protocol;

namespace Dora.Daemon.Core;

/// <summary>Decides everything about one running dataflow: who starts, who is wired to whom, who is restarted, when it is over.</summary>
/// <remarks>
/// A pure state machine: no I/O, clock, lock or randomness, so the same events at the same times give the same effects.
/// Threading: one caller at a time.
/// </remarks>
public sealed class DataflowCore
{
    /// <summary>Nothing happens before <see cref="DaemonEvent.Begin"/>.</summary>
    public DataflowCore(DataflowGraph graph, CoreSettings settings)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(settings);
    }

    /// <summary>When to call with <see cref="DaemonEvent.DeadlineReached"/> at the latest, on the caller's clock; null: not needed.</summary>
    public long? NextDeadlineNs => null;

    /// <summary>Whether <see cref="Effect.Finished"/> was given; later events are ignored.</summary>
    public bool IsFinished => false;

    /// <summary>Takes one event and appends what shall be done, in order.</summary>
    /// <param name="e">What happened.</param>
    /// <param name="nowNs">A monotonic clock, ns; never less than in an earlier call.</param>
    /// <param name="effects">Appended to.</param>
    public void Apply(DaemonEvent e, long nowNs, List<Effect> effects) => throw new NotImplementedException();

    /// <summary>
    /// As whom a process that says hello under this name shall be welcomed (report it as <see cref="DaemonEvent.NodeConnected"/>):
    /// the incarnation that was spawned and has not connected yet, or the next one of a dynamic node that is not attached.
    /// Null: refuse it, with <paramref name="refusal"/> as reason.
    /// </summary>
    public Incarnation? ExpectedIncarnation(NodeId node, out string refusal)
    {
        refusal = "not implemented";
        return null;
    }
}
