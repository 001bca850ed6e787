// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Text;

namespace Dora.Storage;

/// <summary>Changes that belong together, in the order in which they are made. May be cleared and used again; then it allocates nothing more.</summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class WriteBatch
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<Change> _changes = [];

    internal enum ChangeKind : byte
    {
        Put,
        Delete,
        DeletePrefix,
    }

    internal readonly record struct Change(ChangeKind Kind, int KeyAt, int KeyLength, int ValueLength);

    /// <summary>Changes in it.</summary>
    public int Count => _changes.Count;

    /// <summary>Keys that are set or removed one by one, as UTF-8 text; for stores whose keys are text.</summary>
    public IEnumerable<string> Keys
    {
        get
        {
            foreach (var change in _changes)
            {
                if (change.Kind != ChangeKind.DeletePrefix)
                    yield return Encoding.UTF8.GetString(KeyOf(change));
            }
        }
    }

    /// <summary>Sets the value of a key.</summary>
    /// <param name="key">1 to <see cref="IKeyValueStore.KeyBytesMax"/> bytes.</param>
    /// <param name="value">Copied; may be empty.</param>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Add(ChangeKind.Put, key, value, default);

    /// <summary>Sets the value of a key to two pieces, one behind the other.</summary>
    /// <param name="key">1 to <see cref="IKeyValueStore.KeyBytesMax"/> bytes.</param>
    /// <param name="head">Copied.</param>
    /// <param name="tail">Copied.</param>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail) => Add(ChangeKind.Put, key, head, tail);

    /// <summary>Removes a key, if it is there.</summary>
    public void Delete(ReadOnlySpan<byte> key) => Add(ChangeKind.Delete, key, default, default);

    /// <summary>Removes every key that begins so.</summary>
    public void DeletePrefix(ReadOnlySpan<byte> prefix) => Add(ChangeKind.DeletePrefix, prefix, default, default);

    /// <summary>Forgets all changes.</summary>
    public void Clear()
    {
        _bytes.ResetWrittenCount();
        _changes.Clear();
    }

    internal ReadOnlySpan<byte> KeyOf(in Change change) => _bytes.WrittenSpan.Slice(change.KeyAt, change.KeyLength);

    internal ReadOnlySpan<byte> ValueOf(in Change change) => _bytes.WrittenSpan.Slice(change.KeyAt + change.KeyLength, change.ValueLength);

    internal Change this[int index] => _changes[index];

    private void Add(ChangeKind kind, ReadOnlySpan<byte> key, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        var at = _bytes.WrittenCount;
        _bytes.Write(key);
        _bytes.Write(head);
        _bytes.Write(tail);
        _changes.Add(new Change(kind, at, key.Length, head.Length + tail.Length));
    }
}
