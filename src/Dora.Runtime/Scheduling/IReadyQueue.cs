// SPDX-License-Identifier: Apache-2.0

using Dora.Runtime.Mailbox;
using Dora.Runtime.Timing;

namespace Dora.Runtime.Scheduling;

/// <summary>Operators that have something to do, in the order in which they get their turn. Each is in it at most once.</summary>
/// <remarks>An operator with more to do is put in again after each event.</remarks>
internal interface IReadyQueue
{
    bool IsEmpty { get; }

    /// <summary>Whether somebody who comes later may go first, so that what the node received is worth a look after each turn.</summary>
    bool HasOrder { get; }

    void Enqueue(OperatorCell cell);

    bool TryDequeue(out OperatorCell cell);
}

/// <summary>First come, first served: nobody waits for more than one event of each other operator.</summary>
internal sealed class FifoReadyQueue : IReadyQueue
{
    private readonly Queue<OperatorCell> _cells = new();

    public bool IsEmpty => _cells.Count == 0;

    public bool HasOrder => false;

    public void Enqueue(OperatorCell cell) => _cells.Enqueue(cell);

    public bool TryDequeue(out OperatorCell cell) => _cells.TryDequeue(out cell!);
}

/// <summary>By priority, deadline and nearness to the sink: <see cref="AgeingReadyQueue{T}"/>, with a clock.</summary>
internal sealed class OrderedReadyQueue(RuntimeClock clock) : IReadyQueue
{
    private readonly AgeingReadyQueue<OperatorCell> _cells = new();

    public bool IsEmpty => _cells.Count == 0;

    public bool HasOrder => true;

    public void Enqueue(OperatorCell cell) => _cells.Enqueue(cell, cell.Urgency(), clock.NowNs());

    public bool TryDequeue(out OperatorCell cell) => _cells.TryDequeue(clock.NowNs(), out cell);
}
