// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.Platform.Files;
using Microsoft.Win32.SafeHandles;
using static Dora.Platform.Sockets.SocketCalls;

namespace Dora.Platform.Sockets;

/// <summary>A listening UNIX stream socket at a path, with mode 0600.</summary>
/// <remarks>
/// <para>Ownership: owns descriptor and path; disposing removes both.</para>
/// <para>Threading: one thread accepts; disposing from another one is safe only after <see cref="Shutdown"/> let it return.</para>
/// </remarks>
public sealed class UnixListener : IDisposable
{
    private readonly string _path;

    private UnixListener(SafeFileHandle handle, string path)
    {
        Handle = handle;
        _path = path;
    }

    /// <summary>The descriptor; borrowed. Readable when a connection waits.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Binds and listens. The path must not exist: whoever owns the folder decides what is stale.</summary>
    /// <exception cref="PlatformException">EADDRINUSE when the path exists; EACCES, ENOENT, ENAMETOOLONG.</exception>
    public static UnixListener Listen(string path, int backlog = 128)
    {
        var address = UnixSocket.EncodeAddress(path);
        var handle = UnixSocket.CreateHandle();
        try
        {
            if (bind(handle, address, (uint)address.Length) != 0)
                throw PlatformException.FromLastError($"bind '{path}'");
            // Between bind and here the folder's mode (0700) keeps others out.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            if (listen(handle, backlog) != 0)
                throw PlatformException.FromLastError($"listen '{path}'");
            return new UnixListener(handle, path);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Waits for a connection. Null once <see cref="Shutdown"/> was called, or when none waits on a non-blocking descriptor.</summary>
    /// <exception cref="PlatformException">EMFILE, ENFILE: the connection stays in the queue; try again later.</exception>
    public UnixSocket? Accept()
    {
        while (true)
        {
            var fd = accept4(Handle, 0, 0, SOCK_CLOEXEC);
            if (fd >= 0)
                return new UnixSocket(FileDescriptors.Own(fd));
            switch (Marshal.GetLastPInvokeError())
            {
                case Errno.EINTR or ConnectionAborted:
                    continue;
                case Errno.EINVAL or Errno.EAGAIN:
                    return null;
                case var errno:
                    throw new PlatformException("accept", errno);
            }
        }
    }

    /// <summary>Ends accepting: waiting and later calls of <see cref="Accept"/> return null, connecting is refused.</summary>
    public void Shutdown() => _ = shutdown(Handle, SHUT_RDWR);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Handle.IsClosed)
            return;
        Shutdown();
        Handle.Dispose();
        try
        {
            File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder is gone or no longer ours; nothing is left that we could remove.
        }
    }

    private const int ConnectionAborted = 103;
}
