// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using Dora.Platform.Files;
using Microsoft.Win32.SafeHandles;

namespace Dora.Platform.Sockets;

/// <summary>Hears a <see cref="FrameConnection"/>, on its poll's thread. Must not block and must not throw.</summary>
public interface IFrameHandler
{
    /// <summary>A frame came. Its descriptors are there for <see cref="FrameConnection.TakeDescriptors"/> while this runs.</summary>
    /// <remarks>A <see cref="FrameException"/> thrown here (by taking descriptors, say) ends the session.</remarks>
    void OnFrame(FrameConnection connection, ReadOnlySpan<byte> frame);

    /// <summary>The session is over; called once, last. The connection is closed already.</summary>
    /// <param name="connection">Which.</param>
    /// <param name="fault">Why; null when the peer, or this side, closed in good order.</param>
    void OnEnd(FrameConnection connection, FrameException? fault);
}

/// <summary>Frames as in <see cref="FrameChannel"/>, for who serves many peers with one thread and must never wait for any of them.</summary>
/// <remarks>
/// <para>Ownership: owns the socket and every received descriptor that was not taken.</para>
/// <para>Threading: <see cref="Send"/> and <see cref="Close"/> from any thread; all else happens on the poll's thread.</para>
/// <para>Back pressure: what the peer does not read waits here, up to <see cref="FrameLimits.UnsentBytesMax"/>; then the session
/// ends with <see cref="FrameFault.Stalled"/>.</para>
/// </remarks>
public sealed class FrameConnection : IReadinessHandler, IDisposable
{
    private const int FramesPerTurn = 64; // then the other peers of this poll have a turn
    private const int RestTurnsMax = 256;

    private readonly EventPoll _poll;
    private readonly IFrameHandler _handler;
    private readonly FrameLimits _limits;
    private readonly FrameReader _reader;          // the poll's thread
    private readonly Lock _sending = new();
    private readonly Queue<UnsentFrame> _unsent = new(); // under _sending
    private int _unsentBytes;                      // under _sending
    private bool _canSend = true;                  // under _sending
    private PollRegistration? _registration;       // set once by Start, used under _sending or on the poll's thread
    private bool _ended;                           // the poll's thread

    /// <summary>Takes over a connected socket; nothing happens before <see cref="Start"/>.</summary>
    public FrameConnection(EventPoll poll, UnixSocket socket, IFrameHandler handler, FrameLimits? limits = null)
    {
        _poll = poll;
        Socket = socket;
        _handler = handler;
        _limits = limits ?? FrameLimits.Default;
        _reader = new FrameReader(socket, _limits);
    }

    /// <summary>The socket underneath; borrowed, for its credentials.</summary>
    public UnixSocket Socket { get; }

    /// <summary>Starts receiving.</summary>
    public void Start()
    {
        lock (_sending)
            _registration = _poll.Add(Socket.Handle, Interest(), this);
    }

    /// <summary>Sends one frame, or keeps it (and duplicates of the descriptors) until the peer reads. Never waits.</summary>
    /// <returns>False when the session has ended or is about to: <see cref="IFrameHandler.OnEnd"/> tells.</returns>
    /// <exception cref="FrameException">The frame is above the cap.</exception>
    public bool Send(ReadOnlySpan<byte> body, params ReadOnlySpan<SafeFileHandle> descriptors)
    {
        FrameWriting.Check(body, descriptors, _limits);
        Span<byte> head = stackalloc byte[FrameReader.HeadBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(head, (uint)body.Length);
        lock (_sending)
        {
            if (!_canSend)
                return false;
            try
            {
                var sent = 0;
                if (_unsent.Count == 0)
                {
                    sent = Math.Max(0, SocketMessages.Send(Socket.Handle, head, body, descriptors, wait: false));
                    if (sent == head.Length + body.Length)
                        return true;
                }
                if (_unsentBytes + head.Length + body.Length > _limits.UnsentBytesMax)
                {
                    _canSend = false;
                    _poll.Post(() => End(new FrameException(
                        FrameFault.Stalled, $"the peer does not read: {_unsentBytes} bytes wait for it already")));
                    return false;
                }
                _unsent.Enqueue(new UnsentFrame(head, body, sent > 0 ? default : descriptors, sent));
                _unsentBytes += head.Length + body.Length;
                _registration?.SetInterest(Interest());
                return true;
            }
            catch (PlatformException e)
            {
                FailSending(e);
                return false;
            }
        }
    }

    /// <summary>The next descriptors in the order of sending; only within <see cref="IFrameHandler.OnFrame"/>.</summary>
    /// <exception cref="FrameException">Fewer came than the frame said.</exception>
    public SafeFileHandle[] TakeDescriptors(int count) => _reader.TakeDescriptors(count);

    /// <summary>Hears what a peer that is gone has sent before; on the poll's thread, not while a frame is handled. May end the session.</summary>
    public void ReceiveRest()
    {
        for (var turn = 0; turn < RestTurnsMax && !_ended && ReceiveSome(); turn++)
        {
            // until nothing is there any more; bounded, because a child of the peer's may still be writing
        }
    }

    /// <summary>Ends the session from any thread; what has not been sent yet is dropped.</summary>
    public void Close() => _poll.Post(() => End(null));

    /// <inheritdoc cref="Close"/>
    public void Dispose() => Close();

    void IReadinessHandler.OnReady(Readiness readiness)
    {
        if ((readiness & Readiness.Writable) != 0)
            SendUnsent();
        if ((readiness & ~Readiness.Writable) != 0)
            Receive();
    }

    private void Receive()
    {
        if (ReceiveSome())
            _poll.Post(Receive); // frames may wait in the buffer, of which epoll knows nothing
    }

    /// <summary>Hears some frames. True: there may be more.</summary>
    private bool ReceiveSome()
    {
        try
        {
            for (var frames = 0; frames < FramesPerTurn && !_ended; frames++)
            {
                switch (_reader.Read(wait: false, out var frame))
                {
                    case FrameReadStatus.Frame:
                        _handler.OnFrame(this, frame);
                        break;
                    case FrameReadStatus.NotYet:
                        return false;
                    default:
                        End(null);
                        return false;
                }
            }
            return !_ended;
        }
        catch (FrameException e)
        {
            End(e);
        }
        catch (PlatformException e)
        {
            End(FrameWriting.Translate(e));
        }

        return false;
    }

    private void SendUnsent()
    {
        lock (_sending)
        {
            try
            {
                while (_unsent.TryPeek(out var frame))
                {
                    if (!frame.TrySend(Socket.Handle))
                        return;
                    _unsentBytes -= frame.Length;
                    _unsent.Dequeue().Dispose();
                }
                if (!_ended)
                    _registration?.SetInterest(Interest());
            }
            catch (PlatformException e)
            {
                FailSending(e);
            }
        }
    }

    private void FailSending(PlatformException e)
    {
        StopSending();
        // When the peer is gone, what it sent before may still be unread, and reading comes to the end by itself.
        if (e.Errno is not (Errno.EPIPE or Errno.ECONNRESET))
            _poll.Post(() => End(FrameWriting.Translate(e)));
    }

    private void StopSending()
    {
        _canSend = false;
        while (_unsent.TryDequeue(out var frame))
            frame.Dispose();
        _unsentBytes = 0;
        if (!_ended)
            _registration?.SetInterest(Interest());
    }

    private void End(FrameException? fault)
    {
        if (_ended)
            return;
        _ended = true;
        lock (_sending)
        {
            StopSending();
            _registration?.Dispose();
        }
        Socket.Shutdown();
        Socket.Dispose();
        _reader.Dispose();
        _handler.OnEnd(this, fault);
    }

    private Readiness Interest() => _unsent.Count == 0 ? Readiness.Readable : Readiness.Readable | Readiness.Writable;
}
