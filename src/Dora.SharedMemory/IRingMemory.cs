// SPDX-License-Identifier: Apache-2.0

namespace Dora.SharedMemory;

/// <summary>How the rings, the doorbell and the back-pressure word touch memory that a peer touches at the same time.</summary>
/// <remarks>
/// Every such access goes through here and nothing else does, which is what the exhaustive tests of the rings stand on: they run the same code
/// over a memory of their own that decides after every access who goes on and, within what the memory order allows, what a load sees. The
/// type argument is a struct, so the compiler makes code of its own for each and <see cref="ProcessorMemory"/> costs nothing.
/// Which order each word needs, and why: docs/internals/memory-order.md.
/// </remarks>
internal unsafe interface IRingMemory
{
    /// <summary>A load that no later access of this thread moves before.</summary>
    static abstract ulong ReadAcquire(ulong* word);

    /// <inheritdoc cref="ReadAcquire(ulong*)"/>
    static abstract uint ReadAcquire(uint* word);

    /// <summary>A load without order.</summary>
    static abstract uint ReadPlain(uint* word);

    /// <summary>A store that no earlier access of this thread moves behind.</summary>
    static abstract void WriteRelease(ulong* word, ulong value);

    /// <inheritdoc cref="WriteRelease(ulong*, ulong)"/>
    static abstract void WriteRelease(uint* word, uint value);

    /// <summary>Copies a cell out of the ring, word by word in any order: it may be torn. What lies behind an inline message is undefined.</summary>
    static abstract void ReadCell(EdgeCell* source, EdgeCell* target);

    /// <summary>Copies a cell into the ring, word by word in any order; what lies behind an inline message may be left out.</summary>
    static abstract void WriteCell(EdgeCell* target, in EdgeCell cell);

    /// <summary>Replaces a value if it is the expected one; then a full fence.</summary>
    /// <returns>What was there.</returns>
    static abstract ulong CompareExchange(ulong* word, ulong value, ulong expected);

    /// <summary>Adds 1; a full fence.</summary>
    static abstract void Increment(uint* word);

    /// <summary>Sets bits; a full fence.</summary>
    static abstract void Or(ulong* word, ulong bits);

    /// <summary>Clears bits; a full fence.</summary>
    static abstract void Clear(ulong* word, ulong bits);

    /// <summary>Nothing moves across, not even a load before an earlier store.</summary>
    static abstract void Fence();

    /// <summary>Sleeps while the word holds <paramref name="expected"/>; see <see cref="Platform.Synchronization.Futex.Wait"/>.</summary>
    static abstract bool Wait(uint* word, uint expected, TimeSpan timeout);

    /// <summary>Wakes all who sleep on the word.</summary>
    static abstract void Wake(uint* word);
}
