// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;

namespace Dora.Nodes;

/// <summary>A message says that it is an Arrow array, but its description and its bytes do not fit together.</summary>
/// <remarks>The publisher is at fault; only this message is affected, its bytes can still be read as bytes.</remarks>
public sealed class ArrowDataException : DoraException
{
    internal ArrowDataException(string reason)
        : base($"The message is not a valid Arrow array: {reason}.")
    {
    }
}
