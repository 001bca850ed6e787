// SPDX-License-Identifier: Apache-2.0

using System.Security.Cryptography;
using Dora.Platform.Files;
using Dora.Platform.Processes;
using Dora.Platform.Sockets;
using Dora.Platform.Synchronization;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Google.Protobuf;

namespace Dora.Daemon.Shell;

/// <summary>The way in for nodes: who may connect, and as whom.</summary>
/// <remarks>
/// A connection must come from this user (SO_PEERCRED), and its first frame must name this dataflow, a protocol version that both
/// speak, a node that is expected now, and that node's secret. Anything else is answered with the reason and closed, and so is who says
/// nothing for <see cref="HelloPatience"/>. Threading: the poll's thread.
/// </remarks>
internal sealed class NodeGate : IDisposable
{
    /// <summary>
    /// From a connection to its hello. A node needs microseconds; but a hundred of them that start at once on two cores have each been seen
    /// to take seconds.
    /// </summary>
    public static readonly TimeSpan HelloPatience = TimeSpan.FromSeconds(20);

    /// <summary>Connections that have not said hello, so that strangers can't eat all descriptors; one more costs the oldest its place.</summary>
    public const int StrangersMax = 256;

    private static readonly FrameLimits Limits = new() { UnsentBytesMax = 2 * MessageDecoder.DaemonFrameBytesMax, FrameBytesMax = MessageDecoder.DaemonFrameBytesMax };

    private readonly EventPoll _poll;
    private readonly DataflowId _dataflow;
    private readonly INodeRegistry _registry;
    private readonly Action<string> _warn;
    private readonly TimeSpan _patience;
    private readonly UnixServer _server;
    private readonly Timer _timer;                       // any thread arms and disposes it; it only posts
    private readonly LinkedList<Stranger> _strangers = new(); // oldest first

    public NodeGate(
        EventPoll poll, string socketPath, DataflowId dataflow, INodeRegistry registry, Action<string> warn, TimeSpan? patience = null)
    {
        _poll = poll;
        _dataflow = dataflow;
        _registry = registry;
        _warn = warn;
        _patience = patience ?? HelloPatience;
        _timer = new Timer(_ => _poll.Post(CloseOverdue));
        _server = new UnixServer(poll, UnixListener.Listen(socketPath), Accept, e => warn($"a node could not connect: {e.Message}"));
    }

    /// <summary>Closes the door and those who wait at it.</summary>
    public void Dispose()
    {
        _server.Dispose();
        _timer.Dispose();
        foreach (var stranger in _strangers.ToArray())
            stranger.Connection.Close();
    }

    private void Accept(UnixSocket socket)
    {
        var peer = socket.GetPeerCredentials();
        if (peer.Uid != ProcessControl.UserId)
        {
            socket.Dispose();
            return;
        }

        if (_strangers.Count >= StrangersMax)
            TurnAway(_strangers.First!.Value, $"more than {StrangersMax} connections have not said hello");
        var stranger = new Stranger(this, peer.Pid, Clocks.MonotonicNs + (long)_patience.TotalNanoseconds);
        stranger.Connection = new FrameConnection(_poll, socket, stranger, Limits);
        _strangers.AddLast(stranger);
        stranger.Connection.Start();
        if (_strangers.Count == 1)
            ArmTimer();
    }

    private void CloseOverdue()
    {
        while (_strangers.First is { Value: var oldest } && oldest.DeadlineNs <= Clocks.MonotonicNs)
        {
            _warn($"process {oldest.Pid} connected and said no hello within {_patience.TotalSeconds:0.###} s; its connection is closed");
            TurnAway(oldest, $"no hello came within {_patience.TotalSeconds:0.###} s");
        }

        ArmTimer();
    }

    private void ArmTimer()
    {
        // Rounded up: a timer that fires early would be armed again and again.
        if (_strangers.First is { Value: var oldest })
            _timer.Change(Math.Max(0, (oldest.DeadlineNs - Clocks.MonotonicNs + 999_999) / 1_000_000), Timeout.Infinite);
    }

    private void TurnAway(Stranger stranger, string reason)
    {
        _strangers.Remove(stranger);
        Refuse(stranger.Connection, reason, "Connect only when Hello can follow at once.");
    }

    private IFrameHandler? Admit(FrameConnection connection, ReadOnlySpan<byte> frame)
    {
        Hello? hello;
        try
        {
            hello = MessageDecoder.DecodeNodeToDaemon(frame).Hello;
        }
        catch (ProtocolException)
        {
            hello = null;
        }

        if (hello is null)
            return Refuse(connection, "the first message of a connection must be Hello", "Use a dora library of this version.");
        if (hello.DataflowId != _dataflow.ToString())
            return Refuse(connection, $"this daemon runs dataflow {_dataflow}", "Start the node through its own dataflow.");
        if (Handshake.Negotiate(ProtocolVersions.Current(), hello.Version, hello.NodeId) is HandshakeOutcome.Disagreed no)
            return Refuse(connection, no.Reason, no.Fix);
        if (_registry.Expect(new NodeId(hello.NodeId), out var refusal) is not { } node)
            return Refuse(connection, refusal, "Each node connects once, under the name that the descriptor gives it.");
        if (node.Spec.Kind != Dataflows.Graph.NodeKind.Dynamic
            && !CryptographicOperations.FixedTimeEquals(hello.Secret.Span, node.Secret))
            return Refuse(connection, $"this is not the secret of node '{node.Who.Node}'", "Let the daemon start the node; it passes the secret on.");

        node.Connection = connection;
        return _registry.Welcome(node);
    }

    private static IFrameHandler? Refuse(FrameConnection connection, string reason, string fix)
    {
        connection.Send(new DaemonToNode { Refused = new Refused { Reason = reason, Fix = fix } }.ToByteArray());
        connection.Close();
        return null;
    }

    /// <summary>A connection: first nobody, then a node.</summary>
    private sealed class Stranger(NodeGate gate, int pid, long deadlineNs) : IFrameHandler
    {
        private IFrameHandler? _node;

        public int Pid => pid;

        /// <summary>When its hello must have come; monotonic.</summary>
        public long DeadlineNs => deadlineNs;

        public FrameConnection Connection { get; set; } = null!;

        public void OnFrame(FrameConnection connection, ReadOnlySpan<byte> frame)
        {
            if (_node is not null)
            {
                _node.OnFrame(connection, frame);
                return;
            }

            if (gate._strangers.Remove(this))
                _node = gate.Admit(connection, frame);
        }

        public void OnEnd(FrameConnection connection, FrameException? fault)
        {
            gate._strangers.Remove(this);
            _node?.OnEnd(connection, fault);
        }
    }
}

/// <summary>Who the gate asks.</summary>
internal interface INodeRegistry
{
    /// <summary>The node that a process with this name would be; null: none, with the reason.</summary>
    LiveNode? Expect(NodeId node, out string refusal);

    /// <summary>The node has shown its secret and <see cref="LiveNode.Connection"/> is set. Answers who hears its frames.</summary>
    IFrameHandler Welcome(LiveNode node);
}
