// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.Operators;

namespace Dora.StatefulOperator;

/// <summary>Counts its messages in three values that only make sense together, and sends each number that it has reached. Says so if they do not agree.</summary>
public sealed class Ledger : IOperator
{
    private const int BlobInts = 5_000; // more than a page of the store

    private readonly OperatorState _state;
    private readonly IState<long> _first;
    private readonly IState<long> _second;
    private readonly int[] _blob = new int[BlobInts];

    public Ledger(OperatorState state)
    {
        _state = state;
        _first = state.Value<long>("first");
        _second = state.Value<long>("second");
        if (state.TryGet("blob", out var blob))
            MemoryMarshal.Cast<byte, int>(blob.Span).CopyTo(_blob);
        if (_first.Value != _second.Value || !_blob.All(number => number == _first.Value) || state.Restored.DamagedKeys.Count > 0)
            Console.WriteLine($"MIXED STATE: {_first.Value}, {_second.Value}, {_blob[0]} to {_blob[^1]}");
        Console.WriteLine($"ledger: {state.Restored.Reason} {state.Restored.Incarnation} at {_first.Value}");
    }

    public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
    {
        if (e.Kind != OperatorEventKind.Input)
            return DoraStatus.Continue;
        _first.Value++;
        _blob.AsSpan().Fill((int)_first.Value);
        output.Send("count", BitConverter.GetBytes(_first.Value));
        _state.Save("blob", MemoryMarshal.AsBytes(_blob.AsSpan()));
        _second.Value = _first.Value;
        return _first.Value % 997 == 0 && _state.Restored.Reason != RestoreReason.OperatorFailed
            ? throw new InvalidOperationException("on purpose")
            : DoraStatus.Continue;
    }
}
