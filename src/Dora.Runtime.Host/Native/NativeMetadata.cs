// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using System.Text;
using Dora.Protocol;

namespace Dora.Runtime.Host.Native;

/// <summary>Parameters of messages as the structs of <c>dora/operator_types.h</c>.</summary>
internal sealed unsafe class NativeMetadata : IDisposable
{
    private const int Unknown = 0;

    private readonly List<nint> _blocks = []; // from malloc: what the structs point to

    /// <summary>Copies parameters out; what is returned lives as long as this object.</summary>
    public NativeParameters Write(MetadataParameters parameters)
    {
        if (parameters.Count == 0)
            return default;
        var entries = Take<NativeParameter>(parameters.Count);
        var i = 0;
        foreach (var (key, value) in parameters)
        {
            entries[i++] = new NativeParameter { Key = Write(key), Kind = KindOf(value.Kind), Count = CountOf(value), Value = Write(value) };
        }

        return new NativeParameters { Pointer = entries, Count = (nuint)parameters.Count };
    }

    public void Dispose()
    {
        foreach (var block in _blocks)
            NativeMemory.Free((void*)block);
        _blocks.Clear();
    }

    /// <summary>Copies what an operator gave; null when it is nothing.</summary>
    /// <exception cref="ArgumentException">A kind that there is not, or a pointer that is missing.</exception>
    public static MetadataParameters? Read(NativeParameters parameters)
    {
        if (parameters.Count == 0)
            return null;
        if (parameters.Pointer == null)
            throw new ArgumentException($"{parameters.Count} parameters, but no pointer to them");
        MetadataParameters result = [];

        // SAFETY: the operator lends so many of them for the call.
        foreach (ref readonly var entry in new ReadOnlySpan<NativeParameter>(parameters.Pointer, checked((int)parameters.Count)))
        {
            var key = Encoding.UTF8.GetString(entry.Key.Span);
            result[key] = Read(key, entry);
        }

        return result;
    }

    private static ParameterValue Read(string key, in NativeParameter entry)
    {
        var (value, count) = (entry.Value, checked((int)entry.Count));
        if (count > 0 && value.Integers == null && entry.Kind is 5 or 6 or 7)
            throw new ArgumentException($"the parameter '{key}' is a list of {count}, but there is no pointer to it");
        switch (entry.Kind)
        {
            case 1: return value.Boolean != 0;
            case 2: return value.Integer;
            case 3: return value.Floating;
            case 4: return Encoding.UTF8.GetString(value.String.Span);
            case 5: return new ReadOnlySpan<long>(value.Integers, count).ToArray();
            case 6: return new ReadOnlySpan<double>(value.Floats, count).ToArray();
            case 7:
                var texts = new string[count];
                for (var i = 0; i < count; i++)
                    texts[i] = Encoding.UTF8.GetString(value.Strings[i].Span);
                return texts;
            case 8: return ParameterValue.FromTimestampNs(value.TimestampNs);
            default: throw new ArgumentException($"the parameter '{key}' is of the kind {entry.Kind}; there are 1 to 8 (dora/parameter_kind.h)");
        }
    }

    /// <summary><c>dora_parameter_kind</c>.</summary>
    private static int KindOf(ParameterKind kind) => kind switch
    {
        ParameterKind.Bool => 1,
        ParameterKind.Integer => 2,
        ParameterKind.Float => 3,
        ParameterKind.String => 4,
        ParameterKind.Integers => 5,
        ParameterKind.Floats => 6,
        ParameterKind.Strings => 7,
        ParameterKind.Timestamp => 8,
        _ => Unknown,
    };

    private static nuint CountOf(in ParameterValue value) => value.Kind switch
    {
        ParameterKind.Integers => (nuint)value.AsIntegers.Length,
        ParameterKind.Floats => (nuint)value.AsFloats.Length,
        ParameterKind.Strings => (nuint)value.AsStrings.Length,
        _ => 0,
    };

    private NativeValue Write(in ParameterValue value) => value.Kind switch
    {
        ParameterKind.Bool => new NativeValue { Boolean = value.AsBool ? (byte)1 : (byte)0 },
        ParameterKind.Integer => new NativeValue { Integer = value.AsInteger },
        ParameterKind.Float => new NativeValue { Floating = value.AsFloat },
        ParameterKind.String => new NativeValue { String = Write(value.AsString) },
        ParameterKind.Integers => new NativeValue { Integers = Copy<long>(value.AsIntegers) },
        ParameterKind.Floats => new NativeValue { Floats = Copy<double>(value.AsFloats) },
        ParameterKind.Strings => new NativeValue { Strings = Write(value.AsStrings) },
        ParameterKind.Timestamp => new NativeValue { TimestampNs = value.AsTimestampNs },
        _ => default,
    };

    private NativeText* Write(string[] texts)
    {
        var copies = Take<NativeText>(texts.Length);
        for (var i = 0; i < texts.Length; i++)
            copies[i] = Write(texts[i]);
        return copies;
    }

    private NativeText Write(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var copy = Take<byte>(length + 1);

        // SAFETY: length + 1 bytes were just allocated.
        Encoding.UTF8.GetBytes(text, new Span<byte>(copy, length));
        copy[length] = 0;
        return new NativeText { Pointer = copy, Length = (nuint)length };
    }

    private T* Copy<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var copy = Take<T>(values.Length);
        values.CopyTo(new Span<T>(copy, values.Length));
        return copy;
    }

    private T* Take<T>(int count)
        where T : unmanaged
    {
        var block = NativeMemory.AllocZeroed((nuint)Math.Max(count, 1), (nuint)sizeof(T));
        _blocks.Add((nint)block);
        return (T*)block;
    }
}
