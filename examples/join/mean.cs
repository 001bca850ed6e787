// SPDX-License-Identifier: Apache-2.0
#:project ../../src/Dora.Operators/Dora.Operators.csproj

// Operator `mean`: the mean of the sensors' n-th readings.
using Dora.Operators;

public sealed class Mean : IOperator
{
    public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
    {
        if (e.Kind == OperatorEventKind.Joined)
        {
            var sum = BitConverter.ToInt64(e.Joined["left"].Data) + BitConverter.ToInt64(e.Joined["right"].Data);
            output.Send("mean", BitConverter.GetBytes(sum / 2.0));
        }

        return DoraStatus.Continue;
    }
}
