// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Graph;

namespace Dora.Daemon;

/// <summary>A daemon inside the calling process, for one dataflow: no ports, nothing left behind.</summary>
public static class EmbeddedDaemon
{
    /// <summary>Runs a dataflow to its end.</summary>
    /// <param name="graph">Operators name assemblies here, not sources.</param>
    /// <param name="options">How.</param>
    /// <param name="observer">Hears what happens.</param>
    /// <param name="stop">An orderly stop is wanted.</param>
    /// <param name="force">Everything ends at once.</param>
    public static Task<DataflowReport> RunAsync(
        DataflowGraph graph, RunOptions options, IRunObserver observer, CancellationToken stop, CancellationToken force) =>
        throw new NotSupportedException();
}
