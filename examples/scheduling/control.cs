// SPDX-License-Identifier: Apache-2.0
#:project ../../src/Dora.Operators/Dora.Operators.csproj

// Operator `control`: a pose for each tick, 200 of them. Counts the ticks that it was too late for.
using Dora.Operators;

public sealed class Control : IOperator
{
    private const int Ticks = 200;

    private int _ticks;
    private int _late;

    public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
    {
        switch (e.Kind)
        {
            case OperatorEventKind.DeadlineMissed:
                _late++;
                return DoraStatus.Continue;
            case OperatorEventKind.Input:
                output.Send("pose", BitConverter.GetBytes(++_ticks));
                break;
        }

        if (_ticks < Ticks)
            return DoraStatus.Continue;
        Console.WriteLine($"control: {_ticks} ticks, {_late} of them late");
        return DoraStatus.Stop; // with it ends what the others get
    }
}
