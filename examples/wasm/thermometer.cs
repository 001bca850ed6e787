// SPDX-License-Identifier: Apache-2.0
#:project ../../src/Dora.Operators/Dora.Operators.csproj
using Dora.Operators;

/// <summary>From 0 to 99 degrees, with noise.</summary>
public sealed class Thermometer : IOperator
{
    private int _readings;

    public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
    {
        if (e.Kind != OperatorEventKind.Input)
            return DoraStatus.Continue;
        var noise = _readings % 2 == 0 ? 2.0 : -2.0;
        output.Send("temperature", BitConverter.GetBytes(_readings + noise));
        return ++_readings == 100 ? DoraStatus.Stop : DoraStatus.Continue;
    }
}
