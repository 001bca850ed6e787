// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Dora.Platform.Sockets;

/// <summary>Frames with attached file descriptors over a UNIX socket, for a peer that has a thread to wait with.</summary>
/// <remarks>
/// <para>A frame is a u32 little-endian length and that many bytes; its descriptors travel with its first byte. A frame says
/// itself how many it brought: decode it, then <see cref="TakeDescriptors"/>.</para>
/// <para>Ownership: owns the socket and every received descriptor that was not taken; sent ones stay the caller's.</para>
/// <para>Threading: one thread reads; any number of threads send, one after the other. <see cref="Shutdown"/> by any thread ends
/// both; dispose when the reader has returned.</para>
/// <para>Errors: <see cref="FrameException"/> ends the session, nothing else.</para>
/// </remarks>
public sealed class FrameChannel : IDisposable
{
    private readonly FrameLimits _limits;
    private readonly FrameReader _reader; // the reading thread
    private readonly Lock _sending = new();
    private bool _sendFailed;             // under _sending: half a frame may be out

    /// <summary>Takes over a connected, blocking socket.</summary>
    public FrameChannel(UnixSocket socket, FrameLimits? limits = null)
    {
        Socket = socket;
        _limits = limits ?? FrameLimits.Default;
        _reader = new FrameReader(socket, _limits);
    }

    /// <summary>The socket underneath; borrowed, for its credentials.</summary>
    public UnixSocket Socket { get; }

    /// <summary>Waits for a frame. False when the peer closed in good order (or <see cref="Shutdown"/> was called between two frames).</summary>
    /// <param name="frame">Valid until the next read.</param>
    /// <exception cref="FrameException">The peer broke the rules or died in the middle of a frame.</exception>
    public bool Read(out ReadOnlySpan<byte> frame) => _reader.Read(wait: true, out frame) == FrameReadStatus.Frame;

    /// <summary>Reads a frame if it is there. <paramref name="frame"/> is valid until the next read.</summary>
    /// <exception cref="FrameException">The peer broke the rules or died in the middle of a frame.</exception>
    public FrameReadStatus TryRead(out ReadOnlySpan<byte> frame) => _reader.Read(wait: false, out frame);

    /// <summary>The next descriptors in the order of sending. Ownership: the caller's from here on.</summary>
    /// <exception cref="FrameException">Fewer came than the frame said.</exception>
    public SafeFileHandle[] TakeDescriptors(int count) => _reader.TakeDescriptors(count);

    /// <summary>Sends one frame, waiting until the kernel has taken all of it.</summary>
    /// <exception cref="FrameException">The peer is gone, or the frame is above the cap.</exception>
    public void Send(ReadOnlySpan<byte> body, params ReadOnlySpan<SafeFileHandle> descriptors)
    {
        FrameWriting.Check(body, descriptors, _limits);
        Span<byte> head = stackalloc byte[FrameReader.HeadBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(head, (uint)body.Length);
        lock (_sending)
        {
            if (_sendFailed)
                throw new FrameException(FrameFault.PeerGone, "an earlier frame could not be sent");
            try
            {
                SendAll(head, body, descriptors);
            }
            catch (PlatformException e)
            {
                _sendFailed = true;
                throw FrameWriting.Translate(e);
            }
        }
    }

    /// <summary>Ends the session from any thread: a waiting reader returns, the peer reads the end.</summary>
    public void Shutdown() => Socket.Shutdown();

    /// <inheritdoc/>
    public void Dispose()
    {
        Socket.Shutdown();
        Socket.Dispose();
        _reader.Dispose();
    }

    private void SendAll(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, ReadOnlySpan<SafeFileHandle> descriptors)
    {
        while (!head.IsEmpty || !body.IsEmpty)
        {
            var sent = SocketMessages.Send(Socket.Handle, head, body, descriptors, wait: true);
            descriptors = default; // they went with the first byte
            var ofHead = Math.Min(sent, head.Length);
            head = head[ofHead..];
            body = body[(sent - ofHead)..];
        }
    }
}
