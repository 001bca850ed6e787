// SPDX-License-Identifier: Apache-2.0
#:project ../../src/Dora.Operators/Dora.Operators.csproj

// Operator `counter`: counts ticks in its state, and crashes now and then. The count goes on, also in the next run.
using System.Text;
using Dora.Operators;

public sealed class Counter(OperatorState state) : IOperator
{
    private readonly IState<long> _count = state.Value<long>("count");
    private bool _isFresh = true;

    public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
    {
        if (e.Kind != OperatorEventKind.Input)
            return DoraStatus.Continue;
        if (_isFresh)
            Console.WriteLine($"instance {state.Restored.Incarnation} ({state.Restored.Reason}) begins at {_count.Value}");
        _isFresh = false;
        _count.Value++;
        output.Send("count", Encoding.UTF8.GetBytes($"{_count.Value}")); // leaves when the count is committed
        if (Random.Shared.Next(10) == 0)
            throw new InvalidOperationException("bad luck: this tick was not counted, and nobody saw its message");
        return DoraStatus.Continue;
    }
}
