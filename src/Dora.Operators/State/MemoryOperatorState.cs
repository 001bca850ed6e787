// SPDX-License-Identifier: Apache-2.0

using System.Text;

namespace Dora.Operators;

/// <summary>State in a dictionary, for tests of operators: give it to one instance after the other.</summary>
/// <remarks>What is saved is there at once; <see cref="Commits"/> counts calls of <see cref="Commit"/>.</remarks>
public sealed class MemoryOperatorState : OperatorState
{
    private readonly Dictionary<string, byte[]> _values = [];

    /// <summary>What the operator is to be told. May be set between two instances.</summary>
    public RestoreInfo Info { get; set; } = new();

    /// <summary>Bound; may be set.</summary>
    public long BytesMax { get; set; } = long.MaxValue;

    /// <summary>How often the operator asked for a commit.</summary>
    public int Commits { get; private set; }

    /// <inheritdoc/>
    public override RestoreInfo Restored => Info;

    /// <inheritdoc/>
    public override long SizeBytes => _values.Sum(entry => (long)Encoding.UTF8.GetByteCount(entry.Key) + entry.Value.Length);

    /// <inheritdoc/>
    public override long SizeBytesMax => BytesMax;

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Keys => [.. _values.Keys];

    /// <inheritdoc/>
    public override bool TryGet(string key, out ReadOnlyMemory<byte> value)
    {
        var found = _values.TryGetValue(key, out var bytes);
        value = bytes;
        return found;
    }

    /// <inheritdoc/>
    public override void Save(string key, ReadOnlySpan<byte> value)
    {
        StateKeyRules.Check(key);
        var size = SizeBytes + Encoding.UTF8.GetByteCount(key) + value.Length - (_values.TryGetValue(key, out var old) ? Encoding.UTF8.GetByteCount(key) + old.Length : 0);
        if (size > BytesMax)
            throw new StateSizeException(key, size, BytesMax);
        _values[key] = value.ToArray();
    }

    /// <inheritdoc/>
    public override bool Delete(string key) => _values.Remove(key);

    /// <inheritdoc/>
    public override void Commit() => Commits++;
}

/// <summary>What a key may look like.</summary>
internal static class StateKeyRules
{
    public static int Check(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        var bytes = Encoding.UTF8.GetByteCount(key);
        return bytes <= OperatorState.KeyBytesMax
            ? bytes
            : throw new ArgumentException($"A key has at most {OperatorState.KeyBytesMax} bytes; this one has {bytes}.", nameof(key));
    }
}
