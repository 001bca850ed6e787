// SPDX-License-Identifier: Apache-2.0

using System.Numerics;

namespace Dora.SharedMemory;

/// <summary>The publisher's private book of one segment: who holds which slot. Nothing of it lies in shared memory.</summary>
/// <remarks>
/// <para>A slot is free when it is not on loan and no edge holds it. A set of edges rather than a count: striking a dead subscriber is
/// then idempotent and can't go wrong, whatever that subscriber has returned, or claims to have returned, before.</para>
/// <para>Threading: under the publisher's lock.</para>
/// </remarks>
internal sealed class SlotBook
{
    private const int BitsPerWord = 64;

    private readonly ulong[] _free; // a bit for each slot
    private readonly bool[] _lent;
    private readonly uint[] _generations;
    private ulong[] _holders; // _words words for each slot, a bit for each edge
    private int _words;

    internal SlotBook(int slotCount, int edgeCapacity)
    {
        SlotCount = slotCount;
        FreeCount = slotCount;
        _free = new ulong[(slotCount + BitsPerWord - 1) / BitsPerWord];
        Array.Fill(_free, ulong.MaxValue);
        if (slotCount % BitsPerWord != 0)
            _free[^1] = (1UL << (slotCount % BitsPerWord)) - 1;
        _lent = new bool[slotCount];
        _generations = new uint[slotCount];
        _words = WordsFor(edgeCapacity);
        _holders = new ulong[slotCount * _words];
    }

    internal int SlotCount { get; }

    internal int FreeCount { get; private set; }

    internal int LentCount { get; private set; }

    /// <summary>Lends the lowest free slot: few slots stay in use, and those stay in the processor's cache.</summary>
    internal bool TryLend(out int slot, out uint generation)
    {
        for (var word = 0; word < _free.Length; word++)
        {
            if (_free[word] == 0)
                continue;
            slot = (word * BitsPerWord) + BitOperations.TrailingZeroCount(_free[word]);
            _free[word] &= _free[word] - 1;
            FreeCount--;
            LentCount++;
            _lent[slot] = true;
            generation = ++_generations[slot];
            return true;
        }

        slot = 0;
        generation = 0;
        return false;
    }

    /// <summary>Whether a loan is the current one of its slot, and not ended.</summary>
    internal bool IsLent(int slot, uint generation) => _lent[slot] && _generations[slot] == generation;

    /// <summary>Ends a loan; edges that hold the slot go on holding it.</summary>
    internal void EndLoan(int slot)
    {
        _lent[slot] = false;
        LentCount--;
        FreeIfUnused(slot);
    }

    /// <summary>Notes that an edge holds a slot (which is on loan at this moment).</summary>
    internal void Hold(int slot, int edge) =>
        _holders[(slot * _words) + (edge / BitsPerWord)] |= 1UL << (edge % BitsPerWord);

    /// <summary>Notes that an edge holds a slot no more.</summary>
    /// <returns>False if it did not hold it.</returns>
    internal bool Release(int slot, int edge)
    {
        ref var word = ref _holders[(slot * _words) + (edge / BitsPerWord)];
        var bit = 1UL << (edge % BitsPerWord);
        if ((word & bit) == 0)
            return false;
        word &= ~bit;
        FreeIfUnused(slot);
        return true;
    }

    /// <summary>Strikes an edge from every slot.</summary>
    internal void Strike(int edge)
    {
        for (var slot = 0; slot < SlotCount; slot++)
            Release(slot, edge);
    }

    /// <summary>Makes room for edges with indices below <paramref name="edgeCapacity"/>.</summary>
    internal void EnsureEdges(int edgeCapacity)
    {
        var words = WordsFor(edgeCapacity);
        if (words <= _words)
            return;
        var wider = new ulong[SlotCount * words];
        for (var slot = 0; slot < SlotCount; slot++)
            Array.Copy(_holders, slot * _words, wider, slot * words, _words);
        _holders = wider;
        _words = words;
    }

    private bool IsHeld(int slot) => _words == 1 ? _holders[slot] != 0 : _holders.AsSpan(slot * _words, _words).ContainsAnyExcept(0UL);

    private static int WordsFor(int edges) => Math.Max(1, (edges + BitsPerWord - 1) / BitsPerWord);

    private void FreeIfUnused(int slot)
    {
        if (_lent[slot] || IsHeld(slot))
            return;
        _free[slot / BitsPerWord] |= 1UL << (slot % BitsPerWord);
        FreeCount++;
    }
}
