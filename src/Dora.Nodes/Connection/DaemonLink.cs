// SPDX-License-Identifier: Apache-2.0

using Dora.Platform.Sockets;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;

namespace Dora.Nodes.Connection;

/// <summary>Typed messages and descriptors between this node and the daemon.</summary>
/// <remarks>
/// <para>Threading: one reader; any thread sends. <see cref="Shutdown"/> from any thread ends a waiting read.</para>
/// <para>Errors: reading throws what <see cref="FrameChannel"/> throws, and <see cref="ProtocolException"/>; sending never throws, since
/// the reader will notice the same end and everybody hears of it there.</para>
/// </remarks>
internal sealed class DaemonLink(FrameChannel channel) : IDisposable
{
    /// <summary>Caps of the session, as a node sees it.</summary>
    public static readonly FrameLimits Limits = new() { FrameBytesMax = MessageDecoder.DaemonFrameBytesMax };

    private static readonly byte[] HeartbeatFrame = new NodeToDaemon { Heartbeat = new Heartbeat() }.ToByteArray();

    /// <summary>Connects to the daemon's socket.</summary>
    public static DaemonLink Connect(string socketPath) => new(new FrameChannel(UnixSocket.Connect(socketPath), Limits));

    /// <summary>The next message; null at the end of the stream.</summary>
    public DaemonToNode? Read() => channel.Read(out var frame) ? MessageDecoder.DecodeDaemonToNode(frame) : null;

    /// <summary>The descriptors that came with the message just read. Ownership: the caller's.</summary>
    public SafeFileHandle[] TakeDescriptors(uint count) => channel.TakeDescriptors(checked((int)count));

    /// <summary>Sends a message. False: the daemon is gone.</summary>
    public bool TrySend(NodeToDaemon message) => TrySend(message.ToByteArray());

    /// <summary>Sends a sign of life, without allocating.</summary>
    public void SendHeartbeat() => TrySend(HeartbeatFrame);

    /// <summary>Ends the session; a waiting read returns.</summary>
    public void Shutdown() => channel.Shutdown();

    /// <inheritdoc/>
    public void Dispose() => channel.Dispose();

    private bool TrySend(byte[] frame)
    {
        try
        {
            channel.Send(frame);
            return true;
        }
        catch (FrameException)
        {
            return false;
        }
        catch (ObjectDisposedException)
        {
            return false; // the node ended while another thread was still sending
        }
    }
}
