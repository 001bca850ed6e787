// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon.Core;
using Dora.Daemon.Shell;
using Dora.Dataflows.Graph;

namespace Dora.Daemon;

/// <summary>A daemon inside the calling process, for one dataflow: no ports, nothing left behind.</summary>
public static class EmbeddedDaemon
{
    /// <summary>Runs a dataflow to its end.</summary>
    /// <param name="graph">Operators name assemblies here, not sources.</param>
    /// <param name="options">How.</param>
    /// <param name="observer">Hears what happens, on the daemon's thread.</param>
    /// <param name="stop">An orderly stop is wanted.</param>
    /// <param name="force">Everything ends at once.</param>
    /// <param name="control">Gets power over the run while it lasts; null: nobody has.</param>
    /// <returns>When no process and no edge is left.</returns>
    /// <exception cref="RuntimeDirectoryException">There is no place for the daemon's socket.</exception>
    /// <exception cref="Platform.PlatformException">The system refused what the daemon itself needs.</exception>
    public static async Task<DataflowReport> RunAsync(
        DataflowGraph graph, RunOptions options, IRunObserver observer, CancellationToken stop, CancellationToken force, RunControl? control = null)
    {
        using var shell = new DataflowShell(graph, options, observer);
        control?.Attach(shell);
        shell.Post(new DaemonEvent.Begin());
        using var onStop = stop.Register(() => shell.Post(new DaemonEvent.StopRequested("interrupted")));
        using var onForce = force.Register(() => shell.Post(new DaemonEvent.ForceStop("forced")));
        try
        {
            return await shell.Finished.ConfigureAwait(false);
        }
        finally
        {
            control?.Attach(null);
        }
    }
}
