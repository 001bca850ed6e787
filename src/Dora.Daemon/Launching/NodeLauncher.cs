// SPDX-License-Identifier: Apache-2.0

using System.Collections;
using Dora.Platform;
using Dora.Platform.Files;
using Dora.Platform.Processes;
using Dora.Platform.Sockets;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Google.Protobuf;

namespace Dora.Daemon.Launching;

/// <summary>No launcher could be started: nothing exists of the node.</summary>
public sealed class NodeLaunchException : DoraException
{
    internal NodeLaunchException(int errno, string message, Exception? inner = null) : base(message, inner) => Errno = errno;

    /// <summary>The system's error number, 0 if it was none of the system's.</summary>
    public int Errno { get; }
}

/// <summary>Starts nodes, each under a launcher process of its own.</summary>
/// <param name="poll">Whose thread hears the launchers.</param>
/// <param name="launcher">The program and its first arguments that end in <see cref="LauncherProgram.Command"/>.</param>
public sealed class NodeLauncher(EventPoll poll, NodeCommand launcher)
{
    private readonly List<KeyValuePair<string, string>> _environment = LauncherEnvironment();

    /// <summary>Starts a launcher and tells it what to start. Never waits for either.</summary>
    /// <param name="spec">What to start; complete. The environment is given to the node as it is.</param>
    /// <param name="listener">Hears exactly one final event, unless this call throws.</param>
    /// <exception cref="NodeLaunchException">The launcher could not be started: no descriptors, processes or memory left.</exception>
    public NodeProcess Start(LaunchSpec spec, INodeProcessListener listener)
    {
        var body = new DaemonToLauncher { Launch = spec }.ToByteArray();
        if (body.Length > MessageDecoder.LauncherFrameBytesMax)
            throw new NodeLaunchException(Errno.E2BIG, "the arguments and environment are too long for this system");
        using var owned = new OwnedHandles();
        try
        {
            var output = owned.Add(FileDescriptors.CreatePipe());
            var error = owned.Add(FileDescriptors.CreatePipe());
            var (ours, theirs) = UnixSocket.CreatePair();
            owned.Add(ours.Handle);
            owned.Add(theirs.Handle);
            var pid = ProcessSpawner.Spawn(new SpawnRequest
            {
                Path = launcher.Program,
                Arguments = [launcher.Program, .. launcher.Arguments, .. Label(spec)],
                Environment = _environment,
                Descriptors = [(1, output.WriteEnd), (2, error.WriteEnd), (LauncherProgram.DaemonFd, theirs.Handle)],
                NewSession = true,
            });
            var process = new NodeProcess(poll, pid, ours, output.ReadEnd, error.ReadEnd, spec, listener);
            process.Begin(body);
            owned.Release(output.ReadEnd, error.ReadEnd, ours.Handle);
            return process;
        }
        catch (PlatformException e)
        {
            throw new NodeLaunchException(e.Errno, LaunchCauses.OfSpawning(e), e);
        }
    }

    // For people who look at ps: which node this launcher belongs to.
    private static string[] Label(LaunchSpec spec) => spec.Environment.TryGetValue(NodeVariables.NodeId, out var node) ? [node] : [];

    private static List<KeyValuePair<string, string>> LauncherEnvironment()
    {
        var own = new List<KeyValuePair<string, string>>();
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
            own.Add(new((string)entry.Key, (string)entry.Value!));
        // When dora is not compiled ahead of time, its runtime would leave a debugger's socket in /tmp at every execve and kill.
        own.RemoveAll(pair => pair.Key == "DOTNET_EnableDiagnostics");
        own.Add(new("DOTNET_EnableDiagnostics", "0"));
        return own;
    }
}
