// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Daemon.Core;
using Dora.Dataflows.Graph;
using Dora.Protocol;

namespace Dora.SimulationTests.DaemonCore;

/// <summary>Draws dataflows: 1 to 8 nodes with fan-in, fan-out, loops, timers, logs, relayed output, all policies and time-outs.</summary>
internal static class RandomGraph
{
    public static DataflowGraph Draw(SimRandom random)
    {
        var ids = Enumerable.Range(0, random.Between(1, 8)).Select(i => new NodeId($"n{i}")).ToImmutableArray();
        var outputs = ids.Select(_ => DrawOutputs(random)).ToImmutableArray();
        return new DataflowGraph
        {
            SourcePath = "sim",
            BaseDirectory = "/",
            DescriptorYaml = "",
            Nodes = [.. ids.Select((id, i) => DrawNode(random, id, outputs[i], ids, outputs))],
            ExitWhenNodesFinish = random.Percent(30),
        };
    }

    public static CoreSettings DrawSettings(SimRandom random) => new()
    {
        StopGrace = random.Percent(20) ? Seconds(random, 0, 8) : null,
        StopAfter = random.Percent(10) ? Seconds(random, 0, 60) : null,
        ExitWhenNodesFinish = random.Percent(10),
        JitterSeed = random.NextUInt64(),
    };

    private static ImmutableArray<DataId> DrawOutputs(SimRandom random) =>
        [.. Enumerable.Range(0, random.Below(4)).Select(i => new DataId($"o{i}"))];

    private static GraphNode DrawNode(
        SimRandom random,
        NodeId id,
        ImmutableArray<DataId> outputs,
        ImmutableArray<NodeId> ids,
        ImmutableArray<ImmutableArray<DataId>> allOutputs)
    {
        var kind = random.Below(12) switch { 0 => NodeKind.Dynamic, 1 or 2 => NodeKind.Runtime, _ => NodeKind.Custom };
        return new GraphNode
        {
            Id = id,
            Kind = kind,
            WorkingDirectory = "/",
            Outputs = outputs,
            Inputs = [.. Enumerable.Range(0, random.Below(4)).Select(i => DrawInput(random, i, ids, allOutputs)).OfType<GraphInput>()],
            Restart = DrawRestart(random),
            Health = new HealthSettings
            {
                StartupTimeout = random.Percent(30) ? Seconds(random, 1, 10) : TimeSpan.FromSeconds(60),
                HealthCheckTimeout = random.Percent(25) ? Seconds(random, 1, 10) : null,
                StopGrace = Seconds(random, 0, 10),
                FinishGrace = random.Percent(30) ? Seconds(random, 0, 20) : null,
            },
            // Outputs are drawn before nodes: whoever reads o0 of this node may thus read what the daemon relays.
            Logs = new LogSettings { SendStdoutAs = kind != NodeKind.Dynamic && outputs.Length > 0 && random.Percent(10) ? outputs[0] : null },
        };
    }

    private static GraphInput? DrawInput(
        SimRandom random, int index, ImmutableArray<NodeId> ids, ImmutableArray<ImmutableArray<DataId>> allOutputs)
    {
        InputSource? source = random.Below(100) switch
        {
            < 12 => new InputSource.Timer(TimeSpan.FromSeconds(1), 1_000_000_000, "dora/timer/secs/1"),
            < 18 => new InputSource.Logs(null, random.Percent(50) ? ids[random.Below(ids.Length)] : null, "dora/logs"),
            _ => DrawNodeSource(random, ids, allOutputs),
        };
        return source is null ? null : new GraphInput { Id = new DataId($"i{index}"), Source = source };
    }

    private static InputSource.Node? DrawNodeSource(
        SimRandom random, ImmutableArray<NodeId> ids, ImmutableArray<ImmutableArray<DataId>> allOutputs)
    {
        var publisher = random.Below(ids.Length);
        var outputs = allOutputs[publisher];
        return outputs.IsEmpty ? null : new InputSource.Node(new OutputId(ids[publisher], outputs[random.Below(outputs.Length)]));
    }

    private static RestartSettings DrawRestart(SimRandom random) => new()
    {
        Policy = random.Pick(RestartPolicy.Never, RestartPolicy.Never, RestartPolicy.OnFailure, RestartPolicy.Always),
        MaxRestarts = random.Percent(30) ? 0 : random.Between(1, 4),
        Delay = random.Percent(40) ? TimeSpan.Zero : TimeSpan.FromMilliseconds(random.Pick(1, 100, 500, 3000)),
        MaxDelay = random.Percent(40) ? Seconds(random, 1, 5) : null,
        Window = random.Percent(50) ? Seconds(random, 1, 30) : null,
    };

    private static TimeSpan Seconds(SimRandom random, int low, int high) => TimeSpan.FromSeconds(random.Between(low, high));
}
