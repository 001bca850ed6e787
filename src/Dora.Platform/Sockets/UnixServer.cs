// SPDX-License-Identifier: Apache-2.0

using Dora.Platform.Files;

namespace Dora.Platform.Sockets;

/// <summary>Accepts connections on a poll's thread.</summary>
/// <remarks>
/// <para>Ownership: owns the listener. A socket given to the callback is the callback's.</para>
/// <para>When this process has no free descriptor, accepting pauses for 100 ms at a time: clients wait in the backlog instead of
/// this thread spinning; the first failure of a row is reported.</para>
/// </remarks>
public sealed class UnixServer : IReadinessHandler, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly EventPoll _poll;
    private readonly UnixListener _listener;
    private readonly Action<UnixSocket> _accepted;
    private readonly Action<PlatformException> _failed;
    private readonly PollRegistration _registration;
    private readonly Timer _resume;
    private bool _failing; // the poll's thread
    private bool _ended;   // the poll's thread

    /// <summary>Starts accepting.</summary>
    /// <param name="poll">Whose thread calls back.</param>
    /// <param name="listener">Taken over.</param>
    /// <param name="accepted">Gets each connection.</param>
    /// <param name="failed">Hears the first of a row of failures, typically EMFILE.</param>
    public UnixServer(EventPoll poll, UnixListener listener, Action<UnixSocket> accepted, Action<PlatformException> failed)
    {
        _poll = poll;
        _listener = listener;
        _accepted = accepted;
        _failed = failed;
        _resume = new Timer(_ => _poll.Post(Resume));
        FileDescriptors.SetNonBlocking(listener.Handle, true);
        _registration = poll.Add(listener.Handle, Readiness.Readable, this);
    }

    /// <summary>Stops accepting and removes the path. Returns at once; waiting clients are refused.</summary>
    public void Dispose()
    {
        if (_poll.IsCurrentThread)
            End();
        else
            _poll.Post(End);
    }

    void IReadinessHandler.OnReady(Readiness readiness)
    {
        try
        {
            if (_listener.Accept() is { } socket)
            {
                _failing = false;
                _accepted(socket);
            }
        }
        catch (PlatformException e)
        {
            _registration.SetInterest(Readiness.None);
            _resume.Change(Pause, Timeout.InfiniteTimeSpan);
            if (!_failing)
                _failed(e);
            _failing = true;
        }
    }

    private void Resume()
    {
        if (!_ended)
            _registration.SetInterest(Readiness.Readable);
    }

    private void End()
    {
        if (_ended)
            return;
        _ended = true;
        _resume.Dispose();
        _registration.Dispose();
        _listener.Dispose();
    }
}
