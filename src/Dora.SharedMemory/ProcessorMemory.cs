// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using Dora.Platform.Synchronization;

namespace Dora.SharedMemory;

/// <summary>Memory as it is: each access is the instruction of its name.</summary>
/// <remarks>Inlining is asked for because the accesses are single instructions: as calls they would cost ten times that.</remarks>
internal readonly unsafe struct ProcessorMemory : IRingMemory
{
    // SAFETY (all): the caller's pointer lies in a mapping that lives, and is aligned to the size of what it points at.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ReadAcquire(ulong* word) => Volatile.Read(ref *word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint ReadAcquire(uint* word) => Volatile.Read(ref *word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint ReadPlain(uint* word) => *word;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteRelease(ulong* word, ulong value) => Volatile.Write(ref *word, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteRelease(uint* word, uint value) => Volatile.Write(ref *word, value);

    // The second line goes from core to core only for messages that reach into it: 60 to 100 ns for others. Half by half, because code for any
    // x64 copies 64 bytes by four moves and calls a function for 128.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadCell(EdgeCell* source, EdgeCell* target)
    {
        *(Half*)target = *(Half*)source;
        if (target->ReachesSecondHalf)
            ((Half*)target)[1] = ((Half*)source)[1];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteCell(EdgeCell* target, in EdgeCell cell)
    {
        fixed (EdgeCell* source = &cell)
        {
            *(Half*)target = *(Half*)source;
            if (cell.ReachesSecondHalf)
                ((Half*)target)[1] = ((Half*)source)[1];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong CompareExchange(ulong* word, ulong value, ulong expected) => Interlocked.CompareExchange(ref *word, value, expected);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Increment(uint* word) => Interlocked.Increment(ref *word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Or(ulong* word, ulong bits) => Interlocked.Or(ref *word, bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Clear(ulong* word, ulong bits) => Interlocked.And(ref *word, ~bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fence() => Interlocked.MemoryBarrier();

    public static bool Wait(uint* word, uint expected, TimeSpan timeout) => Futex.Wait(word, expected, timeout);

    public static void Wake(uint* word) => Futex.Wake(word);

    [InlineArray(EdgeLayout.CellBytes / 2 / sizeof(ulong))]
    private struct Half
    {
        private ulong _first;
    }
}
