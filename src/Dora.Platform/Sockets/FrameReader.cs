// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Dora.Platform.Sockets;

/// <summary>Caps of one session of frames.</summary>
public sealed record FrameLimits
{
    /// <summary>1 MiB frames, 256 waiting descriptors, 4 MiB waiting to be sent.</summary>
    public static FrameLimits Default { get; } = new();

    /// <summary>Longest body of a frame, checked before anything is allocated for it.</summary>
    public int FrameBytesMax { get; init; } = 1 << 20;

    /// <summary>Descriptors that may have been received without having been taken.</summary>
    public int WaitingDescriptorsMax { get; init; } = 256;

    /// <summary>Bytes of frames that may wait until the peer reads, where sending does not wait.</summary>
    public int UnsentBytesMax { get; init; } = 4 << 20;
}

/// <summary>What an attempt to read a frame found.</summary>
public enum FrameReadStatus
{
    /// <summary>A whole frame.</summary>
    Frame,

    /// <summary>Less than a frame so far (only when not waiting).</summary>
    NotYet,

    /// <summary>The peer closed between two frames.</summary>
    End,
}

/// <summary>Cuts the byte stream of a socket into frames (u32 little-endian length, body) and collects descriptors.</summary>
/// <remarks>Threading: one reader. Memory: one buffer, as large as the longest frame under way.</remarks>
internal sealed class FrameReader(UnixSocket socket, FrameLimits limits) : IDisposable
{
    public const int HeadBytes = 4;
    private const int BufferBytesMin = 4096;
    private const int BufferBytesKept = 64 << 10;

    private readonly Queue<SafeFileHandle> _descriptors = new();
    private byte[] _buffer = new byte[BufferBytesMin];
    private int _start; // first unread byte
    private int _end;   // behind the last received byte

    /// <summary>Reads one frame. The span is valid until the next call.</summary>
    public FrameReadStatus Read(bool wait, out ReadOnlySpan<byte> frame)
    {
        while (true)
        {
            var needed = HeadBytes;
            if (_end - _start >= HeadBytes)
            {
                var length = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(_start));
                if (length > (uint)limits.FrameBytesMax)
                {
                    throw new FrameException(
                        FrameFault.TooLong, $"the peer announced a frame of {length} bytes; at most {limits.FrameBytesMax} are accepted");
                }
                needed += (int)length;
                if (_end - _start >= needed)
                {
                    frame = _buffer.AsSpan(_start + HeadBytes, (int)length);
                    _start += needed;
                    return FrameReadStatus.Frame;
                }
            }

            MakeRoom(needed);
            var received = SocketMessages.Receive(socket.Handle, _buffer.AsSpan(_end), _descriptors, wait, out var descriptorsLost);
            if (descriptorsLost)
                throw new FrameException(FrameFault.DescriptorsLost, "no free file descriptor for one that the peer sent (see 'ulimit -n')");
            if (_descriptors.Count > limits.WaitingDescriptorsMax)
                throw new FrameException(FrameFault.TooManyDescriptors, $"the peer sent more than {limits.WaitingDescriptorsMax} descriptors");
            if (received > 0)
            {
                _end += received;
                continue;
            }
            frame = default;
            if (received < 0)
                return FrameReadStatus.NotYet;
            return _start == _end
                ? FrameReadStatus.End
                : throw new FrameException(FrameFault.Torn, $"the peer closed {_end - _start} bytes into a frame");
        }
    }

    /// <summary>The next descriptors in the order of sending; the caller owns them.</summary>
    public SafeFileHandle[] TakeDescriptors(int count)
    {
        if (count < 0 || count > _descriptors.Count)
            throw new FrameException(FrameFault.MissingDescriptors, $"a frame names {count} descriptors, {_descriptors.Count} came");
        var taken = new SafeFileHandle[count];
        for (var i = 0; i < count; i++)
            taken[i] = _descriptors.Dequeue();
        return taken;
    }

    public void Dispose()
    {
        while (_descriptors.TryDequeue(out var descriptor))
            descriptor.Dispose();
    }

    private void MakeRoom(int needed)
    {
        var waiting = _end - _start;
        if (waiting == 0 && _buffer.Length > BufferBytesKept && needed <= BufferBytesMin)
            _buffer = new byte[BufferBytesMin]; // one long frame shall not cost a megabyte for ever
        else if (needed > _buffer.Length)
        {
            var larger = new byte[needed];
            _buffer.AsSpan(_start, waiting).CopyTo(larger);
            _buffer = larger;
        }
        else if (_start > 0)
            _buffer.AsSpan(_start, waiting).CopyTo(_buffer);
        _start = 0;
        _end = waiting;
    }
}
