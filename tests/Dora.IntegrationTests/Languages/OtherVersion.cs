// SPDX-License-Identifier: Apache-2.0

using Dora.Platform.Sockets;
using Dora.Protocol.Messages;
using Google.Protobuf;

namespace Dora.IntegrationTests.Languages;

/// <summary>Stands between a node and its daemon and lets the node's library pass for one of another version.</summary>
internal sealed class OtherVersion : IDisposable
{
    public const string Product = "9.8.7";

    private const uint Major = 9;

    private readonly UnixListener _listener;
    private readonly string _daemonPath; // a file with the path of the daemon's socket
    private readonly string _socketPath;
    private readonly Task _relay;

    public OtherVersion(string folder)
    {
        _socketPath = Path.Combine(folder, "other.sock");
        _daemonPath = Path.Combine(folder, "daemon");
        _listener = UnixListener.Listen(_socketPath);
        _relay = Task.Run(Relay);
    }

    /// <summary>A program that starts another as such a node.</summary>
    public string Wrap(string program)
    {
        var script = _socketPath + ".sh";
        File.WriteAllText(script, $"""
            #!/bin/sh
            printf %s "$DORA_DAEMON_SOCKET" > {_daemonPath}
            export DORA_DAEMON_SOCKET={_socketPath}
            exec {program}
            """);
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return script;
    }

    public void Dispose()
    {
        _listener.Shutdown();
        _relay.Wait(Tool.Patience);
        _listener.Dispose();
    }

    private void Relay()
    {
        if (_listener.Accept() is not { } accepted)
            return;
        using FrameChannel node = new(accepted);
        Assert.True(node.Read(out var first));
        var hello = NodeToDaemon.Parser.ParseFrom(first);
        hello.Hello.Version = new VersionRange { Major = Major, Product = Product };
        using FrameChannel daemon = new(UnixSocket.Connect(File.ReadAllText(_daemonPath)));
        daemon.Send(hello.ToByteArray());
        Assert.True(daemon.Read(out var answer));
        node.Send(answer);
        node.Read(out _); // until it has gone
    }
}
