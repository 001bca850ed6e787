// SPDX-License-Identifier: Apache-2.0
#:project ../../src/Dora.Operators/Dora.Operators.csproj

// Operator `random-operator`: counts ticks, and says so with each random number.
using System.Buffers.Binary;
using System.Text;
using Dora.Operators;

public sealed class RandomOperator : IOperator
{
    private int _ticks;

    public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
    {
        switch (e.Kind, e.Id)
        {
            case (OperatorEventKind.Input, "tick"):
                _ticks++;
                break;
            case (OperatorEventKind.Input, "random"):
                var value = BinaryPrimitives.ReadUInt64LittleEndian(e.Data);
                output.Send("status", Encoding.UTF8.GetBytes($"operator received random value 0x{value:x} after {_ticks} ticks"));
                break;
            case (OperatorEventKind.Input, var other):
                Console.Error.WriteLine($"ignoring unexpected input '{other}'");
                break;
            case (OperatorEventKind.InputClosed, "random"):
                Console.WriteLine("input 'random' was closed -> exiting");
                return DoraStatus.Stop;
            case (OperatorEventKind.InputClosed, var closed):
                Console.WriteLine($"input '{closed}' was closed");
                break;
        }

        return DoraStatus.Continue;
    }
}
