// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using Apache.Arrow;
using Dora.Protocol;

namespace Dora.Nodes;

/// <content>Sending, by name of the output. <see cref="GetOutput"/> saves the look-up.</content>
public sealed partial class DoraNode
{
    /// <summary>One output, to send through without looking its name up each time.</summary>
    /// <exception cref="UnknownOutputException">The dataflow declares no such output.</exception>
    public NodeOutput GetOutput(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return _wiring.Outputs.TryGetValue(id, out var output) ? output : throw new UnknownOutputException(Id, id, Config.Outputs);
    }

    /// <summary>Whether the dataflow declares this output.</summary>
    public bool HasOutput(string id) => _wiring.Outputs.ContainsKey(id);

    /// <inheritdoc cref="NodeOutput.Send(ReadOnlySpan{byte}, MetadataParameters?)"/>
    /// <exception cref="UnknownOutputException">The dataflow declares no such output.</exception>
    public SendStatus SendOutput(string id, ReadOnlySpan<byte> data, MetadataParameters? parameters = null) =>
        GetOutput(id).Send(data, parameters);

    /// <inheritdoc cref="NodeOutput.Send(ReadOnlySpan{byte}, Metadata)"/>
    /// <exception cref="UnknownOutputException">The dataflow declares no such output.</exception>
    public SendStatus SendOutput(string id, ReadOnlySpan<byte> data, Metadata forward) => GetOutput(id).Send(data, forward);

    /// <inheritdoc cref="NodeOutput.Send(IArrowArray, MetadataParameters?)"/>
    /// <exception cref="UnknownOutputException">The dataflow declares no such output.</exception>
    public SendStatus SendOutput(string id, IArrowArray array, MetadataParameters? parameters = null) =>
        GetOutput(id).Send(array, parameters);

    /// <inheritdoc cref="NodeOutput.Forward"/>
    /// <exception cref="UnknownOutputException">The dataflow declares no such output.</exception>
    public SendStatus ForwardOutput(string id, InputEvent input) => GetOutput(id).Forward(input);

    /// <inheritdoc cref="NodeOutput.TrySend(ReadOnlySpan{byte}, MetadataParameters?)"/>
    /// <exception cref="UnknownOutputException">The dataflow declares no such output.</exception>
    public SendStatus TrySendOutput(string id, ReadOnlySpan<byte> data, MetadataParameters? parameters = null) =>
        GetOutput(id).TrySend(data, parameters);

    /// <inheritdoc cref="NodeOutput.TrySend(IArrowArray, MetadataParameters?)"/>
    /// <exception cref="UnknownOutputException">The dataflow declares no such output.</exception>
    public SendStatus TrySendOutput(string id, IArrowArray array, MetadataParameters? parameters = null) =>
        GetOutput(id).TrySend(array, parameters);

    /// <inheritdoc cref="NodeOutput.SendRaw(int, PayloadWriter, MetadataParameters?)"/>
    /// <exception cref="UnknownOutputException">The dataflow declares no such output.</exception>
    public SendStatus SendOutputRaw(string id, int length, PayloadWriter write, MetadataParameters? parameters = null) =>
        GetOutput(id).SendRaw(length, write, parameters);

    /// <inheritdoc cref="NodeOutput.SendRaw{TState}(int, TState, SpanAction{byte, TState}, MetadataParameters?)"/>
    /// <exception cref="UnknownOutputException">The dataflow declares no such output.</exception>
    public SendStatus SendOutputRaw<TState>(
        string id, int length, TState state, SpanAction<byte, TState> write, MetadataParameters? parameters = null) =>
        GetOutput(id).SendRaw(length, state, write, parameters);

    /// <inheritdoc cref="NodeOutput.Loan"/>
    /// <exception cref="UnknownOutputException">The dataflow declares no such output.</exception>
    public OutputLoan Loan(string id, int length, int metadataBytes = NodeOutput.LoanMetadataBytes) =>
        GetOutput(id).Loan(length, metadataBytes);

    /// <summary>Ends some outputs, or all if none are named: their subscribers receive what is queued, then <see cref="InputClosedEvent"/>.</summary>
    /// <exception cref="UnknownOutputException">The dataflow declares no such output.</exception>
    public void CloseOutputs(params ReadOnlySpan<string> ids)
    {
        if (ids.IsEmpty)
        {
            foreach (var output in _wiring.Outputs.Values)
                output.Close();
            return;
        }

        foreach (var id in ids)
            GetOutput(id).Close();
    }
}
