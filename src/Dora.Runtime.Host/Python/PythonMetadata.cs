// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;

namespace Dora.Runtime.Host.Python;

/// <summary>Parameters of messages, to and from Python. Whoever calls has the interpreter's lock.</summary>
internal static unsafe class PythonMetadata
{
    // Of PyDateTime_CAPI, which datetime.h reads the same way: makes a datetime; its type; the time zone UTC.
    private static delegate* unmanaged[Cdecl]<int, int, int, int, int, int, int, nint, nint, nint> s_newDate;
    private static nint s_dateType;
    private static nint s_utc;
    private static nint s_timestamp; // the text "timestamp"

    /// <summary>Looks up what datetimes are made with; once.</summary>
    public static void Prepare()
    {
        fixed (byte* name = "datetime.datetime_CAPI\0"u8)
        {
            var functions = (nint*)PythonApi.CapsuleImport(name, 0);
            if (functions == null)
                throw PythonRuntime.TakeError("Python's datetime cannot be used");
            s_dateType = functions[1];
            s_utc = functions[5];
            s_newDate = (delegate* unmanaged[Cdecl]<int, int, int, int, int, int, int, nint, nint, nint>)functions[7];
        }

        s_timestamp = PythonRuntime.Text("timestamp");
    }

    /// <summary>A new dictionary of the parameters, and of when they were sent.</summary>
    public static nint ToDictionary(MetadataParameters parameters, ulong timestampNs)
    {
        var dictionary = PythonApi.NewDict();
        var sent = DateOf(timestampNs);
        if (sent == 0 || PythonApi.SetItem(dictionary, s_timestamp, sent) < 0)
            throw PythonRuntime.TakeError("the time stamp cannot be given to Python");
        PythonApi.DecRef(sent);
        if (parameters.Count == 0)
            return dictionary;
        foreach (var (key, value) in parameters)
        {
            if (key == "timestamp")
                continue; // its own comes first
            var (name, item) = (PythonRuntime.Text(key), ToObject(value));
            if (item == 0 || PythonApi.SetItem(dictionary, name, item) < 0)
                throw PythonRuntime.TakeError($"the parameter '{key}' cannot be given to Python");
            PythonApi.DecRef(name);
            PythonApi.DecRef(item);
        }

        return dictionary;
    }

    /// <summary>From the list of (key, kind, value) that <c>_parameters</c> in lib/_dora_operators.py makes; it has checked everything.</summary>
    public static MetadataParameters? FromList(nint list)
    {
        if (list == PythonApi.None)
            return null;
        var parameters = new MetadataParameters();
        var count = PythonApi.ListSize(list);
        for (nint i = 0; i < count; i++)
        {
            var entry = PythonApi.ListGet(list, i);
            var key = PythonRuntime.TextOf(PythonApi.TupleGet(entry, 0));
            var kind = (ParameterKind)PythonApi.AsLong(PythonApi.TupleGet(entry, 1));
            parameters[key] = ToValue(kind, PythonApi.TupleGet(entry, 2));
        }

        return parameters;
    }

    private static nint ToObject(in ParameterValue value) => value.Kind switch
    {
        ParameterKind.Bool => PythonApi.FromBool(value.AsBool ? 1 : 0),
        ParameterKind.Integer => PythonApi.FromLong(value.AsInteger),
        ParameterKind.Float => PythonApi.FromDouble(value.AsFloat),
        ParameterKind.String => PythonRuntime.Text(value.AsString),
        ParameterKind.Integers => ListOf(value.AsIntegers, static v => PythonApi.FromLong(v)),
        ParameterKind.Floats => ListOf(value.AsFloats, static v => PythonApi.FromDouble(v)),
        ParameterKind.Strings => ListOf(value.AsStrings, PythonRuntime.Text),
        ParameterKind.Timestamp => DateOf(value.AsTimestampNs),
        _ => NewNone(),
    };

    private static ParameterValue ToValue(ParameterKind kind, nint value) => kind switch
    {
        ParameterKind.Bool => PythonApi.AsLong(value) != 0,
        ParameterKind.Integer => PythonApi.AsLong(value),
        ParameterKind.Float => PythonApi.AsDouble(value),
        ParameterKind.String => PythonRuntime.TextOf(value),
        ParameterKind.Integers => ArrayOf(value, static v => PythonApi.AsLong(v)),
        ParameterKind.Floats => ArrayOf(value, static v => PythonApi.AsDouble(v)),
        ParameterKind.Strings => ArrayOf(value, PythonRuntime.TextOf),
        _ => ParameterValue.FromTimestampNs((ulong)PythonApi.AsLong(value)),
    };

    private static nint ListOf<T>(T[] values, Func<T, nint> toObject)
    {
        var list = PythonApi.NewList(values.Length);
        for (var i = 0; i < values.Length; i++)
            _ = PythonApi.ListSet(list, i, toObject(values[i])); // takes the item over
        return list;
    }

    private static T[] ArrayOf<T>(nint list, Func<nint, T> toValue)
    {
        var values = new T[PythonApi.ListSize(list)];
        for (var i = 0; i < values.Length; i++)
            values[i] = toValue(PythonApi.ListGet(list, i));
        return values;
    }

    private static nint DateOf(ulong timestampNs)
    {
        var date = UnixTime.FromNs(timestampNs).UtcDateTime;
        var microseconds = (int)(date.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond);
        return s_newDate(date.Year, date.Month, date.Day, date.Hour, date.Minute, date.Second, microseconds, s_utc, s_dateType);
    }

    private static nint NewNone()
    {
        PythonApi.IncRef(PythonApi.None);
        return PythonApi.None;
    }
}
