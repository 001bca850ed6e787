// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Daemon.Core;
using Dora.Dataflows.Graph;
using Dora.Protocol;

namespace Dora.UnitTests.DaemonCore;

/// <summary>A small dataflow and its core, driven by hand: time stands still until told otherwise.</summary>
internal sealed class Flow
{
    private readonly DataflowCore _core;
    private readonly DataflowGraph _graph;
    private TimeSpan _now = TimeSpan.FromHours(1);

    private Flow(DataflowGraph graph, CoreSettings settings)
    {
        _graph = graph;
        _core = new DataflowCore(graph, settings);
    }

    public static Flow Of(params GraphNode[] nodes) => With(new CoreSettings(), nodes);

    public static Flow With(CoreSettings settings, params GraphNode[] nodes) => new(
        new DataflowGraph { SourcePath = "test", BaseDirectory = "/", DescriptorYaml = "", Nodes = [.. nodes] }, settings);

    /// <summary>
    /// A node with outputs <c>out</c> and <c>more</c> that reads the sources: <c>"a/out"</c>, <c>"timer"</c>, <c>"logs"</c>,
    /// <c>"logs:a"</c>; inputs are <c>in0</c>, <c>in1</c>, …
    /// </summary>
    public static GraphNode Node(string id, params string[] reads) => new()
    {
        Id = new NodeId(id),
        Kind = NodeKind.Custom,
        WorkingDirectory = "/",
        Outputs = [new DataId("out"), new DataId("more")],
        Inputs = [.. reads.Select((source, i) => new GraphInput { Id = new DataId($"in{i}"), Source = Source(source) })],
    };

    public static GraphNode Dynamic(string id, params string[] reads) => Node(id, reads) with { Kind = NodeKind.Dynamic };

    /// <summary>Effects of the latest step.</summary>
    public IReadOnlyList<Effect> Effects { get; private set; } = [];

    /// <summary>Effects of all steps.</summary>
    public List<Effect> Log { get; } = [];

    public DataflowOutcome Outcome => Log.OfType<Effect.Finished>().Single().Outcome;
    public bool IsFinished => _core.IsFinished;

    /// <summary>From now to the core's next deadline, rounded up to a tick; null: it waits for nothing.</summary>
    public TimeSpan? NextIn => _core.NextDeadlineNs is { } ns ? TimeSpan.FromTicks((ns + 99) / 100) - _now : null;

    public Incarnation? Expected(string node) => _core.ExpectedIncarnation(new NodeId(node), out _);

    public string Refusal(string node)
    {
        _core.ExpectedIncarnation(new NodeId(node), out var refusal);
        return refusal;
    }

    public Flow Do(DaemonEvent e)
    {
        var effects = new List<Effect>();
        _core.Apply(e, (long)_now.TotalNanoseconds, effects);
        Effects = effects;
        Log.AddRange(effects);
        return this;
    }

    /// <summary>Lets time pass, stopping at each deadline as the shell does; the effects are those of the whole time.</summary>
    public Flow Pass(double seconds)
    {
        var until = _now + TimeSpan.FromSeconds(seconds);
        var all = new List<Effect>();
        while (NextIn is { } next && _now + next <= until)
        {
            _now += next;
            Do(new DaemonEvent.DeadlineReached());
            all.AddRange(Effects);
        }
        _now = until;
        Effects = all;
        return this;
    }

    public Flow Begin() => Do(new DaemonEvent.Begin());

    public Flow Launch(string node, int number = 0) => Do(new DaemonEvent.NodeLaunched(Who(node, number), 42));

    public Flow Connect(string node, int number = 0) => Do(new DaemonEvent.NodeConnected(Who(node, number)));

    public Flow Ready(string node, int number = 0) => Do(new DaemonEvent.NodeReady(Who(node, number)));

    public Flow Exit(string node, int code = 0, int number = 0, int signal = 0) =>
        Do(new DaemonEvent.NodeExited(Who(node, number), new ExitStatus(code, signal), code == 0 && signal == 0 ? "" : "last words"));

    public Flow Disconnect(string node, int number = 0) => Do(new DaemonEvent.NodeDisconnected(Who(node, number)));

    public Flow Goodbye(string node, int number = 0) => Do(new DaemonEvent.Goodbye(Who(node, number)));

    public Flow Beat(string node) => Do(new DaemonEvent.Heartbeat(Who(node)));

    public Flow CloseOutputs(string node, params string[] outputs) =>
        Do(new DaemonEvent.OutputsClosed(Who(node), [.. outputs.Select(output => new DataId(output))]));

    public Flow Stop(double? graceSeconds = null) =>
        Do(new DaemonEvent.StopRequested("wanted", graceSeconds is { } s ? TimeSpan.FromSeconds(s) : null));

    public Flow Force() => Do(new DaemonEvent.ForceStop("forced"));

    /// <summary>Launches and connects one node.</summary>
    public Flow Join(string node, int number = 0) => Launch(node, number).Connect(node, number);

    /// <summary>From nothing to everybody running.</summary>
    public Flow Run()
    {
        Begin();
        var names = _graph.Nodes.Where(node => node.Kind != NodeKind.Dynamic).Select(node => node.Id.Value).ToList();
        names.ForEach(name => Join(name));
        names.ForEach(name => Ready(name));
        return this;
    }

    /// <summary>The restarted node comes up again.</summary>
    public Flow Rejoin(string node, int number)
    {
        var before = Log.Count;
        Join(node, number).Ready(node, number);
        Effects = Log[before..];
        return this;
    }

    public bool Gave<T>(Func<T, bool>? which = null)
        where T : Effect => Effects.OfType<T>().Any(which ?? (_ => true));

    public T One<T>()
        where T : Effect => Assert.Single(Effects.OfType<T>());

    public static Incarnation Who(string node, int number = 0) => new(new NodeId(node), number);

    private static InputSource Source(string text) => text.Split('/', ':') switch
    {
        ["timer"] => new InputSource.Timer(TimeSpan.FromSeconds(1), 1_000_000_000, "dora/timer/secs/1"),
        ["logs"] => new InputSource.Logs(null, null, "dora/logs"),
        ["logs", var node] => new InputSource.Logs("info", new NodeId(node), $"dora/logs/info/{node}"),
        [var node, var output] => new InputSource.Node(new OutputId(new NodeId(node), new DataId(output))),
        _ => throw new ArgumentException(text),
    };
}

/// <summary>Shorthands for settings of nodes.</summary>
internal static class FlowNodeExtensions
{
    public static GraphNode Restarting(
        this GraphNode node,
        RestartPolicy policy,
        double delaySeconds = 0,
        int max = 0,
        double? windowSeconds = null,
        double? maxDelaySeconds = null) =>
        node with
        {
            Restart = new RestartSettings
            {
                Policy = policy,
                Delay = TimeSpan.FromSeconds(delaySeconds),
                MaxRestarts = max,
                Window = windowSeconds is { } w ? TimeSpan.FromSeconds(w) : null,
                MaxDelay = maxDelaySeconds is { } m ? TimeSpan.FromSeconds(m) : null,
            },
        };

    public static GraphNode Healthy(this GraphNode node, Func<HealthSettings, HealthSettings> change) =>
        node with { Health = change(node.Health) };
}
