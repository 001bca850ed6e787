// SPDX-License-Identifier: Apache-2.0

using Dora.SharedMemory;

namespace Dora.SimulationTests.Rings;

/// <summary>The memory that the rings run on here: each access is a step of the explorer.</summary>
internal readonly unsafe struct ModelMemory : IRingMemory
{
    // A cell is two places: enough for a reader to see half of one message and half of another.
    private const int SecondHalf = 64;

    public static ulong ReadAcquire(ulong* word) => Read(word, isOrdered: true).Value;

    public static uint ReadAcquire(uint* word) => (uint)Read(word, isOrdered: true).Value;

    public static uint ReadPlain(uint* word) => (uint)Read(word, isOrdered: false).Value;

    public static void WriteRelease(ulong* word, ulong value) => Write(word, value);

    public static void WriteRelease(uint* word, uint value) => Write(word, value);

    public static void WritePlain(uint* word, uint value)
    {
        var thread = ModelThread.Current;
        thread.Do(new Access(AccessKind.Write, thread.PlaceOf(word), value, IsOrdered: false));
    }

    public static void ReadCell(EdgeCell* source, EdgeCell* target)
    {
        var first = Read(source, isOrdered: false).Cell;
        var second = Read((byte*)source + SecondHalf, isOrdered: false).Cell;
        *target = second?.Cell ?? default;
        target->Sequence = first?.Cell.Sequence ?? 0;
    }

    public static void WriteCell(EdgeCell* target, in EdgeCell cell)
    {
        var thread = ModelThread.Current;
        var stored = new StoredCell(cell);
        var first = new Access(AccessKind.Write, thread.PlaceOf(target), cell.Sequence, IsOrdered: false, Cell: stored);
        var second = new Access(AccessKind.Write, thread.PlaceOf((byte*)target + SecondHalf), cell.Sequence, IsOrdered: false, Cell: stored);
        if (thread.Mutation.CellAfterTail)
        {
            thread.Postponed.Add(first);
            thread.Postponed.Add(second);
            return;
        }

        thread.Do(first);
        thread.Do(second);
    }

    public static ulong CompareExchange(ulong* word, ulong value, ulong expected)
    {
        var thread = ModelThread.Current;
        var place = thread.PlaceOf(word);
        if (!thread.Mutation.TornExchange)
            return thread.Do(new Access(AccessKind.Exchange, place, value, expected)).Value;
        var seen = thread.Do(new Access(AccessKind.Read, place)).Value;
        if (seen == expected)
            thread.Do(new Access(AccessKind.Write, place, value));
        return seen;
    }

    public static void Increment(uint* word)
    {
        var thread = ModelThread.Current;
        thread.Do(new Access(AccessKind.Increment, thread.PlaceOf(word)));
        thread.DoPostponed();
    }

    public static void Or(ulong* word, ulong bits)
    {
        var thread = ModelThread.Current;
        thread.Do(new Access(AccessKind.Or, thread.PlaceOf(word), bits));
    }

    public static void Clear(ulong* word, ulong bits)
    {
        var thread = ModelThread.Current;
        var place = thread.PlaceOf(word);
        if (!thread.Mutation.ClearsWithoutFence)
        {
            thread.Do(new Access(AccessKind.Clear, place, bits));
            return;
        }

        var before = thread.Do(new Access(AccessKind.Read, place)).Value;
        thread.Do(new Access(AccessKind.Write, place, before & ~bits));
    }

    public static void Fence()
    {
        var thread = ModelThread.Current;
        if (thread.Mutation.WithoutFenceAfter is not { } name || name != thread.LastStored)
            thread.Do(new Access(AccessKind.Fence, -1));
    }

    public static bool Wait(uint* word, uint expected, TimeSpan timeout)
    {
        // Time-outs never fire: a wake-up that is lost is a sleep for ever here.
        var thread = ModelThread.Current;
        thread.Do(new Access(AccessKind.Sleep, thread.PlaceOf(word), expected, IsOrdered: !thread.Mutation.SleepsUnseen));
        return true;
    }

    public static void Wake(uint* word)
    {
        var thread = ModelThread.Current;
        thread.Do(new Access(AccessKind.Wake, thread.PlaceOf(word)));
    }

    private static Message Read(void* word, bool isOrdered)
    {
        var thread = ModelThread.Current;
        var place = thread.PlaceOf(word);
        return thread.Do(new Access(AccessKind.Read, place, IsOrdered: isOrdered && thread.Mutation.PlainLoadsOf != thread.NameOf(place)));
    }

    private static void Write(void* word, ulong value)
    {
        var thread = ModelThread.Current;
        var place = thread.PlaceOf(word);
        var name = thread.NameOf(place);
        var store = new Access(AccessKind.Write, place, value, IsOrdered: thread.Mutation.PlainStoresOf != name);
        thread.LastStored = name;
        if (thread.Mutation.FlagAfterSequence && name == "Sleeping" && value == 0 && thread.IsRinger)
        {
            thread.Postponed.Add(store);
            return;
        }

        thread.Do(store);
        thread.DoPostponed();
    }
}
