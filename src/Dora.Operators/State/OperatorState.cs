// SPDX-License-Identifier: Apache-2.0

using System.Text.Json.Serialization.Metadata;

namespace Dora.Operators;

/// <summary>What an operator keeps beyond its own life: bytes under keys, private to it. An operator that takes one in its constructor gets its own.</summary>
/// <remarks>
/// <para>Writes are collected while an event is handled. When <see cref="IOperator.OnEvent"/> returns, all of them are committed at once, and only then what the
/// event sent goes out: nobody sees an output whose state is lost. If it throws, or the process dies, none of them has happened.</para>
/// <para>A new instance finds what was committed last. Reading works at any time on the runtime's thread, the constructor included; writing only while an
/// event is handled, or what it awaited continues.</para>
/// <para>The descriptor's <c>state:</c> says how safe it is, how much it may hold and how long it lives. Tests use <see cref="MemoryOperatorState"/>.</para>
/// </remarks>
public abstract class OperatorState
{
    /// <summary>Bytes of UTF-8 that a key may have.</summary>
    public const int KeyBytesMax = 400;

    /// <summary>Why this instance was made, and what it found.</summary>
    public abstract RestoreInfo Restored { get; }

    /// <summary>Bytes of all keys and values, those that are not committed yet included.</summary>
    public abstract long SizeBytes { get; }

    /// <summary>Bound on <see cref="SizeBytes"/>: the descriptor's <c>max_size</c>.</summary>
    public abstract long SizeBytesMax { get; }

    /// <summary>Keys that have a value, in no order. A copy.</summary>
    public abstract IReadOnlyCollection<string> Keys { get; }

    /// <summary>What was saved last under a key, committed or not.</summary>
    /// <param name="key">Which.</param>
    /// <param name="value">A copy.</param>
    /// <returns>Whether there is a value.</returns>
    public abstract bool TryGet(string key, out ReadOnlyMemory<byte> value);

    /// <summary>Replaces the value of a key, from the end of this event on.</summary>
    /// <param name="key">1 to <see cref="KeyBytesMax"/> bytes of UTF-8.</param>
    /// <param name="value">Copied; may be empty.</param>
    /// <exception cref="StateSizeException">There is no room; nothing has changed.</exception>
    /// <exception cref="ArgumentException">The key is empty or too long.</exception>
    /// <exception cref="InvalidOperationException">No event is being handled by this instance, or this is another thread.</exception>
    public abstract void Save(string key, ReadOnlySpan<byte> value);

    /// <summary>Removes a key, from the end of this event on.</summary>
    /// <returns>Whether it had a value.</returns>
    /// <exception cref="InvalidOperationException">No event is being handled by this instance, or this is another thread.</exception>
    public abstract bool Delete(string key);

    /// <summary>With <c>commit: explicit</c>: all that was saved since the last commit becomes permanent when this event has been handled. Otherwise nothing is needed.</summary>
    /// <exception cref="InvalidOperationException">No event is being handled by this instance, or this is another thread.</exception>
    public abstract void Commit();

    /// <summary>One number, or structure of numbers, of the state.</summary>
    /// <param name="key">Under which it is kept.</param>
    /// <param name="initial">Its value as long as nothing was saved.</param>
    /// <exception cref="StateFormatException">What was saved is of another size.</exception>
    public IState<T> Value<T>(string key, T initial = default)
        where T : unmanaged => new RawState<T>(this, key, initial);

    /// <summary>One text of the state.</summary>
    /// <param name="key">Under which it is kept.</param>
    /// <param name="initial">Its value as long as nothing was saved.</param>
    public IState<string> Text(string key, string initial = "") => new TextState(this, key, initial);

    /// <summary>One object of the state, kept as JSON by a source-generated serialiser. To change it, set it: changes inside the object are not noticed.</summary>
    /// <param name="key">Under which it is kept.</param>
    /// <param name="type">From a <c>JsonSerializerContext</c> of the operator's.</param>
    /// <param name="initial">Its value as long as nothing was saved.</param>
    /// <exception cref="StateFormatException">What was saved does not fit the type.</exception>
    public IState<T> Json<T>(string key, JsonTypeInfo<T> type, T initial) => new JsonState<T>(this, key, type, initial);
}
