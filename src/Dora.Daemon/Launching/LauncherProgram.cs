// SPDX-License-Identifier: Apache-2.0

using Dora.Platform;
using Dora.Platform.Files;
using Dora.Platform.Processes;
using Dora.Platform.Sockets;
using Dora.Protocol;
using Dora.Protocol.Messages;

namespace Dora.Daemon.Launching;

/// <summary>The hidden command <c>dora launch</c>: a node's parent. One process per node.</summary>
/// <remarks>
/// <para>It exists because .NET can't run code between fork and exec, and because somebody must be there to clean up when the daemon
/// is killed. It starts in a session of its own with fd 3 = socket to the daemon, fds 1 and 2 = the node's output pipes.</para>
/// <para>Order: become subreaper; read the spec; spawn <see cref="ExecShim"/>, which becomes the node; report; wait; kill and reap
/// what the node left behind; report; exit. The end of fd 3 means that the daemon is dead.</para>
/// </remarks>
public static class LauncherProgram
{
    internal const int DaemonFd = 3;

    /// <summary>First word of the command line.</summary>
    public const string Command = "launch";

    internal static FrameLimits Limits { get; } = new() { FrameBytesMax = MessageDecoder.LauncherFrameBytesMax };

    /// <summary>Runs until the node and all its descendants are gone. Must be called on the process's main thread, before anything else.</summary>
    /// <param name="args">All arguments of this process, <see cref="Command"/> first; the rest is for people who look at <c>ps</c>.</param>
    public static int Run(string[] args)
    {
        try
        {
            FileDescriptors.CloseOnExecFrom(DaemonFd);
            using var daemon = new FrameChannel(UnixSocket.FromInherited(DaemonFd), Limits);
            if (!daemon.Read(out var frame))
                return 0; // the daemon died before it said what to start
            if (MessageDecoder.DecodeDaemonToLauncher(frame) is not { BodyCase: DaemonToLauncher.BodyOneofCase.Launch } first)
                throw new ProtocolException("The first frame was not a LaunchSpec.");
            // A shutdown of the machine signals everybody at once. The daemon stops the node in good order; dying here would kill it.
            SignalState.Ignore(Signal.SIGHUP, Signal.SIGINT, Signal.SIGQUIT, Signal.SIGTERM);
            ProcessControl.BecomeSubreaper();
            return new NodeGuard(daemon, first.Launch, args.Length).Run();
        }
        catch (Exception e) when (e is FrameException or PlatformException or ProtocolException)
        {
            Console.Error.WriteLine($"dora {Command} is started by the daemon, not by hand: {e.Message}");
            return 2;
        }
    }
}
