// SPDX-License-Identifier: Apache-2.0

using System.Buffers;

namespace Dora.Storage;

/// <summary>An ordered map from bytes to bytes that survives crashes: every change is a batch that is there whole, or not at all.</summary>
/// <remarks>Threads: any. Readers never wait for a writer nor hold one up; batches are committed one after the other.</remarks>
public interface IKeyValueStore : IDisposable
{
    /// <summary>Bytes that a key may have at most; at least one is needed.</summary>
    int KeyBytesMax { get; }

    /// <summary>Number that grows by one with each batch, also across restarts; 0 in a new store.</summary>
    long Version { get; }

    /// <summary>Appends the value of a key, as of the last commit, to <paramref name="value"/>.</summary>
    /// <returns>Whether there is such a key.</returns>
    /// <exception cref="StorageException">The store cannot be read; so for all methods.</exception>
    bool TryRead(ReadOnlySpan<byte> key, IBufferWriter<byte> value);

    /// <summary>Shows all entries whose key begins with <paramref name="prefix"/>, in the order of their keys, as of one commit.</summary>
    /// <param name="prefix">Empty: all.</param>
    /// <param name="state">Passed on, so that <paramref name="visit"/> need not capture anything.</param>
    /// <param name="visit">Must not use the store; what it is shown is gone when it returns.</param>
    void Scan<TState>(ReadOnlySpan<byte> prefix, TState state, EntryVisitor<TState> visit);

    /// <summary>Makes all changes of a batch, or none if it throws. When it returns, they are as safe as the store's durability says.</summary>
    /// <exception cref="StorageFullException">The store's bound, or the disk, leaves no room; nothing has changed.</exception>
    void Commit(WriteBatch batch);

    /// <summary>Returns when everything that was committed is on the disk, whatever the durability.</summary>
    void Flush();
}

/// <summary>Looks at one entry.</summary>
/// <returns>Whether to go on to the next.</returns>
public delegate bool EntryVisitor<in TState>(TState state, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);
