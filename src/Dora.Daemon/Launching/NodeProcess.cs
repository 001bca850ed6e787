// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon.Core;
using Dora.Platform;
using Dora.Platform.Files;
using Dora.Platform.Processes;
using Dora.Platform.Sockets;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;

namespace Dora.Daemon.Launching;

/// <summary>The daemon's handle on one node's process and its launcher.</summary>
/// <remarks>Threading: methods from any thread; events on the poll's thread.</remarks>
public sealed class NodeProcess : IFrameHandler, IDisposable
{
    /// <summary>How long a launcher may take to kill everything before it is killed itself (and the node with it, by the kernel).</summary>
    private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(5);

    private readonly EventPoll _poll;
    private readonly FrameConnection _connection;
    private readonly LaunchSpec _spec;
    private readonly INodeProcessListener _listener;
    private readonly Lock _gate = new();
    private bool _launcherReaped;  // under _gate: its pid is nobody's from then on
    private Timer? _killTimer;     // under _gate
    private volatile bool _wasKilled; // set once
    private int _nodePid;          // the poll's thread; 0: not launched
    private LauncherToDaemon? _final; // the poll's thread

    internal NodeProcess(
        EventPoll poll,
        int launcherPid,
        UnixSocket socket,
        SafeFileHandle standardOutput,
        SafeFileHandle standardError,
        LaunchSpec spec,
        INodeProcessListener listener)
    {
        _poll = poll;
        _spec = spec;
        _listener = listener;
        LauncherPid = launcherPid;
        StandardOutput = standardOutput;
        StandardError = standardError;
        _connection = new FrameConnection(poll, socket, this, LauncherProgram.Limits);
    }

    /// <summary>The launcher's pid; also the session id of everything that did not leave it.</summary>
    public int LauncherPid { get; }

    /// <summary>Read end of the node's stdout. Ownership: the caller of <see cref="NodeLauncher.Start"/>.</summary>
    public SafeFileHandle StandardOutput { get; }

    /// <summary>Read end of the node's stderr. Ownership: the caller of <see cref="NodeLauncher.Start"/>.</summary>
    public SafeFileHandle StandardError { get; }

    /// <summary>Whether SIGKILL was asked for here.</summary>
    public bool WasKilled => _wasKilled;

    /// <summary>Sends a signal to the node's process group, if it still runs.</summary>
    public void Signal(int signal) => _connection.Send(new DaemonToLauncher { Signal = new SignalGroup { Signal = signal } }.ToByteArray());

    /// <summary>SIGKILL to the node and every descendant. If it was still being launched, it never comes to life.</summary>
    public void KillAll()
    {
        _wasKilled = true;
        _connection.Send(new DaemonToLauncher { KillAll = new KillAll() }.ToByteArray());
        lock (_gate)
        {
            if (!_launcherReaped)
                _killTimer ??= new Timer(_ => KillLauncher(), null, KillPatience, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Ends everything at once, as the death of this process would. The final event still comes.</summary>
    public void Dispose() => _connection.Close();

    internal void Begin(byte[] launchFrame)
    {
        try
        {
            _connection.Start();
        }
        catch
        {
            _connection.Socket.Dispose(); // the launcher reads the end and exits
            ReapLauncher();
            throw;
        }
        _connection.Send(launchFrame);
    }

    void IFrameHandler.OnFrame(FrameConnection connection, ReadOnlySpan<byte> frame)
    {
        LauncherToDaemon message;
        try
        {
            message = MessageDecoder.DecodeLauncherToDaemon(frame);
        }
        catch (ProtocolException)
        {
            connection.Close(); // OnEnd finds no final message
            return;
        }
        switch (message.BodyCase)
        {
            case LauncherToDaemon.BodyOneofCase.Launched when _nodePid == 0 && _final is null && message.Launched.Pid > 1:
                _nodePid = message.Launched.Pid;
                _listener.Launched(this, _nodePid);
                break;
            case LauncherToDaemon.BodyOneofCase.LaunchFailed or LauncherToDaemon.BodyOneofCase.Exited when _final is null:
                _final = message;
                connection.Close(); // nothing more can come; whatever the launcher still does is its own exit
                break;
        }
    }

    void IFrameHandler.OnEnd(FrameConnection connection, FrameException? fault)
    {
        if (_final is null)
        {
            // Killing what is left scans /proc until it is clean: not a thing to do on the poll's thread.
            ThreadPool.UnsafeQueueUserWorkItem(_ => EndWithoutReport(fault), null);
            return;
        }
        ReapLauncher();
        if (_final.BodyCase == LauncherToDaemon.BodyOneofCase.LaunchFailed)
        {
            _listener.LaunchFailed(this, _final.LaunchFailed.Errno, _final.LaunchFailed.Message);
            return;
        }
        var exited = _final.Exited;
        _listener.Exited(
            this,
            new ExitStatus(exited.ExitCode, exited.Signal)
            {
                CoreDumped = exited.CoreDumped,
                MaxRssBytes = (long)Math.Min(exited.MaxRssBytes, long.MaxValue),
                CpuTime = TimeSpan.FromTicks((long)(exited.CpuTimeNs / 100)),
            },
            (int)Math.Min(exited.OrphansKilled, int.MaxValue));
    }

    private void EndWithoutReport(FrameException? fault)
    {
        KillLauncher();
        // Before the launcher is reaped: until then its pid, which is also the session's id, can't be anybody else's.
        Leftovers.Kill(LauncherPid, _spec.Environment);
        var exit = ReapLauncher();
        var how = exit is { Signal: not 0 } ? Platform.Processes.Signal.NameOf(exit.Value.Signal) : $"exit code {exit?.ExitCode}";
        var message = fault is null ? $"the launcher died: {how}" : $"the launcher broke the protocol: {fault.Message}";
        _poll.Post(() => _listener.LauncherLost(this, message));
    }

    private void KillLauncher()
    {
        lock (_gate)
        {
            if (!_launcherReaped)
                Platform.Processes.Signal.Send(LauncherPid, Platform.Processes.Signal.SIGKILL);
        }
    }

    private ChildExit? ReapLauncher()
    {
        lock (_gate)
        {
            _killTimer?.Dispose();
            _killTimer = null;
            try
            {
                if (_final is not null) // it is exiting anyway; this spares us waiting for a runtime's shutdown
                    Platform.Processes.Signal.Send(LauncherPid, Platform.Processes.Signal.SIGKILL);
                return ChildProcesses.Reap(LauncherPid);
            }
            catch (PlatformException e) when (e.Errno == Errno.ECHILD)
            {
                return null; // somebody in this process reaps all children; the exit is lost, nothing else
            }
            finally
            {
                _launcherReaped = true;
            }
        }
    }
}
