// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Protocol.Messages;
using Dora.Runtime.Mailbox;
using Dora.Runtime.State;

namespace Dora.Runtime.Scheduling;

/// <content>Operators that keep state. The others never come here.</content>
internal sealed partial class OperatorScheduler
{
    // What an event saved becomes permanent, and only then what it sent goes out. What throws here fails the instance like anything else.
    private static void CommitState(OperatorCell cell, Incarnation incarnation)
    {
        if (cell.State is { } state)
        {
            incarnation.Thrown?.Throw();
            state.Commit();
            incarnation.Sender.ReleaseHeld();
        }
    }

    private DoraStatus HandleOnceMoreIfItFails(CellState state, Incarnation incarnation, string input, OperatorSample sample)
    {
        state.NoteEvent(input, sample);
        try
        {
            return Tell(incarnation, new OperatorEvent(input, sample));
        }
        catch
        {
            state.Redeliver(input, sample);
            throw;
        }
    }

    private DoraStatus HandleAgain(OperatorCell cell, Incarnation incarnation, RedeliveredEvent again) =>
        cell.Inputs.Find(input => input.Name == again.Input) is { } known
            ? HandleOnceMoreIfItFails(cell.State!, incarnation, known.Name, again.Sample)
            : DoraStatus.Continue; // the descriptor of this run has no such input any more

    private Incarnation Restored(OperatorCell cell, CellState state, RestoreReason? reason)
    {
        if (state.Prepared is not { } instance)
        {
            instance = reason is null ? FirstInstance(cell, state) : RestoredInstance.Make(cell.Factory, state, reason);
        }

        state.Prepared = null;
        var restored = instance.State.Restored;
        if (restored.DamagedKeys.Count > 0)
        {
            _port.Log(LogLevel.Error, cell.Id, $"the state of operator '{cell.Id}' is damaged; missing: {string.Join(", ", restored.DamagedKeys)}");
        }

        return new Incarnation(cell, instance.Operator, this, instance.State);
    }

    // At the start there is no budget of restarts: two attempts show whether it is the state.
    private RestoredInstance FirstInstance(OperatorCell cell, CellState state)
    {
        RestoreReason? reason = null;
        while (true)
        {
            try
            {
                return RestoredInstance.Make(cell.Factory, state, reason);
            }
            catch (Exception e) when (!state.IsEmpty && state.OnPoison == PoisonPolicy.ResetState)
            {
                _port.Log(LogLevel.Error, cell.Id, $"operator '{cell.Id}' could not be started: {e}");
                if (state.NoteFailure())
                {
                    ResetState(cell, state);
                    reason = RestoreReason.Reset;
                }
            }
        }
    }

    // Events that the last process left, and operators that it died of.
    private void StartWithState(ref string starting)
    {
        foreach (var cell in _cells.Where(c => c.State is not null))
        {
            starting = cell.Id;
            if (cell.State!.PoisonedBeforeStart && Poisoned(cell, cell.State) is var next and not RestoreReason.OperatorFailed)
            {
                if (next is null)
                {
                    _failed.Add(cell.Id);
                    End(cell);
                }
                else
                {
                    DisposeInstance(cell);
                    cell.Current = NewIncarnation(cell, next);
                }
            }

            Schedule(cell);
        }
    }

    // What comes after a failure; null: nothing, the operator has failed for good.
    private RestoreReason? AfterFailure(OperatorCell cell, RestoreReason reason) =>
        cell.State is not { } state ? reason
        : state.NoteFailure() ? Poisoned(cell, state)
        : reason;

    // The same state, and nothing goes well: the next instance would fail as well.
    private RestoreReason? Poisoned(OperatorCell cell, CellState state)
    {
        state.ForgetEvent();
        switch (state.OnPoison)
        {
            case PoisonPolicy.Fail:
                _port.Log(LogLevel.Error, cell.Id, $"operator '{cell.Id}' failed for good: twice in a row, as 'on_poison: fail' says");
                return null;
            case PoisonPolicy.ResetState:
                ResetState(cell, state);
                return RestoreReason.Reset;
            default:
                _port.Log(LogLevel.Warn, cell.Id, $"operator '{cell.Id}' failed twice in a row; it goes on with the next event and its last state");
                return RestoreReason.OperatorFailed;
        }
    }

    private void ResetState(OperatorCell cell, CellState state)
    {
        _port.Log(LogLevel.Error, cell.Id, $"operator '{cell.Id}' failed twice in a row; its state is emptied, as 'on_poison: reset_state' says");
        state.Reset();
    }
}
