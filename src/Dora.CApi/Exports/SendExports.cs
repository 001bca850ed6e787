// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dora.CApi.Arrow;
using Dora.CApi.Handles;
using Dora.Nodes;

namespace Dora.CApi.Exports;

/// <summary><c>dora/dora.h</c>: sending bytes, loans, Arrow arrays and received events.</summary>
internal static unsafe class SendExports
{
    [UnmanagedCallersOnly(EntryPoint = "dora_node_send", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Send(nint node, byte* id, nuint idLength, void* data, nuint length, nint metadata)
    {
        try
        {
            return Translate(Output(node, id, idLength).Send(Arguments.Bytes(data, length, "data"), Arguments.Parameters(metadata)));
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_node_try_send", CallConvs = [typeof(CallConvCdecl)])]
    public static Status TrySend(nint node, byte* id, nuint idLength, void* data, nuint length, nint metadata)
    {
        try
        {
            return Translate(Output(node, id, idLength).TrySend(Arguments.Bytes(data, length, "data"), Arguments.Parameters(metadata)));
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_node_loan", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Loan(nint node, byte* id, nuint idLength, nuint length, nuint metadataBytes, nint* loan, byte** data) =>
        Lend(node, id, idLength, length, metadataBytes, wait: true, loan, data);

    [UnmanagedCallersOnly(EntryPoint = "dora_node_try_loan", CallConvs = [typeof(CallConvCdecl)])]
    public static Status TryLoan(nint node, byte* id, nuint idLength, nuint length, nuint metadataBytes, nint* loan, byte** data) =>
        Lend(node, id, idLength, length, metadataBytes, wait: false, loan, data);

    [UnmanagedCallersOnly(EntryPoint = "dora_loan_send", CallConvs = [typeof(CallConvCdecl)])]
    public static Status SendLoan(nint loan, nuint length, nint metadata) => SendLoan(loan, length, metadata, wait: true);

    [UnmanagedCallersOnly(EntryPoint = "dora_loan_try_send", CallConvs = [typeof(CallConvCdecl)])]
    public static Status TrySendLoan(nint loan, nuint length, nint metadata) => SendLoan(loan, length, metadata, wait: false);

    [UnmanagedCallersOnly(EntryPoint = "dora_loan_discard", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Discard(nint loan)
    {
        try
        {
            Tables.Loans.Return(loan, static box => box.Close());
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_node_send_arrow", CallConvs = [typeof(CallConvCdecl)])]
    public static Status SendArrow(nint node, byte* id, nuint idLength, CArray* array, CSchema* schema, nint metadata) =>
        SendArrow(node, id, idLength, array, schema, metadata, wait: true);

    [UnmanagedCallersOnly(EntryPoint = "dora_node_try_send_arrow", CallConvs = [typeof(CallConvCdecl)])]
    public static Status TrySendArrow(nint node, byte* id, nuint idLength, CArray* array, CSchema* schema, nint metadata) =>
        SendArrow(node, id, idLength, array, schema, metadata, wait: false);

    private static Status SendArrow(nint node, byte* id, nuint idLength, CArray* array, CSchema* schema, nint metadata, bool wait)
    {
        try
        {
            Arguments.NotNull(array, "array");
            Arguments.NotNull(schema, "schema");
            using var imported = ArrowImport.Take(array, schema); // first, since it takes ownership in every case
            var output = Output(node, id, idLength);
            var parameters = Arguments.Parameters(metadata);
            return Translate(wait ? output.Send(imported, parameters) : output.TrySend(imported, parameters));
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_node_forward", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Forward(nint node, byte* id, nuint idLength, nint received)
    {
        try
        {
            return Translate(Output(node, id, idLength).Forward(Tables.Events.Resolve(received).Input));
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_node_close_output", CallConvs = [typeof(CallConvCdecl)])]
    public static Status CloseOutput(nint node, byte* id, nuint idLength)
    {
        try
        {
            if (id == null && idLength == 0)
                Tables.Nodes.Resolve(node).Node.CloseOutputs();
            else
                Output(node, id, idLength).Close();
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_node_has_output", CallConvs = [typeof(CallConvCdecl)])]
    public static int HasOutput(nint node, byte* id, nuint idLength)
    {
        try
        {
            return Tables.Nodes.Resolve(node).Node.HasOutput(Arguments.Text(id, idLength, "id")) ? 1 : 0;
        }
        catch (Exception e)
        {
            return (int)LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_node_subscriber_count", CallConvs = [typeof(CallConvCdecl)])]
    public static int SubscriberCount(nint node, byte* id, nuint idLength)
    {
        try
        {
            return Output(node, id, idLength).SubscriberCount;
        }
        catch (Exception e)
        {
            return (int)LastError.Record(e);
        }
    }

    internal static NodeOutput Output(nint node, byte* id, nuint idLength) =>
        Tables.Nodes.Resolve(node).Output(Arguments.Bytes(id, idLength, "id"));

    internal static Status Translate(SendStatus status) => status switch
    {
        SendStatus.Sent => Status.Ok,
        SendStatus.BackPressured => Status.BackPressured,
        SendStatus.PoolExhausted => Status.PoolExhausted,
        SendStatus.Stopping => Status.Stopping,
        _ => Status.Closed,
    };

    private static Status Lend(
        nint node, byte* id, nuint idLength, nuint length, nuint metadataBytes, bool wait, nint* handle, byte** data)
    {
        try
        {
            Arguments.NotNull(handle, "loan");
            Arguments.NotNull(data, "data");
            *handle = 0;
            *data = null;
            var output = Output(node, id, idLength);
            var room = metadataBytes == 0 ? NodeOutput.LoanMetadataBytes : Arguments.Length(metadataBytes);
            var status = output.Hold(Arguments.Length(length), room, wait, out var lent);
            if (status != SendStatus.Sent)
                return Translate(status);
            var box = Tables.Loans.Rent(out *handle);
            box.Open(output, ref lent);
            *data = box.Payload;
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    private static Status SendLoan(nint loan, nuint length, nint metadata, bool wait)
    {
        try
        {
            var box = Tables.Loans.Resolve(loan);
            if (length > (nuint)box.Length)
                throw new CApiException(Status.InvalidArgument, $"{length} bytes cannot be sent from a loan of {box.Length}");
            var status = Translate(box.Send((int)length, Arguments.Parameters(metadata), wait));
            if (status is not (Status.BackPressured or Status.PoolExhausted))
                Tables.Loans.Return(loan, static sent => sent.Close());
            return status;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }
}
