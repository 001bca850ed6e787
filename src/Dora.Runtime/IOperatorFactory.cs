// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Protocol.Messages;

namespace Dora.Runtime;

/// <summary>Makes instances of one operator: the first, and one after each failure.</summary>
public interface IOperatorFactory
{
    /// <summary>A new instance; whatever the operator's constructor throws comes through.</summary>
    IOperator Create();

    /// <summary>A new instance of an operator that keeps state; languages that know of state use it.</summary>
    /// <param name="state">Its own; readable at once, writable from its first event on.</param>
    IOperator Create(Operators.OperatorState state) => Create();

    /// <summary>Looks at the program again, because it changed: instances made from now on are of the new one.</summary>
    /// <param name="source">Where it is now; null: where it was.</param>
    /// <exception cref="OperatorLoadException">The new program cannot be loaded; the old one stays in use.</exception>
    void Reload(string? source = null);
}

/// <summary>Finds the program of an operator. Called once for each before any runs.</summary>
/// <exception cref="OperatorLoadException">It cannot be loaded.</exception>
public delegate IOperatorFactory OperatorLoader(OperatorConfig config);
