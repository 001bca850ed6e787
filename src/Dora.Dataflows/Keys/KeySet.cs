// SPDX-License-Identifier: Apache-2.0

using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Dora.Dataflows.Keys;

/// <summary>One key of a mapping in a descriptor.</summary>
/// <param name="Name">As it is written.</param>
/// <param name="Shape">What its value looks like.</param>
/// <param name="Summary">One sentence, for the schema and the documentation.</param>
internal sealed record Key(string Name, ValueShape Shape, string Summary)
{
    public bool IsRequired { get; init; }

    /// <summary>Another spelling that is accepted, and the warning it gets: null for none.</summary>
    public OldName? OldName { get; init; }

    /// <summary>Set for a whole form that is old: the warning its presence gets.</summary>
    public OldForm? Old { get; init; }

    /// <summary>Set for keys that are understood but refused, because nothing honours them so far.</summary>
    public NotYet? NotYet { get; init; }
}

/// <summary>A spelling of earlier days.</summary>
/// <param name="Name">As it was written.</param>
/// <param name="Code">Of the warning; null when it goes without.</param>
internal sealed record OldName(string Name, string? Code);

/// <summary>A form of earlier days.</summary>
/// <param name="Code">Of the warning.</param>
/// <param name="Message">What it is called today.</param>
/// <param name="Fix">What to write.</param>
internal sealed record OldForm(string Code, string Message, string Fix);

/// <summary>Why a key is refused.</summary>
/// <param name="Code">Of the error.</param>
/// <param name="What">What does not work yet.</param>
/// <param name="Fix">What to do meanwhile.</param>
/// <param name="Except">The one value that is accepted, because it asks for nothing; null: none.</param>
internal sealed record NotYet(string Code, string What, string Fix, string? Except = null);

/// <summary>The keys of one kind of mapping.</summary>
internal sealed class KeySet
{
    private readonly FrozenDictionary<string, Key> _byName;

    /// <param name="name">Of its definition in the schema.</param>
    /// <param name="noun">For messages: <c>node</c>.</param>
    /// <param name="keys">In the order in which documentation lists them.</param>
    public KeySet(string name, string noun, params ImmutableArray<Key> keys)
    {
        (Name, Noun, Keys) = (name, noun, keys);
        _byName = keys
            .SelectMany(k => k.OldName is { } old ? [(k.Name, k), (old.Name, k)] : new[] { (k.Name, k) })
            .ToFrozenDictionary(p => p.Item1, p => p.k, StringComparer.Ordinal);
    }

    public string Name { get; }

    public string Noun { get; }

    public ImmutableArray<Key> Keys { get; }

    /// <summary>By its name or its old one.</summary>
    public Key? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Names to suggest.</summary>
    public IEnumerable<string> Names => Keys.Select(k => k.Name);
}
