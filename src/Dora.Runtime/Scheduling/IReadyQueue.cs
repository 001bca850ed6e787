// SPDX-License-Identifier: Apache-2.0

using Dora.Runtime.Mailbox;

namespace Dora.Runtime.Scheduling;

/// <summary>Operators that have something to do, in the order in which they get their turn. Each is in it at most once.</summary>
/// <remarks>An operator with more to do goes to the end after each event. Priorities and deadlines are another order behind this interface.</remarks>
internal interface IReadyQueue
{
    bool IsEmpty { get; }

    void Enqueue(OperatorCell cell);

    bool TryDequeue(out OperatorCell cell);
}

/// <summary>First come, first served: nobody waits for more than one event of each other operator.</summary>
internal sealed class FifoReadyQueue : IReadyQueue
{
    private readonly Queue<OperatorCell> _cells = new();

    public bool IsEmpty => _cells.Count == 0;

    public void Enqueue(OperatorCell cell) => _cells.Enqueue(cell);

    public bool TryDequeue(out OperatorCell cell) => _cells.TryDequeue(out cell!);
}
