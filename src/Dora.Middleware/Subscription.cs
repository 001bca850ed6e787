// SPDX-License-Identifier: Apache-2.0

using Dora.SharedMemory;

namespace Dora.Middleware;

/// <summary>The receiving end of one edge: one incarnation of a publisher to one input.</summary>
/// <remarks>
/// <para>Threading: one thread at a time takes, looks (<see cref="HasData"/>, <see cref="IsDrained"/>) and disposes. Messages are returned,
/// and <see cref="Close"/> is called, on any thread.</para>
/// <para>End of life: the publisher ends or is replaced → <see cref="Close"/> → what is queued is still taken →
/// <see cref="IsDrained"/> → dispose. Messages that are still held stay readable after that.</para>
/// </remarks>
public abstract class Subscription : IDisposable
{
    private volatile string? _closeReason; // written once, by whoever closes first
    private volatile string? _poisonReason; // written once, by the taking thread

    /// <summary>Prepares the common part.</summary>
    /// <param name="edgeId">The edge, unique within the dataflow.</param>
    protected Subscription(uint edgeId) => EdgeId = edgeId;

    /// <summary>The edge, unique within the dataflow.</summary>
    public uint EdgeId { get; }

    /// <summary>Whether the publisher is gone: nothing new arrives, what is queued can be taken.</summary>
    public bool IsClosed => _closeReason is not null;

    /// <summary>Why, for people; null while open.</summary>
    public string? CloseReason => _closeReason;

    /// <summary>Whether the peer broke the rules: nothing more is taken.</summary>
    public bool IsPoisoned => _poisonReason is not null;

    /// <summary>How, for people; null while all is well.</summary>
    public string? PoisonReason => _poisonReason;

    /// <summary>Whether this edge has ended: closed with nothing left to take, or poisoned. Then it can be disposed.</summary>
    public bool IsDrained => IsPoisoned || (IsClosed && !HasData);

    /// <summary>Whether <see cref="TryTake"/> would probably succeed. Cheap; for rechecks before sleeping and for round robin.</summary>
    public abstract bool HasData { get; }

    /// <summary>Takes the oldest message. Allocates nothing in steady state, never blocks.</summary>
    /// <param name="message">On true, a message to be disposed by the caller.</param>
    /// <returns>False when there is none now.</returns>
    public abstract bool TryTake(out Message message);

    /// <summary>This side's view of the edge's counters.</summary>
    public abstract EdgeCounters GetCounters();

    /// <summary>Says that the publisher is gone. Idempotent; the first reason stays.</summary>
    public void Close(string reason) => Interlocked.CompareExchange(ref _closeReason, reason, null);

    /// <summary>Gives a message back; the same as disposing it. Any thread.</summary>
    public static void Return(in Message message) => message.Dispose();

    /// <summary>Forgets the edge. Not while another thread takes from it or looks at it.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Cuts the peer off; the first reason stays.</summary>
    protected void Poison(string reason) => Interlocked.CompareExchange(ref _poisonReason, reason, null);

    /// <inheritdoc cref="Dispose()"/>
    protected abstract void Dispose(bool disposing);
}
