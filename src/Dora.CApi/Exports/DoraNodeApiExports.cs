// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dora.CApi.Handles;

namespace Dora.CApi.Exports;

/// <summary><c>dora/node_api.h</c>: the names that dora's documentation teaches, over the same handles as <c>dora/dora.h</c>.</summary>
internal static unsafe class DoraNodeApiExports
{
    [UnmanagedCallersOnly(EntryPoint = "init_dora_context_from_env", CallConvs = [typeof(CallConvCdecl)])]
    public static nint Init()
    {
        try
        {
            return NodeExports.Open();
        }
        catch (Exception e)
        {
            LastError.Record(e);
            Console.Error.WriteLine(Marshal.PtrToStringUTF8((nint)LastError.Text)); // this API has no other way to say why
            return 0;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "free_dora_context", CallConvs = [typeof(CallConvCdecl)])]
    public static void Free(nint context)
    {
        if (context != 0)
            NodeExports.Close(context);
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_next_event", CallConvs = [typeof(CallConvCdecl)])]
    public static nint Next(nint context)
    {
        try
        {
            EventExports.Receive(context, -1, out var received);
            return received;
        }
        catch (Exception e)
        {
            LastError.Record(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "free_dora_event", CallConvs = [typeof(CallConvCdecl)])]
    public static void FreeEvent(nint received)
    {
        if (received != 0)
            EventExports.Close(received);
    }

    [UnmanagedCallersOnly(EntryPoint = "read_dora_event_type", CallConvs = [typeof(CallConvCdecl)])]
    public static int TypeOf(nint received)
    {
        try
        {
            var number = EventExports.Number(Tables.Events.Resolve(received).Event.Kind);
            return (int)(number <= EventExports.EventNumber.Unknown ? number : EventExports.EventNumber.Unknown);
        }
        catch (Exception e)
        {
            LastError.Record(e);
            return (int)EventExports.EventNumber.Unknown;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "read_dora_input_id", CallConvs = [typeof(CallConvCdecl)])]
    public static void InputId(nint received, byte** id, nuint* length)
    {
        try
        {
            Arguments.Give(default, id, length);
            Arguments.Give(Tables.Events.Resolve(received).Id, id, length);
        }
        catch (Exception e)
        {
            LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "read_dora_input_data", CallConvs = [typeof(CallConvCdecl)])]
    public static void InputData(nint received, byte** data, nuint* length)
    {
        try
        {
            Arguments.Give(default, data, length);
            Arguments.NotNull(data, "data");
            Arguments.NotNull(length, "length");
            EventExports.GiveData(received, data, length);
        }
        catch (Exception e)
        {
            LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "read_dora_input_timestamp", CallConvs = [typeof(CallConvCdecl)])]
    public static ulong InputTimestamp(nint received)
    {
        try
        {
            return Tables.Events.Resolve(received).Input.Metadata.TimestampNs;
        }
        catch (Exception e)
        {
            LastError.Record(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_send_output", CallConvs = [typeof(CallConvCdecl)])]
    public static int SendOutput(nint context, byte* id, nuint idLength, byte* data, nuint length)
    {
        try
        {
            var output = SendExports.Output(context, id, idLength);
            return SendExports.Translate(output.Send(Arguments.Bytes(data, length, "data"))) == Status.Ok ? 0 : -1;
        }
        catch (Exception e)
        {
            LastError.Record(e);
            return -1;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_log", CallConvs = [typeof(CallConvCdecl)])]
    public static int Log(nint context, byte* level, nuint levelLength, byte* message, nuint messageLength)
    {
        try
        {
            var number = Arguments.Text(level, levelLength, "level").ToLowerInvariant() switch
            {
                "error" => 0,
                "warn" or "warning" => 1,
                "info" => 2,
                "debug" => 3,
                "trace" => 4,
                var other => throw new CApiException(Status.InvalidArgument, $"'{other}' is no log level: error, warn, info, debug, trace"),
            };
            NodeExports.WriteLog(context, number, Arguments.Text(message, messageLength, "message"), "");
            return 0;
        }
        catch (Exception e)
        {
            LastError.Record(e);
            return -1;
        }
    }
}
