// SPDX-License-Identifier: Apache-2.0

namespace Dora.Middleware;

/// <summary>The pooled object behind a <see cref="Message"/>. Each transport derives one.</summary>
internal abstract class MessageStorage
{
    private readonly MessagePool _pool;
    private uint _generation; // written by whoever returns the message, exactly once per use (compare-and-swap)

    protected MessageStorage(MessagePool pool) => _pool = pool;

    /// <summary>One more with every return, so that handles to earlier uses are recognised.</summary>
    internal uint Generation => Volatile.Read(ref _generation);

    internal ulong Sequence { get; set; }

    internal ulong TimestampNs { get; set; }

    /// <summary>When it was taken, Unix nanoseconds; 0 where the transport does not look at the clock.</summary>
    internal ulong TakenNs { get; set; }

    internal MessageFlags Flags { get; set; }

    internal abstract ReadOnlySpan<byte> Payload { get; }

    internal abstract ReadOnlySpan<byte> Metadata { get; }

    internal abstract ReadOnlyMemory<byte> PayloadMemory { get; }

    internal abstract ReadOnlyMemory<byte> MetadataMemory { get; }

    /// <summary>Link of the pool's list; belongs to the pool while this object is in it.</summary>
    internal MessageStorage? Next { get; set; }

    internal void Return(uint generation)
    {
        // Of all handles to this use, on whatever threads, exactly one wins and releases.
        if (Interlocked.CompareExchange(ref _generation, generation + 1, generation) != generation)
            return;
        Release();
        _pool.Add(this);
    }

    /// <summary>The same on the taking thread, by the one who alone has the message: nothing is interlocked.</summary>
    internal void ReturnToTaker(uint generation)
    {
        if (Generation != generation)
            return;
        Volatile.Write(ref _generation, generation + 1);
        Release();
        _pool.Undo(this);
    }

    /// <summary>Gives the transport's memory back. Called once per use, on the returning thread.</summary>
    protected abstract void Release();
}
