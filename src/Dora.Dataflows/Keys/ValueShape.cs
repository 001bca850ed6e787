// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Dora.Dataflows.Keys;

/// <summary>What a value looks like, before anything is known about what it refers to.</summary>
/// <remarks>The checker and the JSON schema both follow these: what one accepts the other accepts.</remarks>
internal abstract record ValueShape
{
    /// <summary>For messages: <c>a list</c>, <c>true or false</c>.</summary>
    public abstract string Expected { get; }
}

/// <summary>Text that is not empty.</summary>
internal sealed record TextShape : ValueShape
{
    public bool MayBeEmpty { get; init; }

    public override string Expected => "text";
}

/// <summary>Text, a number or a boolean, taken as it is written.</summary>
internal sealed record ScalarShape : ValueShape
{
    public override string Expected => "a single value";
}

/// <summary>The name of a node, operator, input, output or port.</summary>
/// <param name="Of">What it names.</param>
internal sealed record IdShape(string Of) : ValueShape
{
    public override string Expected => $"{Of}: 1 to 64 letters, digits, '_', '-' or '.'";
}

/// <summary>Where an input's messages come from; what it refers to is checked later.</summary>
internal sealed record SourceShape : ValueShape
{
    public override string Expected => "a source such as node/output";
}

internal sealed record BooleanShape : ValueShape
{
    public override string Expected => "true or false";
}

/// <summary>A whole number in a range, both ends included.</summary>
internal sealed record IntegerShape(long Min, long Max) : ValueShape
{
    public override string Expected => $"a whole number from {Min} to {Max}";
}

/// <summary>Seconds as a number, or a number with a unit.</summary>
internal sealed record DurationShape : ValueShape
{
    public bool MayBeZero { get; init; }

    /// <summary>What to do instead of writing zero, where that is not allowed.</summary>
    public string InsteadOfZero { get; init; } = "remove the key to turn it off";

    public override string Expected => "a duration such as 1.5 (seconds), 200ms or 2m";
}

/// <summary>Bytes as a number, or a number with a unit.</summary>
internal sealed record ByteSizeShape : ValueShape
{
    public override string Expected => "a size such as 4096 (bytes), 512KB or 8MB";
}

/// <summary>One of a few words.</summary>
internal sealed record ChoiceShape(ImmutableArray<string> Words) : ValueShape
{
    public override string Expected => "one of " + string.Join(", ", Words.Select(w => $"'{w}'"));
}

/// <summary>Names as keys of a mapping.</summary>
internal enum MapKeys
{
    Id,
    EnvironmentVariable,
    Parameter,
    Text,
}

/// <summary>A mapping whose keys the user chooses.</summary>
/// <param name="Keys">What its keys look like.</param>
/// <param name="Of">What one entry is, for messages.</param>
/// <param name="Value">Each entry's value.</param>
internal sealed record MapShape(MapKeys Keys, string Of, ValueShape Value) : ValueShape
{
    public override string Expected => "a mapping";
}

/// <summary>A list.</summary>
/// <param name="Of">What one item is, for messages.</param>
/// <param name="Item">Each item.</param>
internal sealed record ListShape(string Of, ValueShape Item) : ValueShape
{
    public bool MayBeEmpty { get; init; } = true;

    /// <summary>Set when a list here is an old form: the warning it gets.</summary>
    public OldForm? Old { get; init; }

    public override string Expected => "a list";
}

/// <summary>A mapping whose keys we choose.</summary>
internal sealed record KeysShape(KeySet Keys) : ValueShape
{
    public override string Expected => "a mapping";
}

/// <summary>The first shape that fits the kind of value: a single value, a list or a mapping. No two shapes may share a kind.</summary>
internal sealed record EitherShape(ImmutableArray<ValueShape> Shapes) : ValueShape
{
    public override string Expected => string.Join(" or ", Shapes.Select(s => s.Expected));
}

/// <summary>Not looked into: the key is refused whatever it holds.</summary>
internal sealed record AnythingShape : ValueShape
{
    public override string Expected => "anything";
}
