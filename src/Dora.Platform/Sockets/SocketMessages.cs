// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.Platform.Files;
using Microsoft.Win32.SafeHandles;
using static Dora.Platform.Sockets.SocketCalls;

namespace Dora.Platform.Sockets;

/// <summary>One sendmsg or recvmsg with file descriptors attached.</summary>
internal static unsafe class SocketMessages
{
    // Room for the most descriptors that the kernel ever attaches to one message.
    private static readonly int ControlBytes = Space(UnixSocket.MaxDescriptorsPerMessage);

    /// <summary>Sends head, then body, in one message that carries the descriptors.</summary>
    /// <returns>Bytes taken by the kernel; the descriptors went with the first of them. -1: would wait.</returns>
    /// <exception cref="PlatformException">EPIPE, ECONNRESET: the peer is gone. ETOOMANYREFS: too many descriptors in flight.</exception>
    public static int Send(
        SafeFileHandle socket,
        ReadOnlySpan<byte> head,
        ReadOnlySpan<byte> body,
        ReadOnlySpan<SafeFileHandle> descriptors,
        bool wait)
    {
        var control = stackalloc byte[descriptors.IsEmpty ? 0 : Space(descriptors.Length)];
        var borrowed = 0;
        try
        {
            if (!descriptors.IsEmpty)
            {
                *(CMsgHdr*)control = new CMsgHdr
                {
                    Length = (nuint)(sizeof(CMsgHdr) + (descriptors.Length * sizeof(int))),
                    Level = SOL_SOCKET,
                    Type = SCM_RIGHTS,
                };
                var numbers = new Span<int>(control + sizeof(CMsgHdr), descriptors.Length);
                foreach (var descriptor in descriptors)
                {
                    var added = false;
                    descriptor.DangerousAddRef(ref added);
                    numbers[borrowed++] = (int)descriptor.DangerousGetHandle();
                }
            }

            // SAFETY: everything that the message points to is pinned or on this stack until the call returns.
            fixed (byte* headPointer = head, bodyPointer = body)
            {
                var vectors = stackalloc IoVec[2];
                vectors[0] = new IoVec { Base = headPointer, Length = (nuint)head.Length };
                vectors[1] = new IoVec { Base = bodyPointer, Length = (nuint)body.Length };
                var message = new MsgHdr { Vectors = vectors, VectorCount = 2 };
                if (!descriptors.IsEmpty)
                {
                    message.Control = control;
                    message.ControlLength = (nuint)Space(descriptors.Length);
                }
                while (true)
                {
                    var sent = sendmsg(socket, &message, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));
                    if (sent >= 0)
                        return (int)sent;
                    var errno = Marshal.GetLastPInvokeError();
                    if (errno == Errno.EAGAIN)
                        return -1;
                    if (errno != Errno.EINTR)
                        throw new PlatformException("sendmsg", errno);
                }
            }
        }
        finally
        {
            for (var i = 0; i < borrowed; i++)
                descriptors[i].DangerousRelease();
        }
    }

    /// <summary>
    /// Receives what is there, at most the buffer. Descriptors are appended in order, close-on-exec; <c>descriptorsLost</c> says
    /// that the kernel could not install them all (this process has no free number).
    /// </summary>
    /// <returns>Bytes; 0 at the end of the stream; -1: would wait.</returns>
    public static int Receive(
        SafeFileHandle socket,
        Span<byte> buffer,
        Queue<SafeFileHandle> descriptors,
        bool wait,
        out bool descriptorsLost)
    {
        var control = stackalloc byte[ControlBytes];
        // SAFETY: everything that the message points to is pinned or on this stack until the call returns.
        fixed (byte* bufferPointer = buffer)
        {
            var vector = new IoVec { Base = bufferPointer, Length = (nuint)buffer.Length };
            MsgHdr message;
            nint received;
            while (true)
            {
                message = new MsgHdr { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = (nuint)ControlBytes };
                received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
                if (received >= 0)
                    break;
                var errno = Marshal.GetLastPInvokeError();
                if (errno == Errno.EINTR)
                    continue;
                descriptorsLost = false;
                if (errno == Errno.EAGAIN)
                    return -1;
                if (errno == Errno.ECONNRESET) // closed by the peer before it had read all of ours: an end like any other
                    return 0;
                throw new PlatformException("recvmsg", errno);
            }
            CollectDescriptors(control, (int)message.ControlLength, descriptors);
            descriptorsLost = ((int)message.Flags & MSG_CTRUNC) != 0;
            return (int)received;
        }
    }

    private static void CollectDescriptors(byte* control, int length, Queue<SafeFileHandle> descriptors)
    {
        var offset = 0;
        while (offset + sizeof(CMsgHdr) <= length)
        {
            var header = *(CMsgHdr*)(control + offset);
            if (header.Length < (nuint)sizeof(CMsgHdr) || header.Length > (nuint)(length - offset))
                return;
            if (header is { Level: SOL_SOCKET, Type: SCM_RIGHTS })
            {
                var count = ((int)header.Length - sizeof(CMsgHdr)) / sizeof(int);
                foreach (var number in new ReadOnlySpan<int>(control + offset + sizeof(CMsgHdr), count))
                    descriptors.Enqueue(FileDescriptors.Own(number));
            }
            offset += Align((int)header.Length);
        }
    }

    private static int Align(int length) => (length + sizeof(nuint) - 1) & -sizeof(nuint);

    private static int Space(int descriptorCount) => sizeof(CMsgHdr) + Align(descriptorCount * sizeof(int));
}
