// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;

namespace Dora.Protocol;

/// <summary>Name of a node, unique in its dataflow: <c>[A-Za-z0-9_.-]{1,64}</c>, no leading dot, not <c>dora</c>.</summary>
public readonly record struct NodeId(string Value)
{
    /// <summary>The source name of everything that the daemon itself publishes: timers, logs.</summary>
    public static readonly NodeId Dora = new("dora");

    /// <summary>Null when <paramref name="text"/> is a valid id; otherwise the reason, as a clause that follows "because".</summary>
    public static string? WhyInvalid(ReadOnlySpan<char> text) => IdSyntax.WhyNotNode(text);

    /// <summary>Whether <paramref name="text"/> is a valid id.</summary>
    public static bool IsValid(ReadOnlySpan<char> text) => WhyInvalid(text) is null;

    /// <summary>Checks before it builds; <paramref name="reason"/> says what is wrong when the answer is false.</summary>
    public static bool TryParse(string? text, out NodeId id, [NotNullWhen(false)] out string? reason)
    {
        reason = WhyInvalid(text);
        id = reason is null ? new NodeId(text!) : default;
        return reason is null;
    }

    /// <summary>Checks before it builds.</summary>
    /// <exception cref="FormatException">The text is not a valid id; the message says why.</exception>
    public static NodeId Parse(string text) =>
        TryParse(text, out var id, out var reason) ? id : throw new FormatException($"'{text}' is not a valid {nameof(NodeId)}: {reason}");

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Name of an operator, unique in its runtime node; same form as a <see cref="NodeId"/>.</summary>
public readonly record struct OperatorId(string Value)
{
    /// <summary>The id that a node's only operator gets when it is written under <c>operator:</c>.</summary>
    public static readonly OperatorId Single = new("op");

    /// <summary>Null when <paramref name="text"/> is a valid id; otherwise the reason, as a clause that follows "because".</summary>
    public static string? WhyInvalid(ReadOnlySpan<char> text) => IdSyntax.WhyNotSegment(text);

    /// <summary>Whether <paramref name="text"/> is a valid id.</summary>
    public static bool IsValid(ReadOnlySpan<char> text) => WhyInvalid(text) is null;

    /// <summary>Checks before it builds; <paramref name="reason"/> says what is wrong when the answer is false.</summary>
    public static bool TryParse(string? text, out OperatorId id, [NotNullWhen(false)] out string? reason)
    {
        reason = WhyInvalid(text);
        id = reason is null ? new OperatorId(text!) : default;
        return reason is null;
    }

    /// <summary>Checks before it builds.</summary>
    /// <exception cref="FormatException">The text is not a valid id; the message says why.</exception>
    public static OperatorId Parse(string text) =>
        TryParse(text, out var id, out var reason) ? id : throw new FormatException($"'{text}' is not a valid {nameof(OperatorId)}: {reason}");

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Name of an input or output within its node. In a runtime node it is <c>operator/name</c>.</summary>
public readonly record struct DataId(string Value)
{
    /// <summary>Null when <paramref name="text"/> is a valid id; otherwise the reason, as a clause that follows "because".</summary>
    public static string? WhyInvalid(ReadOnlySpan<char> text) => IdSyntax.WhyNotData(text);

    /// <summary>Whether <paramref name="text"/> is a valid id.</summary>
    public static bool IsValid(ReadOnlySpan<char> text) => WhyInvalid(text) is null;

    /// <summary>Checks before it builds; <paramref name="reason"/> says what is wrong when the answer is false.</summary>
    public static bool TryParse(string? text, out DataId id, [NotNullWhen(false)] out string? reason)
    {
        reason = WhyInvalid(text);
        id = reason is null ? new DataId(text!) : default;
        return reason is null;
    }

    /// <summary>Checks before it builds.</summary>
    /// <exception cref="FormatException">The text is not a valid id; the message says why.</exception>
    public static DataId Parse(string text) =>
        TryParse(text, out var id, out var reason) ? id : throw new FormatException($"'{text}' is not a valid {nameof(DataId)}: {reason}");

    /// <summary>The port <paramref name="name"/> of an operator, as its runtime node knows it: <c>operator/name</c>.</summary>
    public static DataId OfOperator(OperatorId op, DataId name) => new($"{op.Value}/{name.Value}");

    /// <summary>Takes <c>operator/name</c> apart; false when there is no slash.</summary>
    public bool TrySplit(out OperatorId op, out DataId name)
    {
        var slash = Value.IndexOf('/');
        op = slash < 0 ? default : new OperatorId(Value[..slash]);
        name = slash < 0 ? this : new DataId(Value[(slash + 1)..]);
        return slash >= 0;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>One output of one node: what an input subscribes to.</summary>
public readonly record struct OutputId(NodeId Node, DataId Output)
{
    /// <summary><c>node/output</c>, as written in a descriptor.</summary>
    public override string ToString() => $"{Node}/{Output}";
}

/// <summary>One input of one node.</summary>
public readonly record struct InputId(NodeId Node, DataId Input)
{
    /// <summary><c>node/input</c>.</summary>
    public override string ToString() => $"{Node}/{Input}";
}

/// <summary>One run of one dataflow: a version 7 UUID.</summary>
public readonly record struct DataflowId(Guid Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}
