// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using Dora.Nodes;
using Dora.Nodes.Connection;
using Dora.Platform.Sockets;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Dora.SharedMemory;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;

namespace Dora.UnitTests.Nodes;

/// <summary>The daemon's end of one node's connection, over a real socket pair. Answers by itself what needs no decision.</summary>
internal sealed class FakeSession : IDisposable
{
    private readonly FakeDaemon _daemon;
    private readonly FrameChannel _channel;
    private readonly FrameChannel? _nodeChannel; // null: the node is another process
    private readonly Thread _thread;
    private readonly BlockingCollection<NodeToDaemon> _received = [];

    /// <summary>For a node in this process.</summary>
    public FakeSession(FakeDaemon daemon, Dora.Protocol.Messages.NodeConfig config)
        : this(daemon, config, UnixSocket.CreatePair())
    {
    }

    /// <summary>For a node that has connected.</summary>
    public FakeSession(FakeDaemon daemon, Dora.Protocol.Messages.NodeConfig config, UnixSocket accepted)
        : this(daemon, config, (accepted, null))
    {
    }

    private FakeSession(FakeDaemon daemon, Dora.Protocol.Messages.NodeConfig config, (UnixSocket Ours, UnixSocket? Theirs) sockets)
    {
        _daemon = daemon;
        Config = config;
        _channel = new FrameChannel(sockets.Ours);
        _nodeChannel = sockets.Theirs is { } theirs ? new FrameChannel(theirs, DaemonLink.Limits) : null;
        Doorbell = DoorbellMemory.Create();
        _thread = new Thread(Run) { IsBackground = true, Name = $"fake daemon of {config.NodeId}" };
        _thread.Start();
    }

    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    public Dora.Protocol.Messages.NodeConfig Config { get; }

    public SafeFileHandle Doorbell { get; }

    /// <summary>Answers Hello with this instead of a welcome.</summary>
    public DaemonToNode? AnswerToHello { get; set; }

    /// <summary>What comes with it.</summary>
    public SafeFileHandle[] AnswerDescriptors { get; set; } = [];

    /// <summary>Whether the daemon grants memory.</summary>
    public bool GrantsSegments { get; set; } = true;

    /// <summary>Whether segments reach the subscribers only when the test says so.</summary>
    public bool HoldsInputSegments { get; set; }

    public ConcurrentQueue<Action> HeldInputSegments { get; } = new();

    /// <summary>Connects a node over this session; completes when the dataflow starts.</summary>
    public Task<DoraNode> ConnectAsync(TimeProvider? time = null) => Task.Factory.StartNew(
        () => DoraNode.Connect(
            _nodeChannel!,
            new NodeEnvironment("", Config.DataflowId, Config.NodeId, new byte[NodeEnvironment.SecretLength]),
            time ?? TimeProvider.System),
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    /// <summary>Sends to the node, if it is still there.</summary>
    public void Send(DaemonToNode message, params ReadOnlySpan<SafeFileHandle> descriptors)
    {
        try
        {
            _channel.Send(message.ToByteArray(), descriptors);
        }
        catch (FrameException)
        {
            // the node has left
        }
    }

    /// <summary>The next message of a kind; others before it are skipped.</summary>
    public NodeToDaemon Expect(NodeToDaemon.BodyOneofCase kind)
    {
        while (_received.TryTake(out var message, Patience))
        {
            if (message.BodyCase == kind)
                return message;
        }

        throw new TimeoutException($"node '{Config.NodeId}' sent no {kind}");
    }

    /// <summary>As if the daemon had died.</summary>
    public void HangUp() => _channel.Shutdown();

    public void SendRaw(ReadOnlySpan<byte> frame) => _channel.Send(frame);

    public void Dispose()
    {
        _channel.Shutdown();
        _thread.Join();
        _channel.Dispose();
        Doorbell.Dispose();
        _received.Dispose();
    }

    private void Run()
    {
        try
        {
            while (_channel.Read(out var frame))
            {
                var message = MessageDecoder.DecodeNodeToDaemon(frame);
                Answer(message);
                _received.Add(message);
            }
        }
        catch (FrameException)
        {
            // the node was killed, or the test ends
        }
    }

    private void Answer(NodeToDaemon message)
    {
        switch (message.BodyCase)
        {
            case NodeToDaemon.BodyOneofCase.Hello when AnswerToHello is { } answer:
                Send(answer, AnswerDescriptors);
                break;
            case NodeToDaemon.BodyOneofCase.Hello:
                Send(new DaemonToNode { Welcome = new Welcome { Version = ProtocolVersions.Current(), Config = Config, Fds = 1 } }, Doorbell);
                break;
            case NodeToDaemon.BodyOneofCase.RequestSegment:
                _daemon.RequestSegment(this, message.RequestSegment);
                break;
            case NodeToDaemon.BodyOneofCase.SegmentMapped:
                _daemon.SegmentMapped(this, message.SegmentMapped.SegmentId);
                break;
            case NodeToDaemon.BodyOneofCase.RetireSegment:
                _daemon.RetireSegment(message.RetireSegment.SegmentId);
                break;
            default:
                break; // for the test
        }
    }
}
