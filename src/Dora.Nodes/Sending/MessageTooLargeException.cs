// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Dora.Middleware;
using Dora.Nodes.Sending;
using Dora.Protocol;

namespace Dora.Nodes;

/// <summary>A message that cannot be sent: it exceeds what one message, the memory of the node, or that of the system can hold. The text says which.</summary>
public sealed class MessageTooLargeException : DoraException
{
    internal MessageTooLargeException(SendContext context, string outputId, long payloadBytes, long metadataBytes)
        : base(
            Beginning(outputId, payloadBytes, metadataBytes)
            + Reason(context, payloadBytes, metadataBytes))
    {
    }

    internal MessageTooLargeException(string outputId, long payloadBytes, long metadataBytes, (long BytesLeft, string Limit) system)
        : base(
            Beginning(outputId, payloadBytes, metadataBytes)
            + string.Create(
                CultureInfo.InvariantCulture,
                $"it takes {SharedMemoryPublisher.PoolBytesFor(payloadBytes, (int)metadataBytes)} bytes of shared memory, and {system.BytesLeft} are left of "
                + $"{system.Limit}. Or send it in parts."))
    {
    }

    private static string Beginning(string outputId, long payloadBytes, long metadataBytes) => string.Create(
        CultureInfo.InvariantCulture, $"Output '{outputId}' cannot carry a message of {payloadBytes} bytes with {metadataBytes} bytes of metadata: ");

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
