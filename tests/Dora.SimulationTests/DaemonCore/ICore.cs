// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon.Core;
using Dora.Protocol;

namespace Dora.SimulationTests.DaemonCore;

/// <summary>What the simulated world talks to: the real core, or one that was broken on purpose.</summary>
internal interface ICore
{
    long? NextDeadlineNs { get; }
    void Apply(DaemonEvent e, long nowNs, List<Effect> effects);
    Incarnation? ExpectedIncarnation(NodeId node);
}

internal sealed class RealCore(DataflowCore core) : ICore
{
    public long? NextDeadlineNs => core.NextDeadlineNs;

    public void Apply(DaemonEvent e, long nowNs, List<Effect> effects) => core.Apply(e, nowNs, effects);

    public Incarnation? ExpectedIncarnation(NodeId node) => core.ExpectedIncarnation(node, out _);
}

/// <summary>A rule does not hold. The message says which; whoever knows the seed adds it.</summary>
internal sealed class InvariantBrokenException(string message) : Exception(message);
