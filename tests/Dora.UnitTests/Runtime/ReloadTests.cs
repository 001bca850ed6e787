// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Protocol.Messages;
using Dora.Runtime;
using Dora.Runtime.Port;

namespace Dora.UnitTests.Runtime;

/// <summary>Operators whose program changes while messages flow.</summary>
public sealed class ReloadTests
{
    private const int Messages = 3_000;

    [Fact]
    public void A_thousand_swaps_lose_no_message_and_keep_their_order()
    {
        var made = 0;
        List<int> received = [];
        var test = new RuntimeUnderTest();
        test.Add("relay", "in=camera:image", "data", () => new Relay(++made), lossless: true)
            .Add(
                "sink", "in=relay/data", "", (in OperatorEvent e, OutputSender _) =>
                {
                    if (e.Kind == OperatorEventKind.Input)
                        received.Add(BitConverter.ToInt32(e.Data));
                    return DoraStatus.Continue;
                },
                queueSize: 2,
                lossless: true);
        for (var i = 0; i < Messages; i++)
        {
            test.Node.AddInput("relay/in", BitConverter.GetBytes(i));
            if (i % 3 == 0)
                test.Node.Add(new PortEvent(PortEventKind.Reload, "relay"));
        }

        test.Node.Close("relay/in");
        var result = test.Run();

        Assert.Equal(Enumerable.Range(0, Messages), received);
        Assert.Equal(1 + Messages / 3, made);
        Assert.Equal(Messages / 3, test.ReportsOf("relay").Count(state => state == OperatorState.Reloaded));
        Assert.Equal(0, result.Restarts); // these are no restarts, and take none of the budget
        Assert.Equal(0, test.Node.SamplesOut);
    }

    private sealed class Relay(int number) : IOperator, IDisposable
    {
        private bool _isDisposed;

        public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, $"instance {number}");
            if (e.Kind == OperatorEventKind.Input)
                output.Forward("data", e);
            return DoraStatus.Continue;
        }

        public void Dispose() => _isDisposed = true;
    }
}
