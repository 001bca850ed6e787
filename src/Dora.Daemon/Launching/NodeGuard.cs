// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon.Shell;
using Dora.Platform;
using Dora.Platform.Processes;
using Dora.Platform.Sockets;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Google.Protobuf;

namespace Dora.Daemon.Launching;

/// <summary>Starts one node, watches it, and lets nothing of it survive.</summary>
/// <remarks>
/// <para>Threads: the main thread spawns (the node dies with the thread that spawned it, so it must be the one that lives as long
/// as the process) and waits for children; a second thread listens to the daemon. Only the main thread reaps.</para>
/// </remarks>
internal sealed class NodeGuard(FrameChannel daemon, LaunchSpec spec, int ownArgumentCount)
{
    private readonly Lock _gate = new();
    private int _pid;                  // under _gate; the node while its pid can't belong to anybody else, else 0
    private volatile bool _interfered; // set once: whatever ends the node from here on may be our doing
    private volatile bool _daemonGone; // set once

    public int Run()
    {
        using var start = StartNode();
        if (start is null)
            return 1;
        var listener = new Thread(Listen) { IsBackground = true, Name = "daemon listener" };
        listener.Start();

        var outcome = start.WaitForOutcome();
        if (outcome.Kind == ExecOutcomeKind.Executed)
            Report(new LauncherToDaemon { Launched = new Launched { Pid = start.Pid } });

        var exit = WaitForEnd(start.Pid, out var orphansKilled);
        Report(outcome switch
        {
            { Kind: ExecOutcomeKind.Failed } => Failure(outcome.Errno, outcome.Message),
            { Kind: ExecOutcomeKind.Vanished } when !_interfered => Failure(0, $"{ExecShim.Command} ended before it could start the program: {Describe(exit)}"),
            _ => new LauncherToDaemon
            {
                Exited = new Exited
                {
                    ExitCode = exit.ExitCode,
                    Signal = exit.Signal,
                    CoreDumped = exit.CoreDumped,
                    OrphansKilled = orphansKilled,
                    MaxRssBytes = exit.MaxRssBytes,
                    CpuTimeNs = exit.CpuTimeNs,
                },
            },
        });
        if (_daemonGone && spec.DieWithDaemon)
            RemoveCleanupDirectory();
        return 0;
    }

    private ExecStart? StartNode()
    {
        try
        {
            var start = ExecStart.Spawn(spec, ownArgumentCount);
            lock (_gate)
                _pid = start.Pid;
            start.SendSpec(spec);
            return start;
        }
        catch (PlatformException e)
        {
            Report(Failure(e.Errno, LaunchCauses.OfSpawning(e)));
            return null;
        }
    }

    /// <summary>Waits until the node and every other descendant is gone, and reaps them all.</summary>
    private ChildExit WaitForEnd(int node, out uint orphansKilled)
    {
        orphansKilled = 0;
        ChildExit? ended = null;
        while (ChildProcesses.WaitForAny() is { } child)
        {
            if (child != node)
            {
                var orphan = ChildProcesses.Reap(child);
                if (orphan.Signal == Signal.SIGKILL && (ended is not null || _interfered))
                    orphansKilled++;
            }
            else
            {
                lock (_gate)
                {
                    _pid = 0;
                    // Not reaped yet, so the number still stands for the node's own group.
                    TrySignalGroup(node, Signal.SIGKILL);
                }
                ended = ChildProcesses.Reap(node);
            }
            // Orphans are our children now. One that escaped its group is found by its ancestry; each round kills at least one.
            if (ended is not null)
                KillDescendants();
        }
        return ended ?? throw new InvalidOperationException("the node was reaped by somebody else");
    }

    private void Listen()
    {
        try
        {
            while (daemon.Read(out var frame))
            {
                var message = MessageDecoder.DecodeDaemonToLauncher(frame);
                switch (message.BodyCase)
                {
                    case DaemonToLauncher.BodyOneofCase.Signal:
                        SignalGroup(message.Signal.Signal);
                        break;
                    case DaemonToLauncher.BodyOneofCase.KillAll:
                        KillAll();
                        break;
                }
            }
        }
        catch (Exception e) when (e is FrameException or PlatformException or ProtocolException or ObjectDisposedException)
        {
            // A daemon that breaks the protocol is as good as dead.
        }
        _daemonGone = true;
        if (spec.DieWithDaemon)
            KillAll();
    }

    private void SignalGroup(int signal)
    {
        if (signal is < 1 or > Signal.Max)
            return;
        _interfered = true;
        lock (_gate)
        {
            if (_pid != 0)
                TrySignalGroup(_pid, signal);
        }
    }

    private void KillAll()
    {
        SignalGroup(Signal.SIGKILL);
        KillDescendants(); // the rest is up to the main thread, which sees the node end
    }

    private static void KillDescendants()
    {
        foreach (var descendant in ProcessStat.Descendants(Environment.ProcessId))
        {
            if (!descendant.HasEnded)
                PidFd.SendTo(descendant, Signal.SIGKILL);
        }
    }

    private static void TrySignalGroup(int group, int signal)
    {
        try
        {
            Signal.SendToGroup(group, signal);
        }
        catch (PlatformException)
        {
            // EPERM: only members that took another user's identity are left; no_new_privs makes that a root's own doing
        }
    }

    private void RemoveCleanupDirectory()
    {
        if (spec.CleanupDirectory.Length == 0 || !Path.IsPathRooted(spec.CleanupDirectory))
            return;
        try
        {
            Directory.Delete(spec.CleanupDirectory, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another launcher of the same dataflow was faster, or nothing can be done by anybody.
        }
        RuntimeDirectory.TryRemoveUserFolder(spec.CleanupDirectory);
    }

    private void Report(LauncherToDaemon message)
    {
        try
        {
            daemon.Send(message.ToByteArray());
        }
        catch (FrameException)
        {
            // The daemon is gone; Listen knows too.
        }
    }

    private static LauncherToDaemon Failure(int errno, string message) =>
        new() { LaunchFailed = new LaunchFailed { Errno = errno, Message = message } };

    private static string Describe(in ChildExit exit) =>
        exit.Signal != 0 ? Signal.NameOf(exit.Signal) : $"exit code {exit.ExitCode}";
}
