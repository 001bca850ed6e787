// SPDX-License-Identifier: Apache-2.0

namespace Dora.Middleware;

/// <summary>A received message, read in place, until <see cref="Dispose"/>.</summary>
/// <remarks>
/// <para>Ownership: a handle to pooled storage; copies of the struct are the same message, and one <see cref="Dispose"/> ends them all.
/// While it is held, its memory is lost to the publisher: return it soon, or copy.</para>
/// <para>Lifetime: spans and memories are dead after <see cref="Dispose"/>; properties of a returned message throw
/// (<see cref="ObjectDisposedException"/>), but a span or memory kept from before shows other data.</para>
/// <para>Threading: may be read and returned on any thread, across awaits; not used by one thread while another returns it.</para>
/// </remarks>
public readonly struct Message : IDisposable, IEquatable<Message>
{
    private readonly MessageStorage? _storage;
    private readonly uint _generation;

    internal Message(MessageStorage storage)
    {
        _storage = storage;
        _generation = storage.Generation;
    }

    /// <summary>Whether this is a message at all, and not yet returned.</summary>
    public bool IsValid => _storage is not null && _storage.Generation == _generation;

    /// <summary>The payload; 64-byte aligned.</summary>
    public ReadOnlySpan<byte> Payload => Storage.Payload;

    /// <summary>The metadata bytes; empty when the sender gave none.</summary>
    public ReadOnlySpan<byte> Metadata => Storage.Metadata;

    /// <summary>The payload as memory. Allocates nothing.</summary>
    public ReadOnlyMemory<byte> PayloadMemory => Storage.PayloadMemory;

    /// <summary>The metadata as memory. Allocates nothing.</summary>
    public ReadOnlyMemory<byte> MetadataMemory => Storage.MetadataMemory;

    /// <summary>Number of the message within its publisher, from 1. Grows along an edge; a gap means messages that this edge did not get.</summary>
    public ulong Sequence => Storage.Sequence;

    /// <summary>The sender's time stamp, Unix nanoseconds.</summary>
    public ulong TimestampNs => Storage.TimestampNs;

    /// <summary>When it was taken, Unix nanoseconds; 0 where the transport does not look at the clock.</summary>
    public ulong TakenNs => Storage.TakenNs;

    /// <summary>The sender's flags.</summary>
    public MessageFlags Flags => Storage.Flags;

    private MessageStorage Storage
    {
        get
        {
            ObjectDisposedException.ThrowIf(!IsValid, typeof(Message));
            return _storage!;
        }
    }

    /// <summary>Gives the memory back to the publisher. Does nothing when that has happened already.</summary>
    public void Dispose() => _storage?.Return(_generation);

    /// <summary>The same, 20 ns quicker, for whoever alone knows of the message and calls on the thread that takes from its subscription.</summary>
    public void DisposeOnTaker() => _storage?.ReturnToTaker(_generation);

    /// <inheritdoc/>
    public bool Equals(Message other) => ReferenceEquals(_storage, other._storage) && _generation == other._generation;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Message other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_storage, _generation);

    /// <summary>Same message.</summary>
    public static bool operator ==(Message left, Message right) => left.Equals(right);

    /// <summary>Another message.</summary>
    public static bool operator !=(Message left, Message right) => !left.Equals(right);
}
