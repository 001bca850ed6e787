// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Net.Sockets;
using Dora.Peers.Harness;

namespace Dora.Peers;

/// <summary>A blocking UNIX stream socket with length-prefixed frames, as one would write it by hand.</summary>
/// <remarks>
/// Small frames leave in one system call, copied behind their header; large ones in two: header with the first bytes, then the
/// rest straight from the caller's memory. The receiver takes as much as has come, at least the frame it waits for.
/// </remarks>
internal sealed class UdsLink : Link
{
    private const int TogetherBytesMax = 32 * 1024;
    private const int ReadAheadBytes = 64 * 1024;

    private readonly Socket _socket;
    private readonly byte[] _out = GC.AllocateUninitializedArray<byte>(TogetherBytesMax + FrameHeader.SizeBytes, pinned: true);
    private readonly byte[] _in;
    private int _start;
    private int _end;

    public UdsLink(Socket socket, int sizeBytes)
    {
        _socket = socket;
        _in = GC.AllocateUninitializedArray<byte>(FrameHeader.SizeBytes + sizeBytes + ReadAheadBytes, pinned: true);
    }

    /// <summary>Buffers of 1 MiB, or what the kernel allows.</summary>
    public static Socket Create() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
    {
        SendBufferSize = 1 << 20,
        ReceiveBufferSize = 1 << 20,
    };

    public override ValueTask SendAsync(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        header.Write(_out);
        int together = Math.Min(payload.Length, TogetherBytesMax);
        payload.Span[..together].CopyTo(_out.AsSpan(FrameHeader.SizeBytes));
        SendAll(_out.AsSpan(0, FrameHeader.SizeBytes + together));
        if (together < payload.Length)
            SendAll(payload.Span[together..]);
        return ValueTask.CompletedTask;
    }

    public override ValueTask<Frame> ReceiveAsync()
    {
        Fill(FrameHeader.SizeBytes);
        var header = FrameHeader.Read(_in.AsSpan(_start));
        if (header.LengthBytes < 0 || header.LengthBytes > _in.Length - FrameHeader.SizeBytes)
            throw new InvalidDataException($"a frame of {header.LengthBytes} bytes");
        int frameBytes = FrameHeader.SizeBytes + header.LengthBytes;
        Fill(frameBytes);
        var payload = new ReadOnlySequence<byte>(_in, _start + FrameHeader.SizeBytes, header.LengthBytes);
        _start += frameBytes;
        return ValueTask.FromResult(new Frame(header, payload));
    }

    public override ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[_socket.Send(bytes)..];
    }

    /// <summary>Blocks until at least <paramref name="count"/> bytes from <see cref="_start"/> on are there.</summary>
    private void Fill(int count)
    {
        if (_end - _start >= count)
            return;
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_start + count > _in.Length || _start >= ReadAheadBytes)
        {
            _in.AsSpan(_start, _end - _start).CopyTo(_in);
            _end -= _start;
            _start = 0;
        }

        while (_end - _start < count)
        {
            // Never more than the read-ahead beyond the frame: the surplus of a large one would have to be moved.
            int most = Math.Min(_in.Length - _end, Math.Max(ReadAheadBytes, count - (_end - _start)));
            int read = _socket.Receive(_in.AsSpan(_end, most));
            if (read == 0)
                throw new EndOfStreamException("the other side closed its socket");
            _end += read;
        }
    }
}

/// <summary>Listens on a UNIX socket in the run's folder and connects to it.</summary>
internal static class UnixSockets
{
    public static Socket Listen(string path)
    {
        var listener = UdsLink.Create();
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(64);
        return listener;
    }

    /// <summary>Accepts as many connections as there are subscribers and sorts them by the index that each sends first.</summary>
    public static Link[] Accept(Socket listener, int count, Func<Socket, Link> link)
    {
        var links = new Link[count];
        Span<byte> index = stackalloc byte[1];
        for (int i = 0; i < count; i++)
        {
            var socket = listener.Accept();
            if (socket.Receive(index) != 1)
                throw new EndOfStreamException("a subscriber left before it said its number");
            links[index[0]] = link(socket);
        }

        return links;
    }

    public static Socket Connect(string path, int index)
    {
        var socket = UdsLink.Create();
        socket.Connect(new UnixDomainSocketEndPoint(path));
        socket.Send([(byte)index]);
        return socket;
    }
}
