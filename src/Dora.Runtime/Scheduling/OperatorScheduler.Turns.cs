// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Protocol.Messages;
using Dora.Runtime.Mailbox;

namespace Dora.Runtime.Scheduling;

/// <content>One turn: one event or continuation of one operator, and what its outcome means.</content>
internal sealed partial class OperatorScheduler
{
    private void RunTurn(OperatorCell cell, bool inSpiteOfBackPressure)
    {
        if (cell.HasEnded)
        {
            return;
        }

        var incarnation = cell.Current!;
        DoraStatus status;
        bool isLast;
        _inTurn = incarnation;
        incarnation.State?.BeginTurn();
        _port.NoteRunning(cell.Number);
        SynchronizationContext.SetSynchronizationContext(incarnation.Context);
        try
        {
            (status, isLast) = TakeTurn(cell, incarnation, inSpiteOfBackPressure);
            CommitState(cell, incarnation);
        }
        catch (Exception e) // whatever an operator throws is that operator's affair only
        {
            EndTurn();
            incarnation.State?.EndTurn();
            incarnation.Sender.DropHeld();
            Fail(cell, e);
            return;
        }

        EndTurn();
        incarnation.State?.EndTurn();
        if (status == DoraStatus.StopAll)
        {
            Report(cell, OperatorState.StopAll, "");
        }

        if (isLast || status != DoraStatus.Continue)
        {
            End(cell);
            return;
        }

        if (cell.AreAllInputsClosed && !_isStopping)
        {
            cell.AddControl(OperatorEventKind.Stop, "", "all inputs are closed");
        }

        Schedule(cell);
    }

    private (DoraStatus Status, bool IsLast) TakeTurn(OperatorCell cell, Incarnation incarnation, bool inSpiteOfBackPressure)
    {
        if (cell.TryTakePosted(out var callback))
        {
            Continue(cell, callback);
            return (DoraStatus.Continue, false);
        }

        if (!cell.IsHeldBack && cell.State?.TakeRedelivery() is { } again)
        {
            return (HandleAgain(cell, incarnation, again), false);
        }

        if (cell.TryTakeControl(out var control))
        {
            var status = Tell(incarnation, new OperatorEvent(control.Kind, control.Id, control.Reason));
            return (status, control.Kind == OperatorEventKind.Stop);
        }

        if (cell.IsHeldBack && !inSpiteOfBackPressure)
        {
            return (DoraStatus.Continue, false); // became so since it was made ready
        }

        if (cell.Join is { MayHaveSet: true } join && !(cell.WasSetLast && cell.PeekInput() is not null) && TakeSet(cell, join))
        {
            return (HandleSet(cell, incarnation, join), false);
        }

        cell.WasSetLast = false;
        if (cell.TryTakeClose(out var closed))
        {
            return (Tell(incarnation, new OperatorEvent(OperatorEventKind.InputClosed, closed.Name, closed.CloseReason!)), false);
        }

        return (HandleMessage(cell, incarnation), false);
    }

    private DoraStatus HandleMessage(OperatorCell cell, Incarnation incarnation)
    {
        if (!TakeMessage(cell, out var input, out var message))
        {
            return DoraStatus.Continue;
        }

        try
        {
            var status = cell.State is { Redelivers: true } state
                ? HandleOnceMoreIfItFails(state, incarnation, input.Name, message.Sample)
                : Tell(incarnation, new OperatorEvent(input.Name, message.Sample));
            if (cell.Timing is { } timing)
            {
                JudgeDeadline(cell, timing, input.Name, message.StartNs, status);
            }

            return status;
        }
        finally
        {
            message.Sample.Release();
        }
    }

    private bool TakeMessage(OperatorCell cell, out OperatorInput input, out QueuedSample message)
    {
        while (true)
        {
            var next = cell.PeekInput();
            var wasFull = next is { IsFull: true };
            if (!cell.TryTakeMessage(out input, out message))
            {
                return false;
            }

            NoteRoom(input, wasFull);
            if (input.NodeInputId is { } nodeInput)
            {
                _port.SetPaused(nodeInput, false);
                _hasResumed = true;
            }

            if (cell.Timing is not { HasDeadline: true } timing || !timing.TakeExpired(message.StartNs))
            {
                input.NoteReceived();
                return true;
            }

            input.NoteExpired();
            message.Sample.Release();
        }
    }

    private DoraStatus Tell(Incarnation incarnation, in OperatorEvent e)
    {
        if (incarnation.Cell.Timing is not { } timing)
        {
            return incarnation.Instance.OnEvent(e, incarnation.Sender);
        }

        var started = BeginTimed(incarnation.Cell, timing, e.Kind, e.Id);
        try
        {
            return incarnation.Instance.OnEvent(e, incarnation.Sender);
        }
        finally
        {
            EndTimed(incarnation.Cell, timing, e.Kind, e.Id, started);
        }
    }

    private void Continue(OperatorCell cell, in PostedCallback callback)
    {
        if (cell.Timing is not { } timing)
        {
            callback.Run();
            return;
        }

        var started = BeginTimed(cell, timing, null, "");
        try
        {
            callback.Run();
        }
        finally
        {
            EndTimed(cell, timing, null, "", started);
        }
    }

    private void EndTurn()
    {
        _inTurn = null;
        _port.NoteRunning(0);
        SynchronizationContext.SetSynchronizationContext(null);
    }

    // A continuation of an instance that is gone still runs, so that its 'finally' blocks do; it cannot send.
    private void RunLeftover(in PostedCallback callback)
    {
        SynchronizationContext.SetSynchronizationContext(callback.Incarnation.Context);
        _port.NoteRunning(callback.Incarnation.Cell.Number);
        try
        {
            callback.Run();
        }
        catch (Exception e)
        {
            _port.Log(LogLevel.Warn, callback.Incarnation.Cell.Id, $"what an earlier instance awaited failed: {e}");
        }
        finally
        {
            EndTurn();
        }
    }
}
