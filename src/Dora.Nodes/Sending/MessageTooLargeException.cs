// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;

namespace Dora.Nodes;

/// <summary>A message that can never be sent: it exceeds what one message, or the memory of the node, can hold.</summary>
public sealed class MessageTooLargeException : DoraException
{
    internal MessageTooLargeException(string outputId, long payloadBytes, long metadataBytes)
        : base(
            $"Output '{outputId}' cannot carry a message of {payloadBytes} bytes with {metadataBytes} bytes of metadata: "
            + $"the limits are {Middleware.Publisher.PayloadBytesMax} and {MetadataLimits.BytesMax}, and the node's pool. "
            + "Send it in parts, or raise `shared_memory_pool_size` of the node.")
    {
    }
}
