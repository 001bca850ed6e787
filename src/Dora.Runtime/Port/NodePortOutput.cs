// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using Apache.Arrow;
using Dora.Nodes;
using Dora.Operators;
using Dora.Protocol;
using Dora.Runtime.Samples;

namespace Dora.Runtime.Port;

/// <summary>An output of a connected node.</summary>
internal sealed class NodePortOutput(NodeOutput output) : IPortOutput
{
    public bool HasSubscribers => !output.IsClosed && output.SubscriberCount > 0;

    public PortSendStatus TrySend(ReadOnlySpan<byte> data, MetadataParameters? parameters) => Translate(output.TrySend(data, parameters));

    public PortSendStatus TrySend(IArrowArray array, MetadataParameters? parameters) => Translate(output.TrySend(array, parameters));

    public PortSendStatus TrySend(OperatorSample sample) => sample switch
    {
        NodeSample { Event: { } received } => Translate(output.TryForward(received)), // with the type of its Arrow array, and without decoding its parameters
        { IsTyped: true, ArrowMetadata: { IsEmpty: false } encoded } => Translate(output.TrySendEncoded(sample.Data.Span, encoded.Span)),
        _ => TrySend(sample.Data.Span, sample.Parameters),
    };

    public PortSendStatus TrySend<TState>(
        int length, TState state, SpanAction<byte, TState> write, MetadataParameters? parameters, SamplePool pool, out OwnedSample? unsent)
        where TState : allows ref struct
    {
        unsent = null;
        var status = Translate(output.TryLoan(length, out var loan, parameters?.EncodedSize() ?? 0));
        using (loan)
        {
            if (status == PortSendStatus.Sent)
            {
                write(loan.Payload[..length], state);
                status = Translate(loan.Send(length, parameters));
                if (status == PortSendStatus.Full)
                {
                    unsent = pool.Copy(loan.Payload[..length], parameters);
                }

                return status;
            }
        }

        var sample = pool.Rent(length, parameters);
        try
        {
            write(sample.Writable, state);
        }
        catch
        {
            sample.Release();
            throw;
        }

        if (status == PortSendStatus.Full)
        {
            unsent = sample;
        }
        else
        {
            sample.Release();
        }

        return status;
    }

    public void Close() => output.Close();

    private static PortSendStatus Translate(SendStatus status) => status switch
    {
        SendStatus.Sent => PortSendStatus.Sent,
        SendStatus.BackPressured or SendStatus.PoolExhausted => PortSendStatus.Full,
        _ => PortSendStatus.Closed,
    };
}
