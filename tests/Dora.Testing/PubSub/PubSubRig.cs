// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using Dora.Middleware;

namespace Dora.Testing.PubSub;

/// <summary>One publisher and its subscribers in this process, wired as the daemon would wire them.</summary>
public abstract class PubSubRig : IDisposable
{
    /// <summary>Bound of every wait in tests; far beyond what a busy machine needs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Dictionary<uint, string> _faults = [];

    /// <summary>The output.</summary>
    public abstract Publisher Publisher { get; }

    /// <summary>What the subscribers wait on.</summary>
    public abstract Doorbell Doorbell { get; }

    /// <summary>Edges that the publisher cut off, with its reasons.</summary>
    public IReadOnlyDictionary<uint, string> Faults => _faults;

    /// <summary>Adds an input.</summary>
    public abstract Subscription Subscribe(int queueSize = 10, OverflowPolicy policy = OverflowPolicy.DropOldest);

    /// <summary>Waits until everything sent so far has reached the queue of a subscription, or was dropped.</summary>
    public abstract void Settle(Subscription subscription);

    /// <summary>Takes the next message, waiting for it.</summary>
    /// <exception cref="TimeoutException">None came.</exception>
    public Message Take(Subscription subscription)
    {
        using var wait = new DoorbellWait(Doorbell, Patience);
        do
        {
            if (subscription.TryTake(out var message))
                return message;
            if (subscription.IsPoisoned)
                throw new InvalidOperationException(subscription.PoisonReason);
        }
        while (wait.Next());
        throw new TimeoutException($"no message on edge {subscription.EdgeId} within {Patience}");
    }

    /// <summary>Waits, by looking again and again, until a condition holds.</summary>
    /// <exception cref="TimeoutException">It did not.</exception>
    public static void Until(Func<bool> condition, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
                throw new TimeoutException(what);
            Thread.Yield();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Forgets everything.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Records a fault; the publisher's callback.</summary>
    protected void OnFault(uint edgeId, string reason)
    {
        lock (_faults)
            _faults.Add(edgeId, reason);
    }
}
