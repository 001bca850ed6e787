// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;

namespace Dora.Runtime.State;

/// <summary>What one instance of an operator sees of its state; of no use to it any more when the next one is there.</summary>
internal sealed class InstanceState(CellState cell, RestoreInfo restored) : Operators.OperatorState
{
    private int _turnThread; // of the turn that is going on; 0: none

    public override RestoreInfo Restored => restored;

    public override long SizeBytes => cell.SizeBytes;

    public override long SizeBytesMax => cell.SizeBytesMax;

    public override IReadOnlyCollection<string> Keys => cell.Keys;

    /// <summary>Whether there is anything to tell the instance about.</summary>
    public bool HasSomethingToRestore => restored.Reason != RestoreReason.FirstStart || Keys.Count > 0;

    public override bool TryGet(string key, out ReadOnlyMemory<byte> value) => cell.TryGet(key, out value);

    public override void Save(string key, ReadOnlySpan<byte> value)
    {
        RequireTurn();
        cell.Save(key, value);
    }

    public override bool Delete(string key)
    {
        RequireTurn();
        return cell.Delete(key);
    }

    public override void Commit()
    {
        RequireTurn();
        cell.AskCommit();
    }

    /// <summary>From now on the calling thread may write.</summary>
    public void BeginTurn() => _turnThread = Environment.CurrentManagedThreadId;

    public void EndTurn() => _turnThread = 0;

    private void RequireTurn()
    {
        if (_turnThread != Environment.CurrentManagedThreadId)
        {
            throw new InvalidOperationException("State can be changed only while the operator handles an event or continues what it awaited, on the runtime's thread.");
        }
    }
}
