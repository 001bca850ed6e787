// SPDX-License-Identifier: Apache-2.0

using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Dora.Protocol;

/// <summary>The parameters of a message as a dictionary that keeps its order: to fill before sending, or decoded from what was received.</summary>
/// <remarks>
/// <para>What was received is decoded at the first access, so that a message whose parameters nobody looks at costs nothing.</para>
/// <para>Setting a parameter to a value of kind <see cref="ParameterKind.None"/> (a null) removes it.</para>
/// <para>Threads: one at a time, like any dictionary; a frozen one (<see cref="IsReadOnly"/>) that was read once may be shared.</para>
/// </remarks>
[SuppressMessage("Naming", "CA1710", Justification = "dora's word for it")]
public sealed class MetadataParameters : IReadOnlyDictionary<string, ParameterValue>
{
    // Few entries: a scan beats a hash table up to dozens of keys, and keeps the order.
    private readonly List<KeyValuePair<string, ParameterValue>> _entries = [];
    private ReadOnlyMemory<byte> _undecoded;

    /// <summary>No parameters yet; set them through the indexer or a collection initialiser.</summary>
    public MetadataParameters()
    {
    }

    /// <summary>A copy that can be changed.</summary>
    public MetadataParameters(MetadataParameters other)
    {
        ArgumentNullException.ThrowIfNull(other);
        _entries.AddRange(other.Entries);
    }

    private MetadataParameters(ReadOnlyMemory<byte> encoded)
    {
        _undecoded = encoded;
        IsReadOnly = true;
    }

    /// <summary>None, for ever.</summary>
    public static MetadataParameters Empty { get; } = new() { IsReadOnly = true };

    /// <summary>Whether setting throws; copy first to change.</summary>
    public bool IsReadOnly { get; private set; }

    /// <inheritdoc/>
    public int Count => Entries.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => Entries.Select(e => e.Key);

    /// <inheritdoc/>
    public IEnumerable<ParameterValue> Values => Entries.Select(e => e.Value);

    /// <summary>Gets a parameter, or adds, replaces or (with null) removes it.</summary>
    /// <exception cref="KeyNotFoundException">Getting one that is not there.</exception>
    /// <exception cref="NotSupportedException">Setting on a read-only one.</exception>
    /// <exception cref="ProtocolException">Lazy decoding found malformed bytes.</exception>
    public ParameterValue this[string key]
    {
        get => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"There is no parameter '{key}'.");
        set => Set(key, value);
    }

    private List<KeyValuePair<string, ParameterValue>> Entries
    {
        get
        {
            if (!_undecoded.IsEmpty)
            {
                DecodeInto(_entries, _undecoded.Span);
                _undecoded = default;
            }

            return _entries;
        }
    }

    /// <summary>Parameters of received metadata. The bytes are kept, not copied, and must stay as they are until the first access.</summary>
    public static MetadataParameters FromEncoded(ReadOnlyMemory<byte> encodedMetadata) =>
        encodedMetadata.IsEmpty ? Empty : new MetadataParameters(encodedMetadata);

    /// <summary>Decodes at once; the bytes are not kept.</summary>
    /// <exception cref="ProtocolException">The bytes are not metadata within the limits.</exception>
    public static MetadataParameters Decode(ReadOnlySpan<byte> encodedMetadata)
    {
        var decoded = new MetadataParameters();
        DecodeInto(decoded._entries, encodedMetadata);
        return decoded;
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key) => IndexOf(key) >= 0;

    /// <inheritdoc/>
    public bool TryGetValue(string key, out ParameterValue value)
    {
        var index = IndexOf(key);
        value = index < 0 ? default : _entries[index].Value;
        return index >= 0;
    }

    /// <summary>The text of a <see cref="ParameterKind.String"/> parameter; null when it is not there or of another kind.</summary>
    public string? GetString(string key) =>
        TryGetValue(key, out var value) && value.Kind == ParameterKind.String ? value.AsString : null;

    /// <summary>Adds a parameter that is not there yet; for collection initialisers.</summary>
    public void Add(string key, ParameterValue value)
    {
        if (ContainsKey(key))
        {
            throw new ArgumentException($"There is a parameter '{key}' already.", nameof(key));
        }

        Set(key, value);
    }

    /// <summary>Removes a parameter; false when it was not there.</summary>
    public bool Remove(string key)
    {
        ThrowIfReadOnly();
        var index = IndexOf(key);
        if (index >= 0)
        {
            _entries.RemoveAt(index);
        }

        return index >= 0;
    }

    /// <summary>Makes it read-only, and so fit to be shared.</summary>
    public MetadataParameters Freeze()
    {
        _ = Entries;
        IsReadOnly = true;
        return this;
    }

    /// <summary>Bytes that <see cref="TryWriteTo"/> needs.</summary>
    public int EncodedSize()
    {
        var size = 0;
        foreach (var (key, value) in Entries)
        {
            size = checked(size + MetadataSize.Parameter(key, value.EncodedSize()));
        }

        return size;
    }

    /// <summary>Adds all parameters to <paramref name="writer"/>; false when they do not fit, some may then be written.</summary>
    public bool TryWriteTo(ref MetadataWriter writer)
    {
        foreach (var (key, value) in Entries)
        {
            if (!value.TryWriteTo(ref writer, key))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The encoded metadata as a fresh array.</summary>
    public byte[] ToEncoded()
    {
        var encoded = new byte[EncodedSize()];
        var writer = new MetadataWriter(encoded);
        return TryWriteTo(ref writer)
            ? encoded
            : throw new InvalidOperationException($"The parameters exceed {MetadataLimits.BytesMax} bytes.");
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, ParameterValue>> GetEnumerator() => Entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static void DecodeInto(List<KeyValuePair<string, ParameterValue>> entries, ReadOnlySpan<byte> encoded)
    {
        var keys = new HashSet<string>();
        var reader = new MetadataReader(encoded);
        while (reader.TryRead(out var parameter))
        {
            var key = System.Text.Encoding.UTF8.GetString(parameter.Key);
            if (parameter.Kind != ParameterKind.None && keys.Add(key))
            {
                entries.Add(new(key, ParameterValue.From(parameter)));
            }
        }

        if (reader.IsMalformed)
        {
            entries.Clear();
            throw new ProtocolException("The message's metadata is malformed or exceeds its limits.");
        }
    }

    private void Set(string key, ParameterValue value)
    {
        ThrowIfReadOnly();
        MetadataSize.Key(key);
        var index = IndexOf(key);
        if (value.Kind == ParameterKind.None)
        {
            if (index >= 0)
            {
                _entries.RemoveAt(index);
            }
        }
        else if (index >= 0)
        {
            _entries[index] = new(key, value);
        }
        else if (_entries.Count < MetadataLimits.ParametersMax)
        {
            _entries.Add(new(key, value));
        }
        else
        {
            throw new InvalidOperationException($"A message has at most {MetadataLimits.ParametersMax} parameters.");
        }
    }

    private int IndexOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var entries = Entries;
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].Key == key)
            {
                return i;
            }
        }

        return -1;
    }

    private void ThrowIfReadOnly()
    {
        if (IsReadOnly)
        {
            throw new NotSupportedException("These parameters are read-only; make a copy with new MetadataParameters(parameters).");
        }
    }
}
