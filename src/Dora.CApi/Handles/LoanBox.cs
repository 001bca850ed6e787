// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;
using Dora.Nodes;
using Dora.Protocol;
using SendStatus = Dora.Nodes.SendStatus;

namespace Dora.CApi.Handles;

/// <summary>A loan as C holds it, between taking it and sending it.</summary>
internal sealed unsafe class LoanBox
{
    private HeldLoan? _loan; // taken out by whoever sends or discards
    private NodeOutput _output = null!;
    private byte* _payload;
    private byte* _metadata;

    public int Length { get; private set; }

    public byte* Payload => _payload;

    public void Open(NodeOutput output, ref Loan lent)
    {
        var payload = lent.Payload;
        var metadata = lent.Metadata;
        // Shared memory, or a pinned buffer of the socket transport: neither moves while it is lent.
        fixed (byte* start = payload)
            _payload = start;
        fixed (byte* start = metadata)
            _metadata = start;
        (Length, MetadataLength) = (payload.Length, metadata.Length);
        _output = output;
        _loan = HeldLoan.Take(ref lent);
    }

    public SendStatus Send(int length, MetadataParameters? parameters, bool wait)
    {
        var loan = Interlocked.Exchange(ref _loan, null) ?? throw new CApiException(Status.Busy, "another thread is sending this loan");
        var status = SendStatus.BackPressured;
        try
        {
            // SAFETY: exactly these spans were lent; the loan is held by this thread alone.
            return status = _output.SendHeld(
                loan, new Span<byte>(_payload, Length), new Span<byte>(_metadata, MetadataLength), length, parameters, wait);
        }
        finally
        {
            if (status is SendStatus.BackPressured or SendStatus.PoolExhausted)
                _loan = loan; // still good: to be sent again, or discarded
            else
                loan.Dispose();
        }
    }

    public void Close() => Interlocked.Exchange(ref _loan, null)?.Dispose();

    private int MetadataLength { get; set; }
}
