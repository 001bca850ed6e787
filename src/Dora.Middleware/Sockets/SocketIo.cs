// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;

namespace Dora.Middleware;

/// <summary>Whole buffers over a blocking stream socket.</summary>
internal static class SocketIo
{
    private const int ChunkBytes = 1 << 20; // one call moves at most this, so closing is noticed between chunks

    /// <summary>Sends all bytes. False when the connection is gone.</summary>
    internal static bool TrySendAll(Socket socket, ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
                bytes = bytes[socket.Send(bytes[..Math.Min(bytes.Length, ChunkBytes)])..];
            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Fills the buffer. False when the connection ended before.</summary>
    internal static bool TryReceiveAll(Socket socket, Span<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                var count = socket.Receive(bytes[..Math.Min(bytes.Length, ChunkBytes)]);
                if (count == 0)
                    return false;
                bytes = bytes[count..];
            }

            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Tells the other side that nothing more comes.</summary>
    internal static void EndSending(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // the peer was faster
        }
    }

    /// <summary>Ends a connection so that threads blocked on it return.</summary>
    internal static void Close(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // the peer was faster
        }

        socket.Dispose();
    }

    /// <summary>A named background thread: the data plane never runs on pool threads, which user code may block.</summary>
    internal static void StartThread(string name, Action run) =>
        new Thread(() => run()) { Name = name, IsBackground = true }.Start();
}
