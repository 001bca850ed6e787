// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes.Receiving;
using Dora.Nodes.Sending;
using Dora.Platform.Sockets;
using Dora.Protocol;
using Dora.Protocol.Messages;

namespace Dora.Nodes.Connection;

/// <summary>Reads the daemon's messages for the rest of the node's life: applies wiring, passes on events.</summary>
/// <remarks>
/// Order at start: wiring messages → <c>WiringDone</c> → <see cref="WaitForStart"/>, on its caller's thread, asks for memory and sends
/// <c>Ready</c> → <c>Start</c> opens the gate that it waits at. It never runs user code and never waits for anything but the socket.
/// </remarks>
internal sealed class ControlThread : IDisposable
{
    private readonly DaemonLink _link;
    private readonly NodeWiring _wiring;
    private readonly EventReceiver _events;
    private readonly SendContext _sending;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _wired = new(); // set with the wiring, or when there will be none
    private readonly ManualResetEventSlim _gate = new();
    private volatile bool _isWired;
    private volatile Exception? _failure; // why the gate opened without a start
    private volatile bool _started;
    private volatile bool _leaving;

    public ControlThread(DaemonLink link, NodeWiring wiring, EventReceiver events, SendContext sending)
    {
        _link = link;
        _wiring = wiring;
        _events = events;
        _sending = sending;
        _thread = new Thread(Run) { IsBackground = true, Name = "dora-control" };
    }

    /// <summary>Begins to read.</summary>
    public void Begin() => _thread.Start();

    /// <summary>Makes ready what the first messages need, says so, and waits until all nodes of the dataflow are ready.</summary>
    /// <exception cref="NodeConnectionException">The daemon ended the session instead.</exception>
    public void WaitForStart()
    {
        _wired.Wait();
        if (_isWired)
        {
            _wiring.ReserveFirstSegments(); // not by the control thread: that one hears the answers
            _link.TrySend(new NodeToDaemon { Ready = new Ready() });
            WarmUp.RunOnce(); // while the others start
        }

        _gate.Wait();
        if (!_started)
        {
            throw new NodeConnectionException(
                "The dataflow did not start",
                _failure?.Message ?? "the daemon closed the connection",
                "The first error in the output of `dora run` says why.",
                _failure);
        }
    }

    /// <summary>Ends the session and waits for the thread: the node leaves by itself.</summary>
    public void Dispose()
    {
        _leaving = true;
        _link.Shutdown();
        _thread.Join();
        _wired.Dispose();
        _gate.Dispose();
    }

    private void Run()
    {
        try
        {
            while (_link.Read() is { } message)
                Apply(message);
        }
        catch (Exception e) when (e is FrameException or ProtocolException or ArgumentException or ObjectDisposedException)
        {
            _failure = e;
        }

        _wiring.DaemonLost();
        if (!_leaving && _started)
        {
            if (_failure is { } failure)
                _events.Post(new ErrorEvent("The connection to the daemon broke.", failure));
            _sending.Stop();
            _events.Post(new StopEvent(StopCause.DaemonLost, TimeSpan.Zero));
        }

        _link.Shutdown(); // after a failure of ours, the daemon shall notice too
        _wired.Set();
        _gate.Set();
    }

    private void Apply(DaemonToNode message)
    {
        if (_wiring.TryApply(message))
            return;
        switch (message.BodyCase)
        {
            case DaemonToNode.BodyOneofCase.WiringDone:
                _isWired = true;
                _wired.Set();
                break;
            case DaemonToNode.BodyOneofCase.Start:
                Open();
                break;
            case DaemonToNode.BodyOneofCase.Stop:
                Stop(message.Stop);
                break;
            case DaemonToNode.BodyOneofCase.InputClosed:
                if (_wiring.Inputs.TryGetValue(message.InputClosed.InputId, out var closed))
                    closed.Close(message.InputClosed.Reason);
                _events.InputClosed();
                break;
            case DaemonToNode.BodyOneofCase.InputRecovered:
                _events.Post(new InputRecoveredEvent(message.InputRecovered.InputId));
                break;
            case DaemonToNode.BodyOneofCase.NodeRestarted:
                _events.Post(new NodeRestartedEvent(message.NodeRestarted.NodeId));
                break;
            case DaemonToNode.BodyOneofCase.NodeFailed:
                var failed = message.NodeFailed;
                _events.Post(new NodeFailedEvent(failed.SourceNodeId, failed.Error, [.. failed.AffectedInputIds]));
                break;
            case DaemonToNode.BodyOneofCase.Reload:
                _events.Post(new ReloadEvent(message.Reload.OperatorId is { Length: > 0 } id ? id : null)
                {
                    Source = message.Reload.Source is { Length: > 0 } source ? source : null,
                });
                break;
            default:
                break; // a newer daemon's message: not for us
        }
    }

    private void Open()
    {
        _started = true;
        _wired.Set();
        _gate.Set();
    }

    private void Stop(Stop stop)
    {
        var grace = TimeSpan.FromMilliseconds(stop.GraceMs);
        if (stop.Cause != Dora.Protocol.Messages.StopCause.AllInputsClosed)
        {
            _sending.Stop();
            _events.Post(new StopEvent(StopCause.Manual, grace));
            Open(); // stopped before it began: the program gets the stop as its first event
            return;
        }

        foreach (var input in _wiring.Inputs.Values)
            input.Close("all inputs are closed");
        _events.StopWhenDrained(new StopEvent(StopCause.AllInputsClosed, grace));
    }
}
