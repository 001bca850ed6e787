// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;
using Dora.Runtime.Port;
using Dora.Runtime.Scheduling;
using Dora.Runtime.State;
using Dora.Runtime.Threads;

namespace Dora.Runtime;

/// <summary>Hosts the operators of a runtime node in this process.</summary>
public static class OperatorRuntime
{
    /// <summary>Joins the dataflow that started this process and runs its operators on the calling thread until all have ended.</summary>
    /// <param name="load">Finds each operator's program; all are loaded before the dataflow starts, so that none misses its first messages.</param>
    /// <param name="connected">Called once the node is there, before any operator runs.</param>
    /// <exception cref="OperatorLoadException">An operator cannot be started; the dataflow does not start then.</exception>
    /// <exception cref="NodeConnectionException">dora did not start this process, or the dataflow did not start.</exception>
    public static RuntimeResult RunFromEnv(OperatorLoader load, Action<DoraNode> connected)
    {
        var loaded = new Dictionary<string, IOperatorFactory>();
        OperatorStates? states = null;
        var warn = (Action<string>)Console.Error.WriteLine;
        using var node = DoraNode.InitPrepared(joining =>
        {
            states = OperatorStates.Open(joining.Config.Wire, message => warn(message));
            foreach (var op in joining.Config.Wire.Operators)
            {
                joining.NoteRunning(loaded.Count + 1);
                loaded.Add(op.OperatorId, PreparedOperator.Of(load(op), states.Of(op.OperatorId)));
            }

            joining.NoteRunning(0);
        });
        using var opened = states!;
        warn = message => node.Log(NodeLogLevel.Warn, message);
        connected(node);
        using var port = new NodePort(node);
        return Run(port, op => loaded[op.OperatorId], opened, TimeProvider.System);
    }

    /// <summary>Loads the operators that the node's configuration lists and runs them on the calling thread until all have ended.</summary>
    /// <param name="node">Connected; nobody else receives from it. Stays the caller's to dispose.</param>
    /// <param name="load">Finds each operator's program.</param>
    /// <exception cref="OperatorLoadException">An operator cannot be started; no operator runs then.</exception>
    public static RuntimeResult Run(DoraNode node, OperatorLoader load)
    {
        using var port = new NodePort(node);
        using var states = OperatorStates.Open(port.Config, message => node.Log(NodeLogLevel.Warn, message));
        return Run(port, load, states, TimeProvider.System);
    }

    /// <summary>The same on any node; for tests.</summary>
    internal static RuntimeResult Run(INodePort port, OperatorLoader load, OperatorStates states, TimeProvider time) =>
        Run(port, RuntimeWiring.Create(port, load, time, states));

    /// <summary>Runs operators that are connected: on the calling thread, or on several where any names one.</summary>
    internal static RuntimeResult Run(INodePort port, RuntimeWiring wiring) => wiring.Cells.Any(cell => cell.Thread.Length > 0)
        ? ThreadedRuntime.Run(port, wiring)
        : new OperatorScheduler(port, wiring.CreateReadyQueue(), wiring).Run();
}
