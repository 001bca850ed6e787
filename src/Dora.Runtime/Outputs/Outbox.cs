// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Runtime.Port;

namespace Dora.Runtime.Outputs;

/// <summary>Messages of one operator to other nodes that found a lossless queue, or the memory, full. Scheduler thread only.</summary>
/// <remarks>While anything is here, the operator handles no further message: so it holds what one event sends, and no more.</remarks>
internal sealed class Outbox
{
    private readonly Queue<(IPortOutput Output, OperatorSample Sample)> _unsent = new();

    public bool IsEmpty => _unsent.Count == 0;

    public int Count => _unsent.Count;

    /// <summary>Takes over one reference to <paramref name="sample"/>.</summary>
    public void Add(IPortOutput output, OperatorSample sample) => _unsent.Enqueue((output, sample));

    /// <summary>Sends what finds room now, in order. True: at least one message is gone.</summary>
    public bool Flush()
    {
        var progress = false;
        while (_unsent.TryPeek(out var next))
        {
            if (next.Output.TrySend(next.Sample) == PortSendStatus.Full)
            {
                break;
            }

            _unsent.Dequeue();
            next.Sample.Release();
            progress = true;
        }

        return progress;
    }

    public void Clear()
    {
        while (_unsent.TryDequeue(out var next))
        {
            next.Sample.Release();
        }
    }
}
