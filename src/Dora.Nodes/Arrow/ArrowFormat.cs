// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Apache.Arrow.Types;

namespace Dora.Nodes.Arrow;

/// <summary>Format strings of the Arrow C Data Interface, for types without parameters of their own children.</summary>
internal static class ArrowFormat
{
    // "tt" + unit: time of day, "ts" + unit + ":" + zone: instant, "tD" + unit: duration
    private const string UnitLetters = "smun";

    public static string Of(IArrowType type) => type switch
    {
        NullType => "n",
        BooleanType => "b",
        Int8Type => "c",
        UInt8Type => "C",
        Int16Type => "s",
        UInt16Type => "S",
        Int32Type => "i",
        UInt32Type => "I",
        Int64Type => "l",
        UInt64Type => "L",
        HalfFloatType => "e",
        FloatType => "f",
        DoubleType => "g",
        StringType => "u",
        LargeStringType => "U",
        BinaryType => "z",
        LargeBinaryType => "Z",
        Decimal128Type d => Invariant($"d:{d.Precision},{d.Scale}"),
        Decimal256Type d => Invariant($"d:{d.Precision},{d.Scale},256"),
        FixedSizeBinaryType { TypeId: ArrowTypeId.FixedSizedBinary } f => Invariant($"w:{f.ByteWidth}"),
        Date32Type => "tdD",
        Date64Type => "tdm",
        Time32Type t => "tt" + Letter(t.Unit),
        Time64Type t => "tt" + Letter(t.Unit),
        TimestampType t => "ts" + Letter(t.Unit) + ":" + t.Timezone,
        DurationType t => "tD" + Letter(t.Unit),
        IntervalType { Unit: IntervalUnit.YearMonth } => "tiM",
        IntervalType { Unit: IntervalUnit.DayTime } => "tiD",
        IntervalType { Unit: IntervalUnit.MonthDayNanosecond } => "tin",
        ListType => "+l",
        LargeListType => "+L",
        FixedSizeListType f => Invariant($"+w:{f.ListSize}"),
        StructType => "+s",
        MapType => "+m",
        _ => throw new NotSupportedException(
            $"dora cannot send Arrow arrays of type '{type.Name}' yet. Convert it to a plain, list or struct type, or send bytes."),
    };

    /// <summary>Parses every format that does not start with <c>+</c>.</summary>
    /// <exception cref="ArrowDataException">Unknown; it comes from a peer.</exception>
    public static IArrowType ParsePrimitive(string format) => format switch
    {
        "n" => NullType.Default,
        "b" => BooleanType.Default,
        "c" => Int8Type.Default,
        "C" => UInt8Type.Default,
        "s" => Int16Type.Default,
        "S" => UInt16Type.Default,
        "i" => Int32Type.Default,
        "I" => UInt32Type.Default,
        "l" => Int64Type.Default,
        "L" => UInt64Type.Default,
        "e" => HalfFloatType.Default,
        "f" => FloatType.Default,
        "g" => DoubleType.Default,
        "u" => StringType.Default,
        "U" => LargeStringType.Default,
        "z" => BinaryType.Default,
        "Z" => LargeBinaryType.Default,
        "tdD" => Date32Type.Default,
        "tdm" => Date64Type.Default,
        "tts" => new Time32Type(TimeUnit.Second),
        "ttm" => new Time32Type(TimeUnit.Millisecond),
        "ttu" => new Time64Type(TimeUnit.Microsecond),
        "ttn" => new Time64Type(TimeUnit.Nanosecond),
        "tDs" => DurationType.Second,
        "tDm" => DurationType.Millisecond,
        "tDu" => DurationType.Microsecond,
        "tDn" => DurationType.Nanosecond,
        "tiM" => IntervalType.YearMonth,
        "tiD" => IntervalType.DayTime,
        "tin" => IntervalType.MonthDayNanosecond,
        _ => ParseWithParameters(format),
    };

    private static IArrowType ParseWithParameters(string format)
    {
        if (format.Length >= 4 && format.StartsWith("ts", StringComparison.Ordinal) && format[3] == ':'
            && UnitLetters.IndexOf(format[2]) is >= 0 and var unit)
        {
            var zone = format[4..];
            return new TimestampType((TimeUnit)unit, zone.Length == 0 ? null : zone);
        }

        var numbers = Numbers(format);
        return (format.Length == 0 ? '\0' : format[0], numbers) switch
        {
            ('w', [> 0 and var width]) => new FixedSizeBinaryType(width),
            ('d', [var precision, var scale]) => new Decimal128Type(precision, scale),
            ('d', [var precision, var scale, 128]) => new Decimal128Type(precision, scale),
            ('d', [var precision, var scale, 256]) => new Decimal256Type(precision, scale),
            _ => throw new ArrowDataException($"the type format '{ArrowTypeCodec.Printable(format)}' is not known to this version"),
        };
    }

    /// <summary>The numbers after <c>x:</c>; empty when there are none or they are not numbers.</summary>
    private static int[] Numbers(string format)
    {
        if (format.Length is < 3 or > 32 || format[1] != ':')
        {
            return [];
        }

        var parts = format[2..].Split(',');
        var numbers = new int[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[i]))
                return [];
        }

        return numbers;
    }

    private static char Letter(TimeUnit unit) => UnitLetters[(int)unit];

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
