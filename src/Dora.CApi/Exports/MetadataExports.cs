// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Dora.CApi.Handles;
using Dora.Protocol;

namespace Dora.CApi.Exports;

/// <summary><c>dora/dora.h</c>: parameters of messages. Everything is copied in and out.</summary>
internal static unsafe class MetadataExports
{
    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_new", CallConvs = [typeof(CallConvCdecl)])]
    public static Status New(nint* metadata)
    {
        try
        {
            Arguments.NotNull(metadata, "metadata");
            Tables.Metadata.Rent(out *metadata).Parameters = [];
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_free", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Free(nint metadata)
    {
        try
        {
            Tables.Metadata.Return(metadata, static box => box.Parameters = MetadataParameters.Empty);
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_count", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Count(nint metadata, nuint* count)
    {
        try
        {
            Arguments.NotNull(count, "count");
            *count = (nuint)Parameters(metadata).Count;
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_key_at", CallConvs = [typeof(CallConvCdecl)])]
    public static Status KeyAt(nint metadata, nuint index, byte* buffer, nuint capacity, nuint* length)
    {
        try
        {
            var parameters = Parameters(metadata);
            return index < (nuint)parameters.Count
                ? CopyText(parameters.Keys.ElementAt((int)index), buffer, capacity, length)
                : Status.NotFound;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_kind", CallConvs = [typeof(CallConvCdecl)])]
    public static int Kind(nint metadata, byte* key, nuint keyLength)
    {
        try
        {
            return Parameters(metadata).TryGetValue(Key(key, keyLength), out var value) ? (int)Number(value.Kind) : 0;
        }
        catch (Exception e)
        {
            return (int)LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_remove", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Remove(nint metadata, byte* key, nuint keyLength)
    {
        try
        {
            return Parameters(metadata).Remove(Key(key, keyLength)) ? Status.Ok : Status.NotFound;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_set_bool", CallConvs = [typeof(CallConvCdecl)])]
    public static Status SetBool(nint metadata, byte* key, nuint keyLength, int value) => Set(metadata, key, keyLength, value != 0);

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_set_integer", CallConvs = [typeof(CallConvCdecl)])]
    public static Status SetInteger(nint metadata, byte* key, nuint keyLength, long value) => Set(metadata, key, keyLength, value);

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_set_float", CallConvs = [typeof(CallConvCdecl)])]
    public static Status SetFloat(nint metadata, byte* key, nuint keyLength, double value) => Set(metadata, key, keyLength, value);

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_set_timestamp", CallConvs = [typeof(CallConvCdecl)])]
    public static Status SetTimestamp(nint metadata, byte* key, nuint keyLength, ulong unixNs) =>
        Set(metadata, key, keyLength, ParameterValue.FromTimestampNs(unixNs));

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_set_string", CallConvs = [typeof(CallConvCdecl)])]
    public static Status SetString(nint metadata, byte* key, nuint keyLength, byte* value, nuint length)
    {
        try
        {
            Parameters(metadata)[Key(key, keyLength)] = Arguments.Text(value, length, "value");
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_set_integers", CallConvs = [typeof(CallConvCdecl)])]
    public static Status SetIntegers(nint metadata, byte* key, nuint keyLength, long* values, nuint count)
    {
        try
        {
            Parameters(metadata)[Key(key, keyLength)] = List(values, count);
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_set_floats", CallConvs = [typeof(CallConvCdecl)])]
    public static Status SetFloats(nint metadata, byte* key, nuint keyLength, double* values, nuint count)
    {
        try
        {
            Parameters(metadata)[Key(key, keyLength)] = List(values, count);
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_set_strings", CallConvs = [typeof(CallConvCdecl)])]
    public static Status SetStrings(nint metadata, byte* key, nuint keyLength, byte** values, nuint* lengths, nuint count)
    {
        try
        {
            if (count != 0)
            {
                Arguments.NotNull(values, "values");
                Arguments.NotNull(lengths, "lengths");
            }

            var texts = new string[Arguments.Length(count)];
            for (var i = 0; i < texts.Length; i++)
                texts[i] = Arguments.Text(values[i], lengths[i], "a value");
            Parameters(metadata)[Key(key, keyLength)] = texts;
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_get_bool", CallConvs = [typeof(CallConvCdecl)])]
    public static Status GetBool(nint metadata, byte* key, nuint keyLength, int* value)
    {
        try
        {
            Arguments.NotNull(value, "value");
            *value = Value(metadata, key, keyLength, ParameterKind.Bool).AsBool ? 1 : 0;
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_get_integer", CallConvs = [typeof(CallConvCdecl)])]
    public static Status GetInteger(nint metadata, byte* key, nuint keyLength, long* value)
    {
        try
        {
            Arguments.NotNull(value, "value");
            *value = Value(metadata, key, keyLength, ParameterKind.Integer).AsInteger;
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_get_float", CallConvs = [typeof(CallConvCdecl)])]
    public static Status GetFloat(nint metadata, byte* key, nuint keyLength, double* value)
    {
        try
        {
            Arguments.NotNull(value, "value");
            *value = Value(metadata, key, keyLength, ParameterKind.Float).AsFloat;
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_get_timestamp", CallConvs = [typeof(CallConvCdecl)])]
    public static Status GetTimestamp(nint metadata, byte* key, nuint keyLength, ulong* unixNs)
    {
        try
        {
            Arguments.NotNull(unixNs, "unix_ns");
            *unixNs = Value(metadata, key, keyLength, ParameterKind.Timestamp).AsTimestampNs;
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_get_string", CallConvs = [typeof(CallConvCdecl)])]
    public static Status GetString(nint metadata, byte* key, nuint keyLength, byte* buffer, nuint capacity, nuint* length)
    {
        try
        {
            return CopyText(Value(metadata, key, keyLength, ParameterKind.String).AsString, buffer, capacity, length);
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_get_integers", CallConvs = [typeof(CallConvCdecl)])]
    public static Status GetIntegers(nint metadata, byte* key, nuint keyLength, long* buffer, nuint capacity, nuint* count)
    {
        try
        {
            return CopyList<long>(Value(metadata, key, keyLength, ParameterKind.Integers).AsIntegers, buffer, capacity, count);
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_get_floats", CallConvs = [typeof(CallConvCdecl)])]
    public static Status GetFloats(nint metadata, byte* key, nuint keyLength, double* buffer, nuint capacity, nuint* count)
    {
        try
        {
            return CopyList<double>(Value(metadata, key, keyLength, ParameterKind.Floats).AsFloats, buffer, capacity, count);
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_get_strings_count", CallConvs = [typeof(CallConvCdecl)])]
    public static Status GetStringsCount(nint metadata, byte* key, nuint keyLength, nuint* count)
    {
        try
        {
            Arguments.NotNull(count, "count");
            *count = (nuint)Value(metadata, key, keyLength, ParameterKind.Strings).AsStrings.Length;
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_metadata_get_string_at", CallConvs = [typeof(CallConvCdecl)])]
    public static Status GetStringAt(
        nint metadata, byte* key, nuint keyLength, nuint index, byte* buffer, nuint capacity, nuint* length)
    {
        try
        {
            var texts = Value(metadata, key, keyLength, ParameterKind.Strings).AsStrings;
            return index < (nuint)texts.Length ? CopyText(texts[index], buffer, capacity, length) : Status.NotFound;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    private static MetadataParameters Parameters(nint metadata) => Tables.Metadata.Resolve(metadata).Parameters;

    private static string Key(byte* key, nuint length) => Arguments.Text(key, length, "key");

    private static Status Set(nint metadata, byte* key, nuint keyLength, ParameterValue value)
    {
        try
        {
            Parameters(metadata)[Key(key, keyLength)] = value;
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    private static ParameterValue Value(nint metadata, byte* key, nuint keyLength, ParameterKind wanted)
    {
        var name = Key(key, keyLength);
        if (!Parameters(metadata).TryGetValue(name, out var value))
            throw new CApiException(Status.NotFound, $"there is no parameter '{name}'");
        var fits = value.Kind == wanted || (wanted == ParameterKind.Float && value.Kind == ParameterKind.Integer);
        return fits ? value : throw new CApiException(Status.InvalidArgument, $"the parameter '{name}' is of kind {value.Kind}, not {wanted}");
    }

    private static T[] List<T>(T* values, nuint count)
        where T : unmanaged
    {
        if (count != 0)
            Arguments.NotNull(values, "values");

        // SAFETY: the caller says that so many values lie there.
        return new ReadOnlySpan<T>(values, Arguments.Length(count)).ToArray();
    }

    private static Status CopyList<T>(T[] values, T* buffer, nuint capacity, nuint* count)
        where T : unmanaged
    {
        if (count != null)
            *count = (nuint)values.Length;
        var copied = (int)Math.Min(capacity, (nuint)values.Length);
        if (copied == 0)
            return Status.Ok;
        Arguments.NotNull(buffer, "buffer");

        // SAFETY: the caller says that the buffer has room for capacity values, and no more are written.
        values.AsSpan(0, copied).CopyTo(new Span<T>(buffer, copied));
        return Status.Ok;
    }

    /// <summary>As much as fits, without a NUL; the length is that of the whole text.</summary>
    private static Status CopyText(string text, byte* buffer, nuint capacity, nuint* length) =>
        CopyList(Encoding.UTF8.GetBytes(text), buffer, capacity, length);

    /// <summary>The kind's number in C; 0: not there.</summary>
    private static KindNumber Number(ParameterKind kind) => kind switch
    {
        ParameterKind.Bool => KindNumber.Bool,
        ParameterKind.Integer => KindNumber.Integer,
        ParameterKind.Float => KindNumber.Float,
        ParameterKind.String => KindNumber.String,
        ParameterKind.Integers => KindNumber.Integers,
        ParameterKind.Floats => KindNumber.Floats,
        ParameterKind.Strings => KindNumber.Strings,
        ParameterKind.Timestamp => KindNumber.Timestamp,
        _ => KindNumber.None,
    };

    /// <summary><c>enum dora_parameter_kind</c>.</summary>
    internal enum KindNumber
    {
        None = 0,
        Bool = 1,
        Integer = 2,
        Float = 3,
        String = 4,
        Integers = 5,
        Floats = 6,
        Strings = 7,
        Timestamp = 8,
    }
}
