// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Protocol.Messages;
using Dora.Runtime.Mailbox;
using Dora.Runtime.Port;

namespace Dora.Runtime.Scheduling;

/// <content>How instances and operators end: by failure, by restart, for good.</content>
internal sealed partial class OperatorScheduler
{
    // The event that failed is gone: an operator sees each message at most once.
    private void Fail(OperatorCell cell, Exception reason)
    {
        _port.Log(LogLevel.Error, cell.Id, $"operator '{cell.Id}' failed: {reason}");
        Report(cell, OperatorState.Failed, Summary(reason));
        DisposeInstance(cell);
        var why = AfterFailure(cell, RestoreReason.OperatorFailed);
        while (why is not null && !_isStopping && cell.Budget.TryTake())
        {
            try
            {
                cell.Current = NewIncarnation(cell, why);
            }
            catch (Exception e)
            {
                _port.Log(LogLevel.Error, cell.Id, $"operator '{cell.Id}' could not be restarted: {e}");
                Report(cell, OperatorState.Failed, Summary(e));
                why = AfterFailure(cell, why.Value);
                continue;
            }

            cell.Restarts++;
            Report(cell, OperatorState.Restarted, Summary(reason));
            Schedule(cell);
            return;
        }

        cell.State?.ForgetEvent();
        if (!_isStopping && why is not null)
        {
            _port.Log(LogLevel.Error, cell.Id, $"operator '{cell.Id}' failed for good: no more than {cell.Budget}");
        }

        _failed.Add(cell.Id);
        End(cell);
    }

    // No more events for this operator; its outputs close once everything it sent is on its way.
    private void End(OperatorCell cell)
    {
        if (cell.HasEnded)
        {
            return;
        }

        cell.HasEnded = true;
        _alive--;
        _heldBack.Remove(cell);
        ReportJoin(cell, isFinal: true);
        ForgetWork(cell);
        DisposeInstance(cell);
        foreach (var input in cell.Inputs)
        {
            if (input.NodeInputId is { } nodeInput)
            {
                _port.SetPaused(nodeInput, false); // taken and dropped from now on: a lossless sender must not wait for ever
            }
        }

        Report(cell, OperatorState.Stopped, "");
        if (cell.Outbox.IsEmpty)
        {
            CloseOutputs(cell);
        }
        else
        {
            _closing.Add(cell);
        }
    }

    private void CloseOutputs(OperatorCell cell)
    {
        foreach (var route in cell.Outputs.Values)
        {
            route.Node?.Close();
            foreach (var input in route.Siblings.Where(input => !input.Owner.HasEnded))
            {
                if (input.IsShared)
                {
                    input.Owner.Loop!.Post(new PortEvent(PortEventKind.SiblingClosed, Reason: $"operator '{cell.Id}' ended", Sibling: input));
                    continue;
                }

                input.Owner.AddClose(input, $"operator '{cell.Id}' ended");
                Schedule(input.Owner);
            }
        }
    }

    private void ForgetWork(OperatorCell cell)
    {
        var full = cell.Inputs.Where(input => input.IsFull).ToArray();
        cell.ClearWork();
        foreach (var input in full)
        {
            input.HoldsSender = false;
            NoteRoom(input, wasFull: true);
        }
    }

    // Between two events: what waits for the operator stays, and goes to the new instance.
    private void Reload(OperatorCell cell, string source)
    {
        if (cell.HasEnded || _isStopping)
        {
            return;
        }

        try
        {
            _port.NoteRunning(cell.Number); // a library that is loaded runs its initialisers
            cell.Factory.Reload(source.Length > 0 ? source : null);
            var fresh = NewIncarnation(cell, RestoreReason.Reloaded);
            DisposeInstance(cell);
            cell.Current = fresh;
            Report(cell, OperatorState.Reloaded, "");
            _port.Log(LogLevel.Info, cell.Id, $"operator '{cell.Id}' runs its new program");
        }
        catch (Exception e)
        {
            _port.Log(LogLevel.Error, cell.Id, $"operator '{cell.Id}' was not reloaded, the old program goes on: {(e is OperatorLoadException ? e.Message : e)}");
        }
    }

    private void Report(OperatorCell cell, OperatorState state, string message) => _port.Report(new OperatorReport
    {
        OperatorId = cell.Id,
        State = state,
        Message = message,
        Restarts = (uint)cell.Restarts,
        Siblings =
        {
            cell.Inputs.Where(input => input.Producer is not null).Select(input => new SiblingCounts
            {
                InputId = input.Name,
                Sent = input.Sent,
                Received = input.Received,
                DroppedOldest = input.Dropped,
                DroppedExpired = input.Expired,
                Bytes = input.SentBytes,
            }),
        },
        Timing = cell.Timing?.Counts(),
        Expired =
        {
            cell.Inputs.Where(input => input is { Producer: null, Expired: > 0 }).Select(input => new ExpiredCounts
            {
                InputId = input.Name,
                DroppedExpired = input.Expired,
            }),
        },
    });

    private Incarnation NewIncarnation(OperatorCell cell, RestoreReason? reason)
    {
        _port.NoteRunning(cell.Number);
        try
        {
            return cell.State is { } state ? Restored(cell, state, reason) : new Incarnation(cell, cell.Factory.Create(), this);
        }
        finally
        {
            _port.NoteRunning(0);
        }
    }

    private void DisposeInstance(OperatorCell cell)
    {
        var incarnation = cell.Current;
        cell.Current = null;
        _port.NoteRunning(cell.Number);
        try
        {
            (incarnation?.Instance as IDisposable)?.Dispose();
        }
        catch (Exception e)
        {
            _port.Log(LogLevel.Warn, cell.Id, $"Dispose of operator '{cell.Id}' failed: {e}");
        }
        finally
        {
            _port.NoteRunning(0);
        }
    }

    private static string Summary(Exception e) => e is ForeignOperatorException ? e.Message : $"{e.GetType().Name}: {e.Message}";
}
