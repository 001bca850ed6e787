// SPDX-License-Identifier: Apache-2.0

using CsCheck;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Google.Protobuf;

namespace Dora.UnitTests.Protocol;

/// <summary>The span codec and the generated classes are two independent implementations of metadata.proto; each checks the other.</summary>
public sealed class MetadataCodecTests
{
    private static readonly Gen<string> GenText = Gen.OneOf(Gen.String[0, 20], Gen.String[Gen.Char['\u0020', '\ud7ff'], 0, 200]);

    private static readonly Gen<ParameterValue> GenValue = Gen.OneOf(
        Gen.Bool.Select(v => (ParameterValue)v),
        Gen.Long.Select(v => (ParameterValue)v),
        Gen.Int[-2, 200].Select(v => (ParameterValue)(long)v),
        Gen.Double.Select(v => (ParameterValue)v),
        GenText.Select(v => (ParameterValue)Clean(v)),
        Gen.Long.Array[0, 40].Select(v => (ParameterValue)v),
        Gen.Double.Array[0, 40].Select(v => (ParameterValue)v),
        GenText.Array[0, 10].Select(v => (ParameterValue)v.Select(Clean).ToArray()),
        Gen.ULong.Select(ParameterValue.FromTimestampNs));

    private static readonly long[] Integers = [1, 2, 3];
    private static readonly ArrowNodeLayout[] Nodes = [new(4, 0, 0, 2)];
    private static readonly ArrowBufferLayout[] Buffers = [new(0, 0), new(64, 16)];

    private static readonly Gen<(string, ParameterValue)[]> GenParameters =
        Gen.Select(Gen.String[Gen.Char['a', 'z'], 0, 12], GenValue).Array[0, 12].Select(p => p.DistinctBy(x => x.Item1).ToArray());

    [Fact]
    public void Writer_writes_the_bytes_of_the_generated_classes() => GenParameters.Sample(parameters =>
    {
        var expected = ToGenerated(parameters).ToByteArray();
        var managed = ToManaged(parameters);
        Assert.Equal(expected.Length, managed.EncodedSize());
        Assert.Equal(expected, managed.ToEncoded());
    });

    [Fact]
    public void Reader_reads_what_the_generated_classes_write() => GenParameters.Sample(parameters =>
    {
        var decoded = MetadataParameters.Decode(ToGenerated(parameters).ToByteArray());
        Assert.Equal(parameters.Select(p => KeyValuePair.Create(p.Item1, p.Item2)), decoded);
    });

    [Fact]
    public void Generated_classes_read_what_the_writer_writes() => GenParameters.Sample(parameters =>
        Assert.Equal(ToGenerated(parameters), MessageMetadata.Parser.ParseFrom(ToManaged(parameters).ToEncoded())));

    [Fact]
    public void Arrow_layouts_agree_both_ways()
    {
        var genNode = Gen.Select(Gen.Long[0, long.MaxValue], Gen.Long[-1, 1000], Gen.Long[0, 300], Gen.Int[0, 4]);
        var genBuffer = Gen.Select(Gen.ULong[0, long.MaxValue], Gen.ULong[0, 1 << 20]);
        Gen.Select(Gen.Byte.Array[0, 300], genNode.Array[0, 20], genBuffer.Array[80, 80]).Sample((schema, nodeParts, bufferParts) =>
        {
            var nodes = nodeParts.Select(n => new ArrowNodeLayout(n.Item1, n.Item2, n.Item3, n.Item4)).ToArray();
            var buffers = bufferParts.Take(nodes.Sum(n => n.BufferCount)).Select(b => new ArrowBufferLayout(b.Item1, b.Item2)).ToArray();
            var expected = ToGenerated(schema, nodes, buffers).ToByteArray();

            var writer = new MetadataWriter(new byte[expected.Length]);
            Assert.True(writer.TryAddArrow(schema, nodes, buffers));
            Assert.Equal(expected, writer.Written.ToArray());

            var reader = new MetadataReader(expected);
            Assert.True(reader.TryGetArrow(out var layout));
            Assert.Equal(schema, layout.Schema.ToArray());
            var nodesRead = new ArrowNodeLayout[layout.NodeCount];
            var buffersRead = new ArrowBufferLayout[layout.BufferCount];
            layout.CopyTo(nodesRead, buffersRead);
            Assert.Equal(nodes, nodesRead);
            Assert.Equal(buffers, buffersRead);
            Assert.Equal(buffers.Select(b => b.Offset + b.Length).DefaultIfEmpty().Max(), layout.PayloadLengthMin);
        });
    }

    [Fact]
    public void A_parameter_that_does_not_fit_is_not_written_at_all() => GenParameters.Where(p => p.Length > 0).Sample(parameters =>
    {
        var whole = ToManaged(parameters).ToEncoded();
        for (var size = 0; size < whole.Length; size += Math.Max(1, whole.Length / 50))
        {
            var writer = new MetadataWriter(new byte[size]);
            Assert.False(ToManaged(parameters).TryWriteTo(ref writer));
            Assert.Equal(whole.AsSpan(0, writer.Length), writer.Written);
            Assert.True(MetadataReader.IsValid(writer.Written));
        }
    });

    [Fact]
    public void Parameters_are_found_by_key_and_passed_on_unchanged()
    {
        var encoded = new MetadataParameters { ["a"] = 1L, ["request_id"] = "r-1", ["z"] = new[] { 1.5, 2.5 } }.ToEncoded();
        Assert.True(MetadataReader.TryFind(encoded, "request_id"u8, out var found));
        Assert.Equal("r-1"u8, found.Text);
        Assert.False(MetadataReader.TryFind(encoded, "none"u8, out _));

        var writer = new MetadataWriter(new byte[100]);
        Assert.True(writer.TryAdd(found));
        Assert.Equal("r-1", MetadataParameters.Decode(writer.Written)["request_id"].AsString);
    }

    [Fact]
    public void Numbers_that_were_not_packed_and_fields_of_the_future_are_read_too()
    {
        byte[] list = [0x0A, 0x01, 0x01, 0x08, 0x07, 0x0A, 0x01, 0x02, 0x10, 0x05]; // [1] packed, 7 single, [2] packed, unknown field 2
        byte[] parameter = [0x0A, 0x01, (byte)'k', 0x32, (byte)list.Length, .. list, 0xA0, 0x06, 0x01]; // and unknown field 100
        byte[] encoded = [0x98, 0x06, 0x2A, 0x0A, (byte)parameter.Length, .. parameter];
        Assert.Equal([1, 7, 2], MetadataParameters.Decode(encoded)["k"].AsIntegers);
        Assert.Equal([1L, 7, 2], MessageMetadata.Parser.ParseFrom(encoded).Parameters[0].Integers.Values);
    }

    [Fact]
    public void Writing_and_reading_allocate_nothing()
    {
        var buffer = new byte[512];
        RoundTrip(buffer);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            RoundTrip(buffer);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void RoundTrip(byte[] buffer)
    {
        var writer = new MetadataWriter(buffer);
        var ok = writer.TryAdd("id", 7L) & writer.TryAdd("name", "value") & writer.TryAdd("list", Integers) & writer.TryAdd("f", 0.5)
            & writer.TryAddTimestamp("t", 5) & writer.TryAddArrow([1, 2], Nodes, Buffers);
        var reader = new MetadataReader(writer.Written);
        var count = 0;
        while (reader.TryRead(out _))
        {
            count++;
        }

        if (!ok || count != 5 || !reader.TryGetArrow(out var layout) || !layout.FitsIn(80) || layout.FitsIn(79))
        {
            throw new InvalidOperationException();
        }
    }

    private static MetadataParameters ToManaged((string Key, ParameterValue Value)[] parameters)
    {
        var managed = new MetadataParameters();
        foreach (var (key, value) in parameters)
        {
            managed.Add(key, value);
        }

        return managed;
    }

    private static MessageMetadata ToGenerated((string Key, ParameterValue Value)[] parameters)
    {
        var message = new MessageMetadata();
        foreach (var (key, value) in parameters)
        {
            var parameter = new Parameter { Key = key };
            switch (value.Kind)
            {
                case ParameterKind.Bool: parameter.BoolValue = value.AsBool; break;
                case ParameterKind.Integer: parameter.IntegerValue = value.AsInteger; break;
                case ParameterKind.Float: parameter.FloatValue = value.AsFloat; break;
                case ParameterKind.String: parameter.StringValue = value.AsString; break;
                case ParameterKind.Integers: parameter.Integers = new IntegerList { Values = { value.AsIntegers } }; break;
                case ParameterKind.Floats: parameter.Floats = new FloatList { Values = { value.AsFloats } }; break;
                case ParameterKind.Strings: parameter.Strings = new StringList { Values = { value.AsStrings } }; break;
                case ParameterKind.Timestamp: parameter.TimestampNs = value.AsTimestampNs; break;
            }

            message.Parameters.Add(parameter);
        }

        return message;
    }

    private static MessageMetadata ToGenerated(byte[] schema, ArrowNodeLayout[] nodes, ArrowBufferLayout[] buffers)
    {
        var layout = new ArrowLayout { Schema = ByteString.CopyFrom(schema) };
        var next = 0;
        foreach (var node in nodes)
        {
            var message = new ArrowNode { Length = node.Length, NullCount = node.NullCount, Offset = node.Offset };
            for (var i = 0; i < node.BufferCount; i++, next++)
            {
                message.Buffers.Add(new ArrowBufferRange { Offset = buffers[next].Offset, Length = buffers[next].Length });
            }

            layout.Nodes.Add(message);
        }

        return new MessageMetadata { Arrow = layout };
    }

    // A lone surrogate has no UTF-8 form; both implementations write U+FFFD for it, so it would not come back the same.
    private static string Clean(string text) => string.Concat(text.Select(c => char.IsSurrogate(c) ? '?' : c));
}
