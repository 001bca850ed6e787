// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using System.Text;
using Dora.Platform.Files;
using Microsoft.Win32.SafeHandles;
using static Dora.Platform.Sockets.SocketCalls;

namespace Dora.Platform.Sockets;

/// <summary>A connected UNIX stream socket that can carry file descriptors (SCM_RIGHTS) next to its bytes.</summary>
/// <remarks>
/// <para>Ownership: owns its descriptor. Descriptors that are sent stay the sender's; received ones belong to the receiver.</para>
/// <para>Threading: one sender and one receiver at a time; <see cref="Shutdown"/> wakes both and may be called by anyone.</para>
/// </remarks>
public sealed class UnixSocket : IDisposable
{
    /// <summary>Descriptors that one message can carry (SCM_MAX_FD).</summary>
    public const int MaxDescriptorsPerMessage = 253;

    /// <summary>Longest path of a socket: sun_path without its terminator.</summary>
    public const int MaxPathBytes = 107;

    internal UnixSocket(SafeFileHandle handle) => Handle = handle;

    /// <summary>The descriptor; borrowed.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Takes over a socket that this process inherited.</summary>
    public static UnixSocket FromInherited(int fileDescriptor) => new(FileDescriptors.Own(fileDescriptor));

    /// <summary>Takes over an open socket descriptor.</summary>
    public static UnixSocket FromHandle(SafeFileHandle handle) => new(handle);

    /// <summary>Two sockets connected to each other.</summary>
    /// <exception cref="PlatformException">EMFILE or ENFILE: no descriptor left.</exception>
    public static (UnixSocket First, UnixSocket Second) CreatePair()
    {
        Span<int> pair = stackalloc int[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
            throw PlatformException.FromLastError("socketpair");
        return (FromInherited(pair[0]), FromInherited(pair[1]));
    }

    /// <summary>Connects to a listening socket.</summary>
    /// <exception cref="PlatformException">ENOENT or ECONNREFUSED when nobody listens, EACCES when it is not ours to use.</exception>
    public static UnixSocket Connect(string path)
    {
        var address = EncodeAddress(path);
        var handle = CreateHandle();
        while (connect(handle, address, (uint)address.Length) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.EINTR)
                continue;
            handle.Dispose();
            throw new PlatformException($"connect '{path}'", errno);
        }
        return new UnixSocket(handle);
    }

    /// <summary>Who is at the other end, as the kernel recorded it when the connection was made.</summary>
    public unsafe PeerCredentials GetPeerCredentials()
    {
        UCred credentials;
        var length = (uint)sizeof(UCred);
        // SAFETY: both pointers are to locals of the size that is passed.
        if (getsockopt(Handle, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0)
            throw PlatformException.FromLastError("getsockopt(SO_PEERCRED)");
        return new PeerCredentials(credentials.Pid, credentials.Uid, credentials.Gid);
    }

    /// <summary>A pidfd of the peer, immune to reuse of its pid; null where the kernel is older than 6.5 or the peer is gone.</summary>
    public unsafe SafeFileHandle? TryOpenPeerPidFd()
    {
        int fd;
        var length = (uint)sizeof(int);
        // SAFETY: both pointers are to locals of the size that is passed.
        return getsockopt(Handle, SOL_SOCKET, SO_PEERPIDFD, &fd, &length) == 0 ? FileDescriptors.Own(fd) : null;
    }

    /// <summary>Ends both directions: the peer reads the end of the stream, waiting calls here return.</summary>
    public void Shutdown() => _ = shutdown(Handle, SHUT_RDWR); // ENOTCONN only says that it already happened

    /// <summary>Ends sending only.</summary>
    public void ShutdownSend() => _ = shutdown(Handle, SHUT_WR);

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    internal static SafeFileHandle CreateHandle()
    {
        var fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        return fd >= 0 ? FileDescriptors.Own(fd) : throw PlatformException.FromLastError("socket");
    }

    internal static byte[] EncodeAddress(string path)
    {
        var length = Encoding.UTF8.GetByteCount(path);
        if (length is 0 or > MaxPathBytes || path.Contains('\0', StringComparison.Ordinal))
            throw new PlatformException($"the socket path '{path}' has {length} bytes, 1 to {MaxPathBytes} are possible", Errno.ENAMETOOLONG);
        var address = new byte[2 + length + 1];
        address[0] = AF_UNIX; // sa_family_t, little-endian
        Encoding.UTF8.GetBytes(path, address.AsSpan(2));
        return address;
    }
}

/// <summary>Identity of a peer process.</summary>
/// <param name="Pid">0 when it is outside this pid namespace.</param>
/// <param name="Uid">Effective user id at connect time.</param>
/// <param name="Gid">Effective group id at connect time.</param>
public readonly record struct PeerCredentials(int Pid, uint Uid, uint Gid);
