// SPDX-License-Identifier: Apache-2.0

namespace Dora.Runtime.Timing;

/// <summary>Why an operator with <c>on_miss: restart</c> is started again: it missed a deadline.</summary>
internal sealed class DeadlineMissedException(string message) : ForeignOperatorException(message)
{
    /// <summary>One line; our own stack says nothing about the operator.</summary>
    public override string ToString() => Message;
}
