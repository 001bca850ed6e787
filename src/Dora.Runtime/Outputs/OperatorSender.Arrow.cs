// SPDX-License-Identifier: Apache-2.0

using Apache.Arrow;
using Dora.Nodes.Arrow;
using Dora.Nodes.Sending;
using Dora.Protocol;
using Dora.Runtime.Port;

namespace Dora.Runtime.Outputs;

/// <content>Typed Arrow arrays, for operators in languages that have them.</content>
internal sealed partial class OperatorSender
{
    private readonly ArrowWriter _arrow = new();

    /// <summary>Sends an array with its type. One copy, as for bytes.</summary>
    /// <param name="id">An output that the descriptor lists for this operator.</param>
    /// <param name="array">Stays the caller's; it may be disposed afterwards.</param>
    /// <param name="parameters">Metadata; copied unless read-only.</param>
    /// <exception cref="NotSupportedException">dora cannot carry the array's type; the message names it.</exception>
    public void SendArrow(string id, IArrowArray array, MetadataParameters? parameters)
    {
        var route = Route(id);
        if (route.Siblings.Count == 0 && _cell.Outbox.IsEmpty)
        {
            if (!route.HasNodeSubscribers || route.Node!.TrySend(array, parameters) != PortSendStatus.Full)
                return;
        }

        try
        {
            _arrow.Plan(array.Data);
            if (_arrow.PayloadBytes > System.Array.MaxLength)
                throw new ArgumentException($"A message has at most {System.Array.MaxLength} bytes; this array needs {_arrow.PayloadBytes}.", nameof(array));
            var metadata = new byte[_arrow.MetadataBytesMax + (parameters?.EncodedSize() ?? 0)];
            var length = MetadataEncoder.WriteTo(metadata, parameters, _arrow);
            var sample = _pool.Rent((int)_arrow.PayloadBytes, parameters, metadata.AsMemory(0, length));
            _arrow.WritePayload(sample.Writable);
            Deliver(route, sample);
        }
        finally
        {
            _arrow.Clear();
        }
    }
}
