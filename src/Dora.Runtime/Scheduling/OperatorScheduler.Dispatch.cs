// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Protocol.Messages;
using Dora.Runtime.Mailbox;
using Dora.Runtime.Port;

namespace Dora.Runtime.Scheduling;

/// <content>From the node to the operators.</content>
internal sealed partial class OperatorScheduler
{
    private void Poll()
    {
        for (var i = 0; i < EventsPerPoll && !_portEnded; i++)
        {
            var e = _port.Receive(TimeSpan.Zero);
            if (e.Kind == PortEventKind.None)
            {
                return;
            }

            Dispatch(e);
        }
    }

    private void Dispatch(PortEvent e)
    {
        switch (e.Kind)
        {
            case PortEventKind.Input:
                DispatchMessage(e);
                break;
            case PortEventKind.InputClosed:
                if (_nodeInputs.TryGetValue(e.Id, out var closed) && !closed.Owner.HasEnded)
                {
                    closed.Owner.AddClose(closed, e.Reason);
                    Schedule(closed.Owner);
                }

                break;
            case PortEventKind.InputLate:
                TellInput(e.Id, OperatorEventKind.InputClosed, e.Reason);
                break;
            case PortEventKind.InputRecovered:
                TellInput(e.Id, OperatorEventKind.InputRecovered, "");
                break;
            case PortEventKind.NodeRestarted:
                foreach (var cell in _cells.Where(c => c.Inputs.Exists(input => input.SourceNode == e.Id)))
                {
                    Tell(cell, OperatorEventKind.NodeRestarted, e.Id, "");
                }

                break;
            case PortEventKind.NodeFailed:
                foreach (var cell in (e.AffectedInputs ?? []).Select(id => _nodeInputs.GetValueOrDefault(id)?.Owner).OfType<OperatorCell>().Distinct())
                {
                    Tell(cell, OperatorEventKind.NodeFailed, e.Id, e.Reason);
                }

                break;
            case PortEventKind.Finish:
                _isFinishing = true;
                break;
            case PortEventKind.Stop:
                EndAll(e.Reason);
                break;
            case PortEventKind.Reload:
                foreach (var cell in _cells.Where(c => e.Id.Length == 0 || c.Id == e.Id))
                {
                    Reload(cell, e.Reason);
                }

                break;
            case PortEventKind.Ended:
                _portEnded = true;
                break;
            case PortEventKind.Handed when e.Sibling!.Owner.HasEnded:
                e.Sibling.DropOne();
                break;
            case PortEventKind.Handed when e.Sibling!.JoinPlace >= 0:
                e.Sibling.MoveIntoJoin();
                Schedule(e.Sibling.Owner);
                break;
            case PortEventKind.Handed:
                e.Sibling!.Owner.AddArrival(e.Sibling);
                Schedule(e.Sibling.Owner);
                break;
            case PortEventKind.Room:
                e.Sibling!.Producer!.FullOutputs--;
                Schedule(e.Sibling.Producer);
                break;
            case PortEventKind.Look:
                break; // the loop does so by itself before it waits again
            case PortEventKind.SiblingClosed:
                e.Sibling!.Owner.AddClose(e.Sibling, e.Reason);
                Schedule(e.Sibling.Owner);
                break;
        }
    }

    private void DispatchMessage(in PortEvent e)
    {
        if (!_nodeInputs.TryGetValue(e.Id, out var input) || input.Owner.HasEnded)
        {
            e.Sample!.Release(); // nobody looks at it any more, but its sender must not wait for that
            _port.SetPaused(e.Id, false); // as it is with every message where a pump receives for several loops
            return;
        }

        input.Owner.AddMessage(input, e.Sample!);
        var holdsSender = input.JoinPlace < 0 || input.IsFull;
        _port.SetPaused(e.Id, holdsSender); // the next ones wait in the edge, under its policy; where a join has room, they may come
        input.HoldsSender = holdsSender && input.JoinPlace >= 0;

        Schedule(input.Owner);
    }

    private void TellInput(string id, OperatorEventKind kind, string reason)
    {
        if (_nodeInputs.TryGetValue(id, out var input))
        {
            Tell(input.Owner, kind, input.Name, reason);
        }
    }

    private void Tell(OperatorCell cell, OperatorEventKind kind, string id, string reason)
    {
        if (!cell.HasEnded)
        {
            cell.AddControl(kind, id, reason);
            Schedule(cell);
        }
    }

    // Everybody gets Stop as the next event; what they have not seen yet is dropped.
    private void EndAll(string reason)
    {
        _isStopping = true;
        foreach (var cell in _cells.Where(c => !c.HasEnded))
        {
            ForgetWork(cell);
            Tell(cell, OperatorEventKind.Stop, "", reason);
        }

        foreach (var cell in _unsent)
        {
            _port.Log(LogLevel.Warn, cell.Id, $"{cell.Outbox.Count} messages could not be sent before the stop");
            cell.Outbox.Clear();
        }

        _unsent.Clear();
        foreach (var cell in _closing)
        {
            CloseOutputs(cell);
        }

        _closing.Clear();
    }
}
