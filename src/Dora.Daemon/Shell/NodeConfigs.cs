// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon.Edges;
using Dora.Dataflows.Graph;
using Dora.Protocol;
using Dora.Protocol.Messages;
using QueuePolicy = Dora.Dataflows.Graph.QueuePolicy;
using WaitStrategy = Dora.Dataflows.Graph.WaitStrategy;

namespace Dora.Daemon.Shell;

/// <summary>Where runtime nodes keep their operators' state: a folder a node in each.</summary>
/// <param name="OfRun">Ends with the run.</param>
/// <param name="Kept">Outlives it; null: nothing does.</param>
internal sealed record StateFolders(string OfRun, string? Kept);

/// <summary>What a node is told about itself when it connects.</summary>
internal static class NodeConfigs
{
    /// <summary>A node that must show signs of life sends one this many times within its time-out.</summary>
    private const int HeartbeatsPerTimeout = 4;

    public static NodeConfig Of(LiveNode node, DataflowGraph graph, DataflowId dataflow, StateFolders folders)
    {
        var spec = node.Spec;
        var config = new NodeConfig
        {
            DataflowId = dataflow.ToString(),
            NodeId = spec.Id.Value,
            RestartCount = (uint)node.Who.Number,
            PoolBytesMax = (ulong)SegmentBoard.PoolBytesMax(spec.SharedMemoryPoolBytes),
            DescriptorYaml = graph.DescriptorYaml,
            HeartbeatMs = spec.Health.HealthCheckTimeout is { } timeout
                ? (uint)Math.Clamp(timeout.TotalMilliseconds / HeartbeatsPerTimeout, 1, uint.MaxValue)
                : 0,
            WorkingDirectory = spec.WorkingDirectory,
            Wait = WaitOf(spec),
            NodesHere = (uint)graph.Nodes.Length,
            SpinningNodesHere = (uint)graph.Nodes.Count(other => other.Wait == WaitStrategy.Spin),
        };
        if (spec.Operators.Any(op => op.State is not null))
        {
            config.StateDirectory = Path.Combine(folders.OfRun, spec.Id.Value);
            config.KeptStateDirectory = folders.Kept is { } kept ? Path.Combine(kept, spec.Id.Value) : config.StateDirectory;
        }

        config.Inputs.AddRange(spec.Inputs.Select(InputOf));
        config.Outputs.AddRange(OutputsOf(spec).Select(o => new OutputConfig { OutputId = o.Value }));
        config.Operators.AddRange(spec.Operators.Select(OperatorOf));
        if (spec.Join is { } join)
            config.Join = JoinConfigs.Of(join);
        config.Threads.AddRange(spec.Threads.Select(ThreadOf));
        config.RealtimeRequired = spec.IsRealTimeRequired;
        return config;
    }

    private static ThreadConfig ThreadOf(ThreadSettings thread) => new()
    {
        Name = thread.Name,
        Policy = thread.Policy switch
        {
            Dataflows.Graph.SchedulingPolicy.Fifo => Protocol.Messages.SchedulingPolicy.Fifo,
            Dataflows.Graph.SchedulingPolicy.RoundRobin => Protocol.Messages.SchedulingPolicy.Rr,
            Dataflows.Graph.SchedulingPolicy.Deadline => Protocol.Messages.SchedulingPolicy.Deadline,
            _ => Protocol.Messages.SchedulingPolicy.Other,
        },
        RtPriority = (uint)thread.RtPriority,
        RuntimeNs = Nanoseconds(thread.Runtime),
        PeriodNs = Nanoseconds(thread.Period),
        Nice = thread.Nice,
        CpuAffinity = { thread.CpuAffinity.Select(cpu => (uint)cpu) },
    };

    /// <summary>An input's policy as it is written on the wire.</summary>
    public static Protocol.Messages.QueuePolicy PolicyOf(GraphInput input) => input.QueuePolicy == QueuePolicy.BackPressure
        ? Protocol.Messages.QueuePolicy.Backpressure
        : Protocol.Messages.QueuePolicy.DropOldest;

    private static Protocol.Messages.WaitStrategy WaitOf(GraphNode node) => node.Wait switch
    {
        WaitStrategy.Block => Protocol.Messages.WaitStrategy.Block,
        WaitStrategy.Spin => Protocol.Messages.WaitStrategy.Spin,
        _ => Protocol.Messages.WaitStrategy.Adaptive,
    };

    /// <summary>What the node itself sends; what the daemon sends on its behalf is not the node's to send.</summary>
    public static IEnumerable<DataId> OutputsOf(GraphNode spec) =>
        spec.Outputs.Where(o => o != spec.Logs.SendStdoutAs && o != spec.Logs.SendLogsAs);

    private static InputConfig InputOf(GraphInput input) => new()
    {
        InputId = input.Id.Value,
        Source = input.Source.ToString(),
        QueueSize = (uint)input.QueueSize,
        QueuePolicy = PolicyOf(input),
        InputTimeoutNs = Nanoseconds(input.InputTimeout),
    };

    private static ulong Nanoseconds(TimeSpan? time) => time is { } known ? (ulong)known.TotalNanoseconds : 0;

    private static StateConfig StateOf(StateSettings state) => new()
    {
        Durability = state.Durability switch
        {
            Dataflows.Graph.StateDurability.Disk => Protocol.Messages.StateDurability.Disk,
            Dataflows.Graph.StateDurability.Sync => Protocol.Messages.StateDurability.Sync,
            _ => Protocol.Messages.StateDurability.Memory,
        },
        MaxSize = (ulong)state.MaxSizeBytes,
        Keep = state.IsKept,
        ExplicitCommit = state.IsCommitExplicit,
        Version = (uint)state.Version,
        OnPoison = state.OnPoison switch
        {
            Dataflows.Graph.PoisonPolicy.ResetState => Protocol.Messages.PoisonPolicy.ResetState,
            Dataflows.Graph.PoisonPolicy.Fail => Protocol.Messages.PoisonPolicy.Fail,
            _ => Protocol.Messages.PoisonPolicy.Skip,
        },
        Redeliver = state.Redeliver,
    };

    private static OperatorConfig OperatorOf(GraphOperator op)
    {
        var config = new OperatorConfig
        {
            OperatorId = op.Id.Value,
            Kind = op.Kind switch
            {
                OperatorKind.CSharp => "csharp",
                OperatorKind.SharedLibrary => "shared-library",
                OperatorKind.Python => "python",
                _ => "wasm",
            },
            Source = op.Source,
            Priority = (uint)op.Timing.Priority,
            DeadlineNs = Nanoseconds(op.Timing.Deadline),
            DeadlineFromSource = op.Timing.DeadlineFrom == DeadlineOrigin.Source,
            OnMiss = op.Timing.OnMiss switch
            {
                Dataflows.Graph.MissAction.Skip => Protocol.Messages.MissAction.Skip,
                Dataflows.Graph.MissAction.Event => Protocol.Messages.MissAction.Event,
                Dataflows.Graph.MissAction.Restart => Protocol.Messages.MissAction.Restart,
                _ => Protocol.Messages.MissAction.Warn,
            },
            BudgetNs = Nanoseconds(op.Timing.Budget),
            Wasm = op.Wasm is { } limits
                ? new Protocol.Messages.WasmLimits
                {
                    MemoryBytesMax = (ulong)limits.MemoryBytes,
                    TimeoutNs = (ulong)limits.Timeout.TotalNanoseconds,
                    Fuel = (ulong)(limits.Fuel ?? 0),
                }
                : null,
            Thread = op.Thread ?? "",
            State = op.State is { } state ? StateOf(state) : null,
        };
        config.Inputs.AddRange(op.Inputs.Select(InputOf));
        config.Outputs.AddRange(op.Outputs.Select(o => o.Value));
        if (op.Join is { } join)
            config.Join = JoinConfigs.Of(join);
        return config;
    }
}
