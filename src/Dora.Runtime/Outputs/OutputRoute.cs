// SPDX-License-Identifier: Apache-2.0

using Dora.Runtime.Mailbox;
using Dora.Runtime.Port;

namespace Dora.Runtime.Outputs;

/// <summary>Where one output of an operator leads: to siblings by reference, to other nodes through the node's output.</summary>
internal sealed class OutputRoute(string name, IPortOutput? node)
{
    public string Name { get; } = name;

    /// <summary>Null when the node does not list the output.</summary>
    public IPortOutput? Node { get; } = node;

    /// <summary>Inputs of operators in this runtime.</summary>
    public List<OperatorInput> Siblings { get; } = [];

    public bool HasNodeSubscribers => Node is { HasSubscribers: true };
}
