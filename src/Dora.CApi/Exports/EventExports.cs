// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dora.CApi.Arrow;
using Dora.CApi.Handles;
using Dora.Nodes;

namespace Dora.CApi.Exports;

/// <summary><c>dora/dora.h</c>: receiving, and reading what was received.</summary>
internal static unsafe class EventExports
{
    private const long NsPerTick = 100;

    [UnmanagedCallersOnly(EntryPoint = "dora_node_next_event", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Next(nint node, long timeoutNs, nint* result)
    {
        try
        {
            Arguments.NotNull(result, "event");
            *result = 0;
            return Receive(node, timeoutNs, out *result);
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_event_free", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Free(nint received) => Close(received);

    [UnmanagedCallersOnly(EntryPoint = "dora_event_type", CallConvs = [typeof(CallConvCdecl)])]
    public static int TypeOf(nint received)
    {
        try
        {
            return (int)Number(Tables.Events.Resolve(received).Event.Kind);
        }
        catch (Exception e)
        {
            return (int)LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_event_id", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Id(nint received, byte** data, nuint* length)
    {
        try
        {
            Arguments.Give(Tables.Events.Resolve(received).Id, data, length);
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_event_message", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Message(nint received, byte** data, nuint* length)
    {
        try
        {
            Arguments.Give(Tables.Events.Resolve(received).Message, data, length);
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_event_affected_input", CallConvs = [typeof(CallConvCdecl)])]
    public static Status AffectedInput(nint received, nuint index, byte** data, nuint* length)
    {
        try
        {
            var affected = Tables.Events.Resolve(received).AffectedInputs;
            if (index >= (nuint)affected.Length)
                return Status.NotFound;
            Arguments.Give(affected[index], data, length);
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_event_joined", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Joined(nint received, nuint index, nint* input)
    {
        try
        {
            Arguments.NotNull(input, "input");
            *input = 0;
            var box = Tables.Events.Resolve(received);
            if (box.Event is not JoinedEvent joined)
                throw new CApiException(Status.WrongEvent, $"the event is of type {box.Event.Kind}, not Joined: only a set has several messages");
            foreach (var id in joined.Inputs)
            {
                var count = (nuint)joined.CountOf(id);
                if (index < count)
                {
                    Tables.Events.Rent(out *input).Open(joined.At(id, (int)index).Retain(), box.Node);
                    return Status.Ok;
                }

                index -= count;
            }

            return Status.NotFound;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_event_data", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Data(nint received, byte** data, nuint* length)
    {
        try
        {
            Arguments.NotNull(data, "data");
            Arguments.NotNull(length, "length");
            GiveData(received, data, length);
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_event_info", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Info(nint received, EventInfo* info)
    {
        try
        {
            Arguments.NotNull(info, "info");
            var box = Tables.Events.Resolve(received);
            EventInfo found = new() { Type = (int)Number(box.Event.Kind), Id = box.Id.Data, IdLength = (nuint)box.Id.Length };
            if (box.Event is InputEvent input)
            {
                var metadata = input.Metadata;
                var payload = input.Data.Span;
                found.Flags = (metadata.Encoded.IsEmpty ? 0 : EventInfo.HasMetadata) | (input.Data.IsTyped ? EventInfo.IsArrow : 0);

                // SAFETY: the payload lies in mapped shared memory or in a pinned buffer, where it stays until the event is freed.
                found.Data = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(payload));
                found.Length = (nuint)payload.Length;
                found.TimestampNs = metadata.TimestampNs;
                found.Sequence = input.Sequence;
            }

            *info = found;
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_event_is_arrow", CallConvs = [typeof(CallConvCdecl)])]
    public static int IsArrow(nint received)
    {
        try
        {
            return Tables.Events.Resolve(received).Input.Data.IsTyped ? 1 : 0;
        }
        catch (Exception e)
        {
            return (int)LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_event_timestamp", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Timestamp(nint received, ulong* unixNs)
    {
        try
        {
            Arguments.NotNull(unixNs, "unix_ns");
            *unixNs = Tables.Events.Resolve(received).Input.Metadata.TimestampNs;
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_event_sequence", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Sequence(nint received, ulong* sequence)
    {
        try
        {
            Arguments.NotNull(sequence, "sequence");
            *sequence = Tables.Events.Resolve(received).Input.Sequence;
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_event_has_metadata", CallConvs = [typeof(CallConvCdecl)])]
    public static int HasMetadata(nint received)
    {
        try
        {
            return Tables.Events.Resolve(received).Input.Metadata.Encoded.IsEmpty ? 0 : 1;
        }
        catch (Exception e)
        {
            return (int)LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_event_metadata", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Metadata(nint received, nint* metadata)
    {
        try
        {
            Arguments.NotNull(metadata, "metadata");
            *metadata = 0;
            var parameters = Tables.Events.Resolve(received).Input.Metadata.Parameters;
            Tables.Metadata.Rent(out *metadata).Parameters = new Protocol.MetadataParameters(parameters);
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_event_arrow", CallConvs = [typeof(CallConvCdecl)])]
    public static Status AsArrow(nint received, CArray* array, CSchema* schema)
    {
        try
        {
            Arguments.NotNull(array, "array");
            Arguments.NotNull(schema, "schema");
            ArrowExport.Give(Tables.Events.Resolve(received).Input, array, schema);
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    /// <summary>The next event, owned by whoever gets the handle.</summary>
    /// <param name="node">Where to receive.</param>
    /// <param name="timeoutNs">Negative: no limit.</param>
    /// <param name="handle">0 unless the status is <see cref="Status.Ok"/>.</param>
    internal static Status Receive(nint node, long timeoutNs, out nint handle)
    {
        handle = 0;
        var box = Tables.Nodes.Resolve(node);
        if (box.Node.RecvOwned(ToTimeSpan(timeoutNs)) is not { } next)
            return box.Node.HasEnded ? Status.Ended : Status.Timeout;
        Tables.Events.Rent(out handle).Open(next, box);
        return Status.Ok;
    }

    /// <summary>Negative: no limit. Never shorter than asked for.</summary>
    internal static TimeSpan ToTimeSpan(long timeoutNs) => timeoutNs < 0
        ? Timeout.InfiniteTimeSpan
        : TimeSpan.FromTicks((timeoutNs / NsPerTick) + (timeoutNs % NsPerTick == 0 ? 0 : 1));

    internal static Status Close(nint received)
    {
        try
        {
            Tables.Events.Return(received, static box => box.Close());
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    internal static void GiveData(nint received, byte** data, nuint* length)
    {
        var payload = Tables.Events.Resolve(received).Input.Data.Span;

        // SAFETY: the payload lies in mapped shared memory or in a pinned buffer, where it stays until the event is freed.
        *data = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(payload));
        *length = (nuint)payload.Length;
    }

    /// <summary><c>dora_event_info_t</c>, field for field.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct EventInfo
    {
        public const uint HasMetadata = 1;
        public const uint IsArrow = 2;

        public int Type;
        public uint Flags;
        public byte* Id;
        public nuint IdLength;
        public byte* Data;
        public nuint Length;
        public ulong TimestampNs;
        public ulong Sequence;
    }

    /// <summary>The kind's number in C.</summary>
    internal static EventNumber Number(EventKind kind) => kind switch
    {
        EventKind.Stop => EventNumber.Stop,
        EventKind.Input => EventNumber.Input,
        EventKind.InputClosed => EventNumber.InputClosed,
        EventKind.Error => EventNumber.Error,
        EventKind.InputRecovered => EventNumber.InputRecovered,
        EventKind.NodeRestarted => EventNumber.NodeRestarted,
        EventKind.NodeFailed => EventNumber.NodeFailed,
        EventKind.Reload => EventNumber.Reload,
        EventKind.Joined => EventNumber.Joined,
        _ => EventNumber.Unknown,
    };

    /// <summary><c>enum dora_event_type</c>; the first five are those of <c>enum DoraEventType</c>.</summary>
    internal enum EventNumber
    {
        Stop = 0,
        Input = 1,
        InputClosed = 2,
        Error = 3,
        Unknown = 4,
        InputRecovered = 5,
        NodeRestarted = 6,
        NodeFailed = 7,
        Reload = 8,
        Joined = 10,
    }
}
