// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Middleware;
using Wire = Dora.Protocol.Messages;

namespace Dora.Nodes;

/// <summary>What to do when a message arrives at a full queue.</summary>
public enum QueuePolicy
{
    /// <summary>Take the oldest message out; it is counted as dropped.</summary>
    DropOldest,

    /// <summary>Make the sender wait.</summary>
    BackPressure,
}

/// <summary>One input, as the dataflow describes it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Source"><c>node/output</c>, <c>node/operator/output</c>, <c>dora/timer/…</c> or <c>dora/logs…</c>.</param>
/// <param name="QueueSize">Messages that wait at most.</param>
/// <param name="QueuePolicy">What happens to one more.</param>
/// <param name="Timeout">Longest pause between messages before the input is reported closed; null: any.</param>
public sealed record InputInfo(string Id, string Source, int QueueSize, QueuePolicy QueuePolicy, TimeSpan? Timeout);

/// <summary>What the dataflow says about this node. Immutable.</summary>
public sealed class NodeConfig
{
    private const long PoolBytesMaxDefault = 4L << 30;

    internal NodeConfig(Wire.NodeConfig wire)
    {
        Wire = wire;
        Inputs = [.. wire.Inputs.Select(ToInput)];
        Outputs = [.. wire.Outputs.Select(output => output.OutputId)];
        WorkingDirectory = wire.WorkingDirectory;
    }

    /// <summary>All inputs, in the order of the dataflow file.</summary>
    public ImmutableArray<InputInfo> Inputs { get; }

    /// <summary>Names of all outputs, in the order of the dataflow file.</summary>
    public ImmutableArray<string> Outputs { get; }

    /// <summary>Folder that relative paths in the dataflow mean.</summary>
    public string WorkingDirectory { get; }

    /// <summary>Bytes of shared memory that the messages of this node may take, received ones not counted.</summary>
    public long PoolBytesMax => Wire.PoolBytesMax is > 0 and <= long.MaxValue ? (long)Wire.PoolBytesMax : PoolBytesMaxDefault;

    /// <summary>How often the daemon wants a sign of life from the event loop; zero: it does not ask.</summary>
    public TimeSpan HeartbeatInterval => TimeSpan.FromMilliseconds(Wire.HeartbeatMs);

    /// <summary>How the node waits (<c>wait</c>).</summary>
    internal WaitPolicy Wait => WaitPolicy.For(
        Wire.Wait switch
        {
            Dora.Protocol.Messages.WaitStrategy.Block => WaitStrategy.Block,
            Dora.Protocol.Messages.WaitStrategy.Spin => WaitStrategy.Spin,
            _ => WaitStrategy.Adaptive,
        },
        nodes: Wire.NodesHere,
        spinningNodes: Wire.SpinningNodesHere,
        cores: Environment.ProcessorCount); // those that this process may use, cpu_affinity applied

    /// <summary>Everything, for the runtime.</summary>
    internal Wire.NodeConfig Wire { get; }

    private static InputInfo ToInput(Wire.InputConfig input) => new(
        input.InputId,
        input.Source,
        checked((int)Math.Min(input.QueueSize, int.MaxValue)),
        input.QueuePolicy == Dora.Protocol.Messages.QueuePolicy.Backpressure ? QueuePolicy.BackPressure : QueuePolicy.DropOldest,
        input.InputTimeoutNs == 0 ? null : ToTimeSpan(input.InputTimeoutNs));

    /// <summary>Rounded up: a time-out must not become zero.</summary>
    private static TimeSpan ToTimeSpan(ulong ns)
    {
        const ulong NsPerTick = 100;
        return TimeSpan.FromTicks((long)Math.Min(long.MaxValue, (ns + NsPerTick - 1) / NsPerTick));
    }
}
