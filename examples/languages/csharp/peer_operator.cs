// SPDX-License-Identifier: Apache-2.0
#:project ../../../src/Dora.Operators/Dora.Operators.csproj
#:include Cases.cs
#:include Book.cs

// The operator in C#: sends all cases at its first event, and checks those of everybody.
using Dora.Operators;

public sealed class PeerOperator : IOperator
{
    private const string Me = "csharp-operator";

    private readonly Book _book = new(Me);
    private bool _hasSent;

    public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
    {
        if (!_hasSent)
            SendAll(output);
        _hasSent = true;
        switch (e.Kind)
        {
            case OperatorEventKind.Input:
                _book.Check(e.Id, e.Parameters, e.IsTyped ? Description.Of(e.AsArrow()) : Description.Of(e.Data));
                break;
            case OperatorEventKind.InputClosed:
                _book.Close(e.Id);
                break;
        }

        return _book.IsComplete ? DoraStatus.Stop : DoraStatus.Continue;
    }

    private static void SendAll(OutputSender output)
    {
        foreach (var name in Cases.Names)
        {
            var parameters = Cases.ParametersOf(Me, name);
            if (Cases.ByteCount(name) is { } count)
                output.Send("messages", count, 0, static (payload, _) => Cases.WritePattern(payload), parameters); // straight into the message
            else
                output.Send("messages", Cases.ArrayOf(name), parameters);
        }
    }
}
