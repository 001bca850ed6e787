// SPDX-License-Identifier: Apache-2.0

namespace Dora.Protocol;

/// <summary>Name of a node, unique in its dataflow: <c>[A-Za-z0-9_.-]{1,64}</c>, no leading dot, not <c>dora</c>.</summary>
public readonly record struct NodeId(string Value)
{
    /// <summary>The source name of everything that the daemon itself publishes: timers, logs.</summary>
    public static readonly NodeId Dora = new("dora");

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Name of an operator, unique in its runtime node; same form as a <see cref="NodeId"/>.</summary>
public readonly record struct OperatorId(string Value)
{
    /// <summary>The id that a node's only operator gets when it is written under <c>operator:</c>.</summary>
    public static readonly OperatorId Single = new("op");

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Name of an input or output within its node. In a runtime node it is <c>operator/name</c>.</summary>
public readonly record struct DataId(string Value)
{
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
