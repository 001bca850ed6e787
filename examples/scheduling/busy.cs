// SPDX-License-Identifier: Apache-2.0
#:project ../../src/Dora.Operators/Dora.Operators.csproj

// Operators `mapping`, `logging` and `planning`: compute for 3 ms with each pose.
using System.Diagnostics;
using Dora.Operators;

public sealed class Busy : IOperator
{
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(3);

    private int _poses;
    private int _last;

    public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
    {
        if (e.Kind == OperatorEventKind.Input)
        {
            _poses++;
            _last = BitConverter.ToInt32(e.Data);
            var started = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(started) < Work)
                Thread.SpinWait(100);
        }
        else if (e.Kind == OperatorEventKind.Stop)
        {
            Console.WriteLine($"worked on {_poses} poses, the last was {_last}");
        }

        return DoraStatus.Continue;
    }
}
