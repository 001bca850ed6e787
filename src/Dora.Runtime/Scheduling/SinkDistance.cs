// SPDX-License-Identifier: Apache-2.0

using Dora.Runtime.Mailbox;

namespace Dora.Runtime.Scheduling;

/// <summary>How many operators lie behind each one: the longest way that a message can take in the runtime, circles left out.</summary>
internal static class SinkDistance
{
    public static void Assign(IEnumerable<OperatorCell> cells)
    {
        var done = new HashSet<OperatorCell>();
        var onPath = new HashSet<OperatorCell>();
        var path = new Stack<(OperatorCell Cell, IEnumerator<OperatorCell> Next)>(); // thousands of operators in a row must not overflow the stack
        foreach (var start in cells)
        {
            Enter(start);
            while (path.TryPeek(out var top))
            {
                if (top.Next.MoveNext())
                {
                    Enter(top.Next.Current);
                    continue;
                }

                path.Pop();
                onPath.Remove(top.Cell);
                foreach (var next in Receivers(top.Cell).Where(next => !onPath.Contains(next) && next != top.Cell))
                {
                    top.Cell.DistanceToSink = Math.Max(top.Cell.DistanceToSink, next.DistanceToSink + 1);
                }
            }
        }

        void Enter(OperatorCell cell)
        {
            if (done.Add(cell))
            {
                onPath.Add(cell);
                path.Push((cell, Receivers(cell).GetEnumerator()));
            }
        }
    }

    private static IEnumerable<OperatorCell> Receivers(OperatorCell cell) =>
        cell.Outputs.Values.SelectMany(route => route.Siblings).Select(input => input.Owner);
}
