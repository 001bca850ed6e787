// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;
using Dora.Protocol;

/// <summary>The messages of this example, and the metadata that goes with them. What they hold is described in ../README.md.</summary>
internal static class Cases
{
    private const int Rows = 100;

    /// <summary>All cases, in the order in which they are sent.</summary>
    public static readonly string[] Names =
        ["empty", "bytes-8", "bytes-4096", "bytes-4194304", "int64", "float32", "string", "struct", "list", "nulls", "null-struct", "sliced"];

    /// <summary>All nodes and operators.</summary>
    public static readonly string[] Peers =
    [
        .. from kind in (string[])["node", "operator"]
           from language in (string[])["csharp", "python", "rust", "c", "cpp"]
           select $"{language}-{kind}",
    ];

    private static readonly Dictionary<string, Description> Known = Names.ToDictionary(name => name, DescribeCase);

    /// <summary>Of a case as it is here; null when there is none.</summary>
    public static Description? Describe(string name) => Known.TryGetValue(name, out var description) ? description : null;

    /// <summary>The bytes of a case; null when it is an Arrow array.</summary>
    public static int? ByteCount(string name) => name switch
    {
        "empty" => 0,
        _ when name.StartsWith("bytes-", StringComparison.Ordinal) => int.Parse(name.AsSpan(6), System.Globalization.CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>Writes what a case of bytes holds.</summary>
    public static void WritePattern(Span<byte> data)
    {
        for (var i = 0; i < data.Length; i++)
            data[i] = (byte)(i * 7L % 251);
    }

    /// <summary>The array of a case.</summary>
    public static IArrowArray ArrayOf(string name) => name switch
    {
        "int64" => Int64(Big, _ => true),
        "float32" => new FloatArray.Builder().AppendRange(Enumerable.Range(0, Rows).Select(i => (i - 50) / 8f)).Build(),
        "string" => Strings(_ => true),
        "struct" => Struct(_ => true, Int64(i => i * 3, _ => true), Strings(_ => true)),
        "list" => List(),
        "nulls" => Int64(Big, i => i % 3 != 1),
        "null-struct" => Struct(i => i % 4 != 2, Int64(i => i * 3, i => i % 3 != 1), Strings(i => i % 5 != 3)),
        "sliced" => ((Int64Array)Int64(Big, i => i % 3 != 1)).Slice(5, 20),
        _ => throw new ArgumentException($"'{name}' is no array", nameof(name)),
    };

    /// <summary>What is sent with a case: what it is, and a parameter of every kind.</summary>
    public static MetadataParameters ParametersOf(string me, string name)
    {
        var what = Known[name];
        MetadataParameters parameters = new()
        {
            ["case"] = name,
            ["from"] = me,
            ["format"] = what.Format,
            ["rows"] = what.Rows,
            ["checksum"] = what.Checksum,
            ["bool"] = true,
            ["integer"] = -9007199254740993,
            ["float"] = 0.1,
            ["string"] = "Grüße, 世界 🙂",
            ["integers"] = (long[])[1, -2, long.MaxValue],
            ["floats"] = (double[])[0.5, -1e300],
            ["strings"] = (string[])["one", "", "drei ä"],
            ["stamp"] = ParameterValue.FromTimestampNs(1_700_000_000_123_456_000),
        };
        parameters["metadata-checksum"] = ChecksumOf(parameters);
        return parameters;
    }

    /// <summary>Over all parameters but itself, in the order of their names.</summary>
    public static long ChecksumOf(MetadataParameters parameters)
    {
        Checksum checksum = new();
        foreach (var (key, value) in parameters.Where(p => p.Key != "metadata-checksum").OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            checksum.Add(key);
            switch (value.Kind)
            {
                case ParameterKind.Bool: checksum.Add(1, [(byte)(value.AsBool ? 1 : 0)]); break;
                case ParameterKind.Integer: checksum.Add(2, BitConverter.GetBytes(value.AsInteger)); break;
                case ParameterKind.Float: checksum.Add(3, BitConverter.GetBytes(value.AsFloat)); break;
                case ParameterKind.String: checksum.Add(4, []); checksum.Add(value.AsString); break;
                case ParameterKind.Integers: checksum.Add(5, BitConverter.GetBytes(value.AsIntegers.Length)); checksum.AddAll(value.AsIntegers); break;
                case ParameterKind.Floats: checksum.Add(6, BitConverter.GetBytes(value.AsFloats.Length)); checksum.AddAll(value.AsFloats); break;
                case ParameterKind.Strings:
                    checksum.Add(7, BitConverter.GetBytes(value.AsStrings.Length));
                    foreach (var text in value.AsStrings)
                        checksum.Add(text);
                    break;
                case ParameterKind.Timestamp: checksum.Add(8, BitConverter.GetBytes(value.AsTimestampNs)); break;
            }
        }

        return checksum.Value;
    }

    private static Description DescribeCase(string name)
    {
        if (ByteCount(name) is not { } count)
            return Description.Of(ArrayOf(name));
        var data = new byte[count];
        WritePattern(data);
        return Description.Of(data);
    }

    private static long Big(int i) => (i - 50) * 1_000_000_007L;

    private static string Text(int i) => i == 0 ? "" : $"{i}: grün, 世界 🙂";

    private static Int64Array Int64(Func<int, long> value, Func<int, bool> isValid)
    {
        Int64Array.Builder builder = new();
        for (var i = 0; i < Rows; i++)
            _ = isValid(i) ? builder.Append(value(i)) : builder.AppendNull();
        return builder.Build();
    }

    private static StringArray Strings(Func<int, bool> isValid)
    {
        StringArray.Builder builder = new();
        for (var i = 0; i < Rows; i++)
            _ = isValid(i) ? builder.Append(Text(i)) : builder.AppendNull();
        return builder.Build();
    }

    private static StructArray Struct(Func<int, bool> isValid, Int64Array x, StringArray name)
    {
        StructType type = new([new Field("x", Int64Type.Default, nullable: true), new Field("name", StringType.Default, nullable: true)]);
        ArrowBuffer.BitmapBuilder valid = new();
        for (var i = 0; i < Rows; i++)
            valid.Append(isValid(i));
        return new StructArray(type, Rows, [x, name], valid.Build(), valid.UnsetBitCount);
    }

    private static ListArray List()
    {
        ListArray.Builder builder = new(Int64Type.Default);
        var items = (Int64Array.Builder)builder.ValueBuilder;
        for (var i = 0; i < Rows; i++)
        {
            builder.Append();
            for (var k = 0; k < i % 4; k++)
                items.Append((i * 10) + k);
        }

        return builder.Build();
    }
}

/// <summary>What a message is: Arrow's format string ("C": plain bytes), rows, and the checksum of all values.</summary>
internal readonly record struct Description(string Format, long Rows, long Checksum)
{
    public static Description Of(ReadOnlySpan<byte> data)
    {
        Checksum checksum = new();
        checksum.Add(data);
        return new Description("C", data.Length, checksum.Value);
    }

    public static Description Of(IArrowArray array)
    {
        Checksum checksum = new();
        for (var i = 0; i < array.Length; i++)
            AddValue(checksum, array, i);
        return new Description(FormatOf(array), array.Length, checksum.Value);
    }

    private static string FormatOf(IArrowArray array) => array switch
    {
        Int64Array => "l",
        FloatArray => "f",
        StringArray => "u",
        StructArray => "+s",
        ListArray => "+l",
        _ => array.Data.DataType.Name,
    };

    private static void AddValue(Checksum checksum, IArrowArray array, int i)
    {
        if (array.IsNull(i))
        {
            checksum.Add([0]);
            return;
        }

        switch (array)
        {
            case Int64Array integers: checksum.Add(1, BitConverter.GetBytes(integers.GetValue(i)!.Value)); break;
            case FloatArray floats: checksum.Add(2, BitConverter.GetBytes(floats.GetValue(i)!.Value)); break;
            case StringArray texts: checksum.Add(3, []); checksum.Add(texts.GetString(i)); break;
            case ListArray lists:
                var items = lists.GetSlicedValues(i);
                checksum.Add(4, BitConverter.GetBytes(items.Length));
                for (var k = 0; k < items.Length; k++)
                    AddValue(checksum, items, k);
                break;
            case StructArray structs:
                checksum.Add([5]);
                var fields = ((StructType)structs.Data.DataType).Fields;
                for (var k = 0; k < fields.Count; k++)
                {
                    checksum.Add(fields[k].Name);
                    AddValue(checksum, structs.Fields[k], i);
                }

                break;
            default: checksum.Add([255]); break; // no case has this type: the checksums will differ
        }
    }
}

/// <summary>CRC-32, as zlib has it.</summary>
internal sealed class Checksum
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(i =>
    {
        var entry = (uint)i;
        for (var bit = 0; bit < 8; bit++)
            entry = (entry >> 1) ^ ((entry & 1) == 1 ? 0xedb88320 : 0);
        return entry;
    })];

    public uint Value { get; private set; }

    public void Add(ReadOnlySpan<byte> data)
    {
        var value = ~Value;
        foreach (var b in data)
            value = (value >> 8) ^ Table[(value ^ b) & 255];
        Value = ~value;
    }

    public void Add(byte tag, ReadOnlySpan<byte> data)
    {
        Add([tag]);
        Add(data);
    }

    public void Add(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Add(BitConverter.GetBytes(utf8.Length));
        Add(utf8);
    }

    public void AddAll<T>(T[] values)
        where T : unmanaged => Add(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
}
