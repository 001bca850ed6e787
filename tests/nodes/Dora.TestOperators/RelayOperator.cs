// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;

namespace Dora.TestOperators;

/// <summary>Passes each message on to <c>data</c>; ends when its input does.</summary>
public sealed class RelayOperator : IOperator
{
    public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
    {
        if (e.Kind == OperatorEventKind.Input)
            output.Forward("data", e);
        return e.Kind == OperatorEventKind.InputClosed ? DoraStatus.Stop : DoraStatus.Continue;
    }
}
