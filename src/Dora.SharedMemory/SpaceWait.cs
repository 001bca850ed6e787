// SPDX-License-Identifier: Apache-2.0

using Dora.Platform.Memory;

namespace Dora.SharedMemory;

/// <summary>One sleep of a sender until a subscriber has made space in its queue.</summary>
/// <remarks>
/// The same handshake as the doorbell's: sender: set the word → full fence → recheck → futex_wait(1); subscriber: make space → full fence →
/// if the word is set: clear it, futex_wake. Holds the mapping, so that closing the edge meanwhile is safe.
/// </remarks>
internal readonly unsafe struct SpaceWait<TMemory>
    where TMemory : struct, IRingMemory
{
    private readonly MemoryMapping _mapping;

    /// <summary>Announces the sleep. Under the publisher's lock, which keeps the mapping from being disposed first.</summary>
    internal SpaceWait(MemoryMapping mapping)
    {
        var added = false;
        mapping.DangerousAddRef(ref added);
        _mapping = mapping;
        TMemory.WriteRelease(Word, 1);
        TMemory.Fence();
    }

    private uint* Word => (uint*)(_mapping.Address + EdgeLayout.SenderWaiting); // SAFETY: in the mapping, which we hold

    /// <summary>Sleeps, without the lock.</summary>
    internal void Sleep(TimeSpan atMost) => TMemory.Wait(Word, 1, atMost);

    /// <summary>Ends this use of the mapping. The word stays set: another sender may sleep on it, and a vain wake-up is harmless.</summary>
    internal void End() => _mapping.DangerousRelease();

    /// <summary>Subscriber, after a full fence; and whoever closes the edge.</summary>
    internal static void Wake(uint* word)
    {
        if (TMemory.ReadAcquire(word) == 0)
            return;
        TMemory.WriteRelease(word, 0);
        TMemory.Wake(word);
    }
}
