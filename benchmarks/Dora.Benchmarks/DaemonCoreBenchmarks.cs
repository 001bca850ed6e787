// SPDX-License-Identifier: Apache-2.0

using BenchmarkDotNet.Attributes;
using Dora.Daemon.Core;
using Dora.Dataflows.Graph;
using Dora.Protocol;

namespace Dora.Benchmarks;

/// <summary>The daemon's decisions: a whole start of a chain of nodes, and the one event that comes again and again.</summary>
[MemoryDiagnoser]
public class DaemonCoreBenchmarks
{
    private readonly List<Effect> _effects = [];
    private DataflowGraph _graph = null!;
    private DataflowCore _running = null!;
    private DaemonEvent.Heartbeat _heartbeat = null!;
    private long _nowNs;

    [Params(2, 100)]
    public int Nodes { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _graph = new DataflowGraph
        {
            SourcePath = "benchmark",
            BaseDirectory = "/",
            DescriptorYaml = "",
            Nodes = [.. Enumerable.Range(0, Nodes).Select(Node)],
        };
        _running = Start();
        _heartbeat = new DaemonEvent.Heartbeat(new Incarnation(new NodeId("n0"), 0));
    }

    /// <summary>From nothing to all nodes started: four events for each.</summary>
    [Benchmark]
    public DataflowCore Start()
    {
        var core = new DataflowCore(_graph, new CoreSettings());
        Apply(core, new DaemonEvent.Begin());
        foreach (var node in _graph.Nodes)
        {
            var who = new Incarnation(node.Id, 0);
            Apply(core, new DaemonEvent.NodeLaunched(who, 42));
            Apply(core, new DaemonEvent.NodeConnected(who));
        }

        foreach (var node in _graph.Nodes)
            Apply(core, new DaemonEvent.NodeReady(new Incarnation(node.Id, 0)));
        return core;
    }

    [Benchmark]
    public int Heartbeat()
    {
        Apply(_running, _heartbeat);
        return _effects.Count;
    }

    private void Apply(DataflowCore core, DaemonEvent e)
    {
        _effects.Clear();
        core.Apply(e, _nowNs += 1000, _effects);
    }

    private static GraphNode Node(int index) => new()
    {
        Id = new NodeId($"n{index}"),
        Kind = NodeKind.Custom,
        WorkingDirectory = "/",
        Outputs = [new DataId("out")],
        Inputs = index == 0
            ? []
            : [new GraphInput { Id = new DataId("in"), Source = new InputSource.Node(new OutputId(new NodeId($"n{index - 1}"), new DataId("out"))) }],
        Health = new HealthSettings { HealthCheckTimeout = TimeSpan.FromSeconds(1) },
    };
}
