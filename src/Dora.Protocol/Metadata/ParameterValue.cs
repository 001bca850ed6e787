// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Dora.Protocol;

/// <summary>A typed parameter value. Converts implicitly from the .NET types that it can hold.</summary>
/// <remarks>Immutable as long as nobody writes to an array that was put in: lists are kept, not copied.</remarks>
public readonly struct ParameterValue : IEquatable<ParameterValue>
{
    private readonly long _bits;
    private readonly object? _reference; // string, long[], double[] or string[]

    private ParameterValue(ParameterKind kind, long bits, object? reference = null)
    {
        Kind = kind;
        _bits = bits;
        _reference = reference;
    }

    /// <summary>What the value is; <see cref="ParameterKind.None"/> for the default value.</summary>
    public ParameterKind Kind { get; }

    /// <summary>A truth value.</summary>
    public static implicit operator ParameterValue(bool value) => new(ParameterKind.Bool, value ? 1 : 0);

    /// <summary>A whole number.</summary>
    public static implicit operator ParameterValue(long value) => new(ParameterKind.Integer, value);

    /// <summary>A number.</summary>
    public static implicit operator ParameterValue(double value) => new(ParameterKind.Float, BitConverter.DoubleToInt64Bits(value));

    /// <summary>A text; null becomes no value.</summary>
    public static implicit operator ParameterValue(string? value) => value is null ? default : new(ParameterKind.String, 0, value);

    /// <summary>A list of whole numbers; null becomes no value.</summary>
    public static implicit operator ParameterValue(long[]? value) => value is null ? default : new(ParameterKind.Integers, 0, value);

    /// <summary>A list of numbers; null becomes no value.</summary>
    public static implicit operator ParameterValue(double[]? value) => value is null ? default : new(ParameterKind.Floats, 0, value);

    /// <summary>A list of texts; null becomes no value.</summary>
    public static implicit operator ParameterValue(string[]? value) => value is null ? default : new(ParameterKind.Strings, 0, value);

    /// <summary>A point in time; before 1970 becomes 1970.</summary>
    public static implicit operator ParameterValue(DateTimeOffset value) => FromTimestampNs(UnixTime.ToNs(value));

    /// <summary>A point in time, nanoseconds since 1970 UTC.</summary>
    public static ParameterValue FromTimestampNs(ulong unixNs) => new(ParameterKind.Timestamp, (long)unixNs);

    /// <summary>The truth value.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind; so for all accessors.</exception>
    public bool AsBool => Expect(ParameterKind.Bool)._bits != 0;

    /// <summary>The whole number.</summary>
    public long AsInteger => Expect(ParameterKind.Integer)._bits;

    /// <summary>The number; whole numbers convert.</summary>
    public double AsFloat => Kind == ParameterKind.Integer ? _bits : BitConverter.Int64BitsToDouble(Expect(ParameterKind.Float)._bits);

    /// <summary>The text.</summary>
    public string AsString => (string)Expect(ParameterKind.String)._reference!;

    /// <summary>The whole numbers; not a copy.</summary>
    public long[] AsIntegers => (long[])Expect(ParameterKind.Integers)._reference!;

    /// <summary>The numbers; not a copy.</summary>
    public double[] AsFloats => (double[])Expect(ParameterKind.Floats)._reference!;

    /// <summary>The texts; not a copy.</summary>
    public string[] AsStrings => (string[])Expect(ParameterKind.Strings)._reference!;

    /// <summary>The point in time, to .NET's 100 ns.</summary>
    public DateTimeOffset AsTimestamp => UnixTime.FromNs(AsTimestampNs);

    /// <summary>The point in time, nanoseconds since 1970 UTC.</summary>
    public ulong AsTimestampNs => (ulong)Expect(ParameterKind.Timestamp)._bits;

    /// <summary>The value as a <see cref="bool"/>, <see cref="long"/>, <see cref="double"/>, <see cref="string"/>, array or <see cref="DateTimeOffset"/>.</summary>
    public object? ToObject() => Kind switch
    {
        ParameterKind.Bool => AsBool,
        ParameterKind.Integer => AsInteger,
        ParameterKind.Float => AsFloat,
        ParameterKind.Timestamp => AsTimestamp,
        _ => _reference,
    };

    /// <inheritdoc/>
    public bool Equals(ParameterValue other) => Kind == other.Kind && _bits == other._bits && Kind switch
    {
        ParameterKind.String => AsString == other.AsString,
        ParameterKind.Integers => AsIntegers.AsSpan().SequenceEqual(other.AsIntegers),
        ParameterKind.Floats => AsFloats.AsSpan().SequenceEqual(other.AsFloats),
        ParameterKind.Strings => AsStrings.AsSpan().SequenceEqual(other.AsStrings),
        _ => true,
    };

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ParameterValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, _bits, _reference as string, (_reference as Array)?.Length);

    /// <summary>Same kind and same value.</summary>
    public static bool operator ==(ParameterValue left, ParameterValue right) => left.Equals(right);

    /// <summary>Other kind or other value.</summary>
    public static bool operator !=(ParameterValue left, ParameterValue right) => !left.Equals(right);

    /// <summary>For people; not parsed back.</summary>
    public override string ToString() => Kind switch
    {
        ParameterKind.Bool => AsBool ? "true" : "false",
        ParameterKind.Integer => AsInteger.ToString(CultureInfo.InvariantCulture),
        ParameterKind.Float => AsFloat.ToString(CultureInfo.InvariantCulture),
        ParameterKind.String => AsString,
        ParameterKind.Integers => $"[{string.Join(", ", AsIntegers)}]",
        ParameterKind.Floats => $"[{string.Join(", ", AsFloats)}]",
        ParameterKind.Strings => $"[{string.Join(", ", AsStrings)}]",
        ParameterKind.Timestamp => AsTimestamp.ToString("O", CultureInfo.InvariantCulture),
        _ => "",
    };

    /// <summary>Copies a parameter out of the encoded bytes.</summary>
    internal static ParameterValue From(scoped in MetadataParameter parameter) => parameter.Kind switch
    {
        ParameterKind.Bool => parameter.Bool,
        ParameterKind.Integer => parameter.Integer,
        ParameterKind.Float => parameter.Float,
        ParameterKind.String => System.Text.Encoding.UTF8.GetString(parameter.Text),
        ParameterKind.Integers => CopyIntegers(parameter),
        ParameterKind.Floats => CopyFloats(parameter),
        ParameterKind.Strings => CopyStrings(parameter),
        ParameterKind.Timestamp => FromTimestampNs(parameter.TimestampNs),
        _ => default,
    };

    /// <summary>Size of the value's field in a Parameter message.</summary>
    internal int EncodedSize() => Kind switch
    {
        ParameterKind.None => 0,
        ParameterKind.Float => 1 + sizeof(double),
        ParameterKind.String => Wire.BytesFieldSize(System.Text.Encoding.UTF8.GetByteCount(AsString)),
        ParameterKind.Integers => MetadataSize.PackedList(AsIntegers.Length, MetadataSize.PackedIntegers(AsIntegers)),
        ParameterKind.Floats => MetadataSize.PackedList(AsFloats.Length, checked(AsFloats.Length * sizeof(double))),
        ParameterKind.Strings => Wire.BytesFieldSize(MetadataSize.Strings(AsStrings)),
        _ => 1 + Wire.VarintSize((ulong)_bits),
    };

    internal bool TryWriteTo(ref MetadataWriter writer, string key) => Kind switch
    {
        ParameterKind.Bool => writer.TryAdd(key, AsBool),
        ParameterKind.Integer => writer.TryAdd(key, AsInteger),
        ParameterKind.Float => writer.TryAdd(key, AsFloat),
        ParameterKind.String => writer.TryAdd(key, AsString),
        ParameterKind.Integers => writer.TryAdd(key, AsIntegers),
        ParameterKind.Floats => writer.TryAdd(key, AsFloats),
        ParameterKind.Strings => writer.TryAdd(key, AsStrings),
        ParameterKind.Timestamp => writer.TryAddTimestamp(key, AsTimestampNs),
        _ => true, // nothing to say
    };

    private static long[] CopyIntegers(scoped in MetadataParameter parameter)
    {
        var values = new long[parameter.Count];
        parameter.CopyIntegers(values);
        return values;
    }

    private static double[] CopyFloats(scoped in MetadataParameter parameter)
    {
        var values = new double[parameter.Count];
        parameter.CopyFloats(values);
        return values;
    }

    private static string[] CopyStrings(scoped in MetadataParameter parameter)
    {
        var values = new string[parameter.Count];
        var strings = parameter.Strings;
        for (var i = 0; strings.TryRead(out var text); i++)
        {
            values[i] = System.Text.Encoding.UTF8.GetString(text);
        }

        return values;
    }

    private ParameterValue Expect(ParameterKind kind) => Kind == kind
        ? this
        : throw new InvalidOperationException($"The parameter is of kind {Kind}, not {kind}.");
}
