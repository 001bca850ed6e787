// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.Platform.Memory;

namespace Dora.SharedMemory;

/// <summary>A mapping of a node's doorbell: its own, to sleep on, or another node's, to wake it.</summary>
/// <remarks>
/// <para>Two words: <c>sequence</c>, which the sleeper's futex watches, and <c>sleeping</c>, which spares ringers the system call.</para>
/// <para>Waiter: read sequence → set sleeping → full fence → look for news → futex_wait(sequence). Ringer: publish news → full
/// fence → if sleeping: clear it, increment sequence, futex_wake. By the two fences (Dekker) either the waiter sees the news or the
/// ringer sees the flag. The flag may be cleared by a ringer that acts on an <em>earlier</em> wait, but such a ringer increments the sequence
/// after clearing, and the ticket was read before the flag was set: so the ticket is stale and futex_wait returns at once.</para>
/// <para>A ringer killed between the two steps, or a hostile one, costs the waiter its time-out (1 s at most), nothing else.</para>
/// </remarks>
internal sealed unsafe class MappedDoorbell<TMemory> : IDisposable
    where TMemory : struct, IRingMemory
{
    private readonly MemoryMapping _mapping;
    private readonly uint* _sequence; // ringers increment
    private readonly uint* _sleeping; // the waiter sets, ringers clear; 128 bytes from the other
    private readonly ulong* _pending; // ringers set bits, the waiter clears them
    private readonly uint* _running;  // the waiter only; read by the daemon, after its death

    /// <summary>Over memory that is mapped and checked already; owns it.</summary>
    internal MappedDoorbell(MemoryMapping mapping)
    {
        _mapping = mapping;
        _sequence = (uint*)(mapping.Address + DoorbellLayout.Sequence);
        _sleeping = (uint*)(mapping.Address + DoorbellLayout.Sleeping);
        _pending = (ulong*)(mapping.Address + DoorbellLayout.Pending);
        _running = (uint*)(mapping.Address + DoorbellLayout.Running);
    }

    /// <summary>Maps a doorbell.</summary>
    /// <param name="fd">The memfd; may be closed afterwards.</param>
    /// <exception cref="SharedMemoryFormatException">Not a sound doorbell.</exception>
    public static MappedDoorbell<TMemory> Map(SafeHandle fd)
    {
        var header = SharedRegion.ReadHeader<DoorbellHeader>(fd, "doorbell", out var length);
        SharedRegion.ThrowOnFault(header.FindFault(length));
        return new MappedDoorbell<TMemory>(MemoryMapping.Map(fd, DoorbellLayout.TotalBytes, writable: true, populate: true));
    }

    /// <summary>Notes what its node runs, for who looks when the node has died. A plain store: 1 ns.</summary>
    /// <param name="number">What; 0: nothing.</param>
    /// <param name="thread">Which of the node's threads, from 0; those beyond the last share its place.</param>
    public void NoteRunning(uint number, int thread = 0) =>
        _running[Math.Min((uint)thread, DoorbellLayout.RunningThreads - 1) * (DoorbellLayout.RunningStride / sizeof(uint))] = number;

    /// <summary>Wakes the waiter if it sleeps or is about to. Call after making the news visible.</summary>
    public void Ring()
    {
        TMemory.Fence();
        RingAfterFence();
    }

    /// <summary>The same when the caller has just executed a full fence, for one fence before many bells.</summary>
    public void RingAfterFence()
    {
        // SAFETY (all of this type): both words lie in the mapping, which lives until Dispose.
        if (TMemory.ReadAcquire(_sleeping) == 0)
            return;
        TMemory.WriteRelease(_sleeping, 0);
        TMemory.Increment(_sequence);
        TMemory.Wake(_sequence);
    }

    /// <summary>Notes that an edge has news, then wakes. After a full fence that follows the news.</summary>
    /// <remarks>The note costs a load while it is still there from the last time, which for a node that never clears it (few inputs) is for ever.</remarks>
    public void RingAfterFence(uint edgeId)
    {
        var (word, bit) = PendingPlaceOf(edgeId);
        if ((TMemory.ReadAcquire(_pending + word) & bit) == 0)
            TMemory.Or(_pending + word, bit); // a full fence too, so the flag is looked at after it
        RingAfterFence();
    }

    /// <summary>Where an edge's note lies. Edges may share one.</summary>
    public static (int Word, ulong Bit) PendingPlaceOf(uint edgeId) =>
        ((int)(edgeId / 64 % DoorbellLayout.PendingWords), 1UL << (int)(edgeId % 64));

    /// <summary>The notes of 64 edges, or what a hostile peer made of them. The waiter.</summary>
    public ulong ReadPending(int word) => TMemory.ReadAcquire(_pending + word);

    /// <summary>Takes notes away; look at the edges <em>after</em> that. The waiter.</summary>
    public void ClearPending(int word, ulong bits) => TMemory.Clear(_pending + word, bits);

    /// <summary>Announces a sleep. Returns the ticket for <see cref="Wait"/>.</summary>
    public uint Prepare()
    {
        var ticket = TMemory.ReadAcquire(_sequence); // before the flag: see the remarks
        TMemory.WriteRelease(_sleeping, 1);
        TMemory.Fence();
        return ticket;
    }

    /// <summary>Sleeps unless somebody has rung since the ticket was given. False on time-out.</summary>
    public bool Wait(uint ticket, TimeSpan timeout)
    {
        var isWoken = TMemory.Wait(_sequence, ticket, timeout);
        TMemory.WriteRelease(_sleeping, 0);
        return isWoken;
    }

    /// <summary>Ends the announcement.</summary>
    public void Cancel() => TMemory.WriteRelease(_sleeping, 0);

    /// <inheritdoc/>
    public void Dispose() => _mapping.Dispose();
}
