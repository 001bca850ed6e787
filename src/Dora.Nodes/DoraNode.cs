// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;
using Dora.Middleware;
using Dora.Nodes.Connection;
using Dora.Nodes.Events;
using Dora.Nodes.Joining;
using Dora.Nodes.Receiving;
using Dora.Nodes.Sending;
using Dora.Platform;
using Dora.Platform.Sockets;
using Heartbeat = Dora.Nodes.Receiving.Heartbeat;

namespace Dora.Nodes;

/// <summary>This process as a node of a dataflow: receives events, sends outputs.</summary>
/// <remarks>
/// <para>Threading: all members may be called from any thread, with one exception: one thread receives at a time
/// (<see cref="Recv()"/> and its relatives); a second gets an <see cref="InvalidOperationException"/>.</para>
/// <para>Ownership: an event is valid until the next receive call or until it is disposed; <see cref="DoraEvent.Retain"/> keeps it longer.</para>
/// <para>Start: connect → hello, welcome → edges are mapped → ready → all nodes are ready → the constructor returns.
/// End: <see cref="Dispose"/> says goodbye; what was sent stays readable to its receivers. A process that ends without it has its
/// outputs closed by the daemon just the same.</para>
/// </remarks>
/// <example>
/// <code>
/// using var node = DoraNode.InitFromEnv();
/// while (node.Recv() is { } e)
/// {
///     if (e is InputEvent { Id: "tick" } tick)
///         node.SendOutput("random", BitConverter.GetBytes(Random.Shared.NextInt64()), tick.Metadata);
/// }
/// </code>
/// </example>
public sealed partial class DoraNode : IDisposable
{
    /// <summary>How long ending waits for a thread that is in a receive call; it was woken.</summary>
    private static readonly TimeSpan ReceiverLeavesMax = TimeSpan.FromSeconds(5);

    private readonly DaemonLink _link;
    private readonly NodeWiring _wiring;
    private readonly SendContext _sending;
    private readonly EventReceiver _events;
    private readonly EventPool _pool = new();
    private readonly SharedDoorbell _doorbell;
    private readonly ControlThread _control;
    private readonly NodeClock _clock;
    private readonly TimeProvider _time;
    private int _disposed; // interlocked

    private DoraNode(DaemonLink link, NodeEnvironment environment, TimeProvider time, Action<DoraNode>? prepare)
    {
        _link = link;
        (var config, _doorbell) = NodeHandshake.Run(link, environment);
        Config = config;
        Id = environment.NodeId;
        DataflowId = environment.DataflowId;
        _time = time;
        _clock = new NodeClock(time);
        _sending = new SendContext(_clock, time, config, ReportOutputClosed) { Warn = message => LogWarn(message, "dora.nodes") };
        _wiring = new NodeWiring(config, link, _sending, time);
        _events = new EventReceiver(
            _wiring.Inputs.Values,
            _doorbell,
            _pool,
            _clock,
            new Heartbeat(config.HeartbeatInterval, link.SendHeartbeat),
            new MonotonicClock(time),
            ports => config.Wire.Join is { } join
                ? new NodeJoin(JoinPlans.Of(join, config.Wire.Inputs), ports, _pool, report => link.TrySend(new Protocol.Messages.NodeToDaemon { JoinReport = report }))
                : null);
        Async = new AsyncReceiver(_events);
        _events.Warning = message => LogWarn(message, "dora.nodes");
        _wiring.PeerFault = (edge, reason) => _events.Post(new ErrorEvent($"Connection {edge} was cut: {reason}", null));
        _control = new ControlThread(link, _wiring, _events, _sending);
        prepare?.Invoke(this); // before the daemon's wiring is read, hence before this node is ready
        _control.Begin();
        _control.WaitForStart();
    }

    /// <summary>The node's name in the dataflow.</summary>
    public string Id { get; }

    /// <summary>The run that this node belongs to, a UUID.</summary>
    public string DataflowId { get; }

    /// <summary>What the dataflow says about this node.</summary>
    public NodeConfig Config { get; }

    /// <summary>The dataflow file, as it was resolved; YAML.</summary>
    public string DataflowDescriptor => Config.Wire.DescriptorYaml;

    /// <summary>How often this node was started before, in this run of the dataflow.</summary>
    public int RestartCount => (int)Math.Min(Config.Wire.RestartCount, int.MaxValue);

    /// <summary>Whether this is not the first start.</summary>
    public bool IsRestart => RestartCount > 0;

    /// <summary>A time stamp of the hybrid logical clock: later than every one given out or received so far.</summary>
    /// <returns>Nanoseconds since 1970 UTC.</returns>
    public ulong Timestamp() => _clock.Now();

    /// <summary>Notes which of the node's operators runs from now on, for the daemon's report if this process dies of it.</summary>
    /// <param name="number">Its place in the configuration, from 1; 0: none.</param>
    /// <param name="thread">Which of the threads that run operators, from 0.</param>
    internal void NoteRunning(int number, int thread = 0) => _doorbell.NoteRunning((uint)number, thread);

    /// <summary>Connects to the daemon that started this process, and waits until the dataflow starts.</summary>
    /// <exception cref="NodeConnectionException">dora did not start this process, or the daemon refuses it; the message says how to fix it.</exception>
    public static DoraNode InitFromEnv() => Connect(NodeEnvironment.Read(), TimeProvider.System);

    /// <summary>The same as <see cref="InitFromEnv"/>, doing first what must be done before messages may come.</summary>
    /// <param name="prepare">Gets the node, of which only the configuration and <see cref="NoteRunning"/> are usable yet; the dataflow does not start before it returns. What it throws comes through.</param>
    internal static DoraNode InitPrepared(Action<DoraNode> prepare) => Connect(NodeEnvironment.Read(), TimeProvider.System, prepare);

    /// <summary>The same as <see cref="InitFromEnv"/>.</summary>
    /// <inheritdoc cref="InitFromEnv" path="/exception"/>
    public static DoraNode Connect() => InitFromEnv();

    /// <summary>Connects to a given daemon; for tests.</summary>
    internal static DoraNode Connect(NodeEnvironment environment, TimeProvider time, Action<DoraNode>? prepare = null)
    {
        DaemonLink link;
        try
        {
            link = DaemonLink.Connect(environment.SocketPath);
        }
        catch (PlatformException e)
        {
            throw new NodeConnectionException(
                "This node cannot reach its daemon",
                e.Message,
                "The dataflow was probably stopped while the node started; start it again with `dora run`.",
                e);
        }

        return Connect(link, environment, time, prepare);
    }

    /// <summary>Joins over an open connection; for tests.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "the node owns the link, and disposes it when it cannot be made")]
    internal static DoraNode Connect(FrameChannel channel, NodeEnvironment environment, TimeProvider time) =>
        Connect(new DaemonLink(channel), environment, time, prepare: null);

    private static DoraNode Connect(DaemonLink link, NodeEnvironment environment, TimeProvider time, Action<DoraNode>? prepare)
    {
        try
        {
            return new DoraNode(link, environment, time, prepare);
        }
        catch
        {
            link.Shutdown();
            link.Dispose();
            throw;
        }
    }

    /// <summary>Leaves the dataflow in good order. Wakes a thread that is receiving; it gets null.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;

        // 1. nobody sends or receives any more  2. the daemon hears that this is no crash  3. the control thread ends
        // 4. memory is unmapped, now that no thread of ours looks at it; subscribers have their own mappings
        _sending.Stop();
        foreach (var output in _wiring.Outputs.Values)
            output.MarkClosed();
        _events.Shutdown();
        Async.Dispose();
        _wiring.Leave();
        _events.ReportJoin();
        _link.TrySend(new Protocol.Messages.NodeToDaemon { Goodbye = new() });
        _control.Dispose();
        var isQuiet = SpinWait.SpinUntil(_events.TryGiveBackAll, ReceiverLeavesMax);
        _wiring.Dispose();
        if (isQuiet)
            _doorbell.Dispose();
        _link.Dispose();
    }

    private AsyncReceiver Async { get; }

    private void ReportOutputClosed(string outputId) =>
        _link.TrySend(new Protocol.Messages.NodeToDaemon { CloseOutputs = new() { OutputIds = { outputId } } });
}
