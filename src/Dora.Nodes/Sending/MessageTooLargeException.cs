// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Dora.Middleware;
using Dora.Nodes.Sending;
using Dora.Protocol;

namespace Dora.Nodes;

/// <summary>A message that can never be sent: it exceeds what one message, or the memory of the node, can hold.</summary>
public sealed class MessageTooLargeException : DoraException
{
    internal MessageTooLargeException(SendContext context, string outputId, long payloadBytes, long metadataBytes)
        : base(
            string.Create(CultureInfo.InvariantCulture, $"Output '{outputId}' cannot carry a message of {payloadBytes} bytes with {metadataBytes} bytes of metadata: ")
            + Reason(context, payloadBytes, metadataBytes))
    {
    }

    private static string Reason(SendContext context, long payloadBytes, long metadataBytes)
    {
        var needed = payloadBytes > Publisher.PayloadBytesMax || metadataBytes > Publisher.MetadataBytesMax
            ? long.MaxValue
            : SharedMemoryPublisher.PoolBytesFor(payloadBytes, (int)metadataBytes);
        return needed == long.MaxValue
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"no message can have more than {Publisher.PayloadBytesMax} bytes, or {Publisher.MetadataBytesMax} bytes of metadata. Send it in parts.")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"it takes {needed} bytes of shared memory, and all outputs of node '{context.NodeId}' may use {context.PoolBytesMax}. "
                + $"Write 'shared_memory_pool_size: {needed}' or more at the node in the dataflow file, or send it in parts.");
    }
}
