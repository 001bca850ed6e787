// SPDX-License-Identifier: Apache-2.0

namespace Dora.CApi.Handles;

/// <summary>Objects that C holds by a number. A number that was freed, forged or is of another kind is recognised, never followed.</summary>
/// <remarks>
/// <para>A handle: bits 0–23 place + 1, 24–31 kind, 32–63 generation of the place. It is passed as a pointer, but nothing lies there.</para>
/// <para>Objects stay in their place and are used again, so that a handle for each message allocates nothing.</para>
/// <para>Threads: any. Freeing a handle while another thread uses it is the caller's mistake, and shows that thread the next use's object.</para>
/// </remarks>
internal sealed class HandleTable<T>(byte kind, string name)
    where T : class, new()
{
    private const int PlacesMax = (1 << 24) - 1;

    private readonly Lock _lock = new();
    private readonly Stack<int> _free = new(); // under the lock
    private Slot[] _slots = [];                // replaced under the lock; slots themselves stay
    private int _count;                        // under the lock

    /// <summary>An object to fill, and its handle.</summary>
    public T Rent(out nint handle)
    {
        lock (_lock)
        {
            if (!_free.TryPop(out var place))
                place = AddSlot();
            var slot = _slots[place];
            slot.IsUsed = true;
            handle = (nint)(((ulong)slot.Generation << 32) | ((ulong)kind << 24) | (uint)(place + 1));
            return slot.Value;
        }
    }

    /// <summary>The object behind a handle.</summary>
    /// <exception cref="CApiException">The handle is none of this table, or was freed.</exception>
    public T Resolve(nint handle)
    {
        var slot = Find(handle);
        return slot is not null && slot.IsUsed && Volatile.Read(ref slot.Generation) == Generation(handle) ? slot.Value : throw Invalid(handle);
    }

    /// <summary>Makes the handle invalid and runs <paramref name="release"/> on its object. Exactly one caller gets through.</summary>
    /// <exception cref="CApiException">The handle is none of this table, or was freed before.</exception>
    public void Return(nint handle, Action<T> release)
    {
        var slot = Find(handle) ?? throw Invalid(handle);
        lock (_lock)
        {
            if (!slot.IsUsed || slot.Generation != Generation(handle))
                throw Invalid(handle);
            slot.IsUsed = false;
            Volatile.Write(ref slot.Generation, slot.Generation + 1);
        }

        try
        {
            release(slot.Value);
        }
        finally
        {
            lock (_lock)
                _free.Push(Place(handle));
        }
    }

    private Slot? Find(nint handle)
    {
        var slots = Volatile.Read(ref _slots);
        var place = Place(handle);
        return (byte)((ulong)handle >> 24) == kind && (uint)place < (uint)slots.Length ? slots[place] : null;
    }

    private int AddSlot()
    {
        if (_count == PlacesMax)
            throw new CApiException(Status.Internal, $"{PlacesMax} {name} handles are in use; free those that are not needed");
        if (_count == _slots.Length)
        {
            var longer = new Slot[Math.Max(16, _count * 2)];
            _slots.CopyTo(longer, 0);
            for (var i = _count; i < longer.Length; i++)
                longer[i] = new Slot();
            Volatile.Write(ref _slots, longer);
        }

        return _count++;
    }

    private static int Place(nint handle) => (int)((ulong)handle & PlacesMax) - 1;

    private static uint Generation(nint handle) => (uint)((ulong)handle >> 32);

    private CApiException Invalid(nint handle) => new(
        Status.InvalidHandle,
        handle == 0 ? $"the {name} is NULL" : $"this is not a {name}, or it was freed already");

    private sealed class Slot
    {
        public readonly T Value = new();
        public uint Generation = 1; // written under the lock, read by any thread
        public volatile bool IsUsed; // the same
    }
}
