// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;
using Dora.SharedMemory;
using Microsoft.Win32.SafeHandles;

namespace Dora.Benchmarks;

/// <summary>A publisher and its subscribers in one process: the daemon's part, creating memory and handing it out, played here.</summary>
internal sealed class Edges : IDisposable
{
    private readonly SafeFileHandle _doorbell = DoorbellMemory.Create();
    private uint _lastSegment;

    public Edges(int subscribers, int queueSize = 10)
    {
        Publisher = new SharedMemoryPublisher(new LocalSegmentSource(() => ++_lastSegment, Share, _ => { }), new PoolBudget(1L << 30));
        for (uint id = 1; id <= subscribers; id++)
        {
            using var memory = EdgeMemory.Create(queueSize);
            Subscriptions.Add(new SharedMemorySubscription(id, memory, _ => false));
            Publisher.AddEdge(id, memory, _doorbell, OverflowPolicy.BackPressure);
        }
    }

    public SharedMemoryPublisher Publisher { get; }

    public List<SharedMemorySubscription> Subscriptions { get; } = [];

    /// <summary>Every subscriber takes one message and gives it back.</summary>
    public int TakeAll()
    {
        var bytes = 0;
        foreach (var subscription in Subscriptions)
        {
            if (!subscription.TryTake(out var message))
                throw new InvalidOperationException("no message");
            bytes += message.Payload.Length;
            message.Dispose();
        }

        return bytes;
    }

    public void Dispose()
    {
        Publisher.Dispose();
        Subscriptions.ForEach(subscription => subscription.Dispose());
        _doorbell.Dispose();
    }

    private void Share(uint id, SafeFileHandle memory)
    {
        using (memory)
            Subscriptions.ForEach(subscription => subscription.AddSegment(id, memory));
    }
}
