// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;

namespace Dora.Runtime;

/// <summary>An operator cannot be started: its program is not there, is not an operator, or its constructor failed.</summary>
public sealed class OperatorLoadException(string operatorId, string message, Exception? inner = null)
    : DoraException($"operator '{operatorId}': {message}", inner)
{
    /// <summary>Which one.</summary>
    public string OperatorId { get; } = operatorId;
}
