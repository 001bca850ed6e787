// SPDX-License-Identifier: Apache-2.0

using Dora.Platform;
using Dora.Platform.Sockets;

namespace Dora.UnitTests.Platform.Sockets;

public sealed class UnixListenerTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dora-test-");

    private string SocketPath => Path.Combine(_folder.FullName, "s.sock");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_peer_is_known_by_its_credentials()
    {
        using var listener = UnixListener.Listen(SocketPath);
        using var client = UnixSocket.Connect(SocketPath);
        using var server = listener.Accept();

        Assert.NotNull(server);
        var peer = server.GetPeerCredentials();
        Assert.Equal(Environment.ProcessId, peer.Pid);
        Assert.Equal(client.GetPeerCredentials().Uid, peer.Uid);
        using var pidFd = server.TryOpenPeerPidFd();
        Assert.True(pidFd is null || !pidFd.IsInvalid);
    }

    [Fact]
    public void Only_the_owner_may_use_the_socket_and_nothing_is_left_behind()
    {
        using (UnixListener.Listen(SocketPath))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketPath));
        Assert.False(File.Exists(SocketPath));
    }

    [Fact]
    public async Task Shutdown_ends_a_waiting_accept()
    {
        using var listener = UnixListener.Listen(SocketPath);
        var accepting = Task.Run(listener.Accept);

        listener.Shutdown();

        Assert.Null(await accepting.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(Errno.ECONNREFUSED, Assert.Throws<PlatformException>(() => UnixSocket.Connect(SocketPath)).Errno);
    }

    [Fact]
    public void Causes_of_failure_are_exact()
    {
        Assert.Equal(Errno.ENOENT, Assert.Throws<PlatformException>(() => UnixSocket.Connect(SocketPath)).Errno);
        Assert.Equal(Errno.ENAMETOOLONG, Assert.Throws<PlatformException>(() => UnixSocket.Connect(new string('x', 108))).Errno);
        using var listener = UnixListener.Listen(SocketPath);
        Assert.Equal(Errno.EADDRINUSE, Assert.Throws<PlatformException>(() => UnixListener.Listen(SocketPath)).Errno);
    }
}
