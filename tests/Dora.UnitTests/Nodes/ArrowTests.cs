// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using Dora.Nodes;
using Dora.Protocol;

namespace Dora.UnitTests.Nodes;

public sealed class ArrowTests
{
    [Fact]
    public async Task Numbers_arrive_as_they_were_and_are_not_copied()
    {
        using var pair = await NodePair.StartAsync();
        var sent = new Int64Array.Builder().AppendRange(Enumerable.Range(0, 1000).Select(i => (long)i * i)).Build();

        pair.Source.SendOutput("data", sent, new MetadataParameters { ["k"] = "v" });

        var input = pair.ReceiveInput();
        var received = input.Data.AsArrow<Int64Array>();
        Assert.Equal(sent.Values.ToArray(), received.Values.ToArray());
        Assert.True(input.Data.IsTyped);
        Assert.Equal("v", input.Metadata.Parameters.GetString("k"));
        AssertLiesIn(input, received.ValueBuffer);
    }

    [Fact]
    public async Task Floats_with_nulls_arrive()
    {
        using var pair = await NodePair.StartAsync();
        var sent = new FloatArray.Builder().Append(1.5f).AppendNull().Append(-2f).Build();

        pair.Source.SendOutput("data", sent);

        var input = pair.ReceiveInput();
        var received = input.Data.AsArrow<FloatArray>();
        Assert.Equal([1.5f, null, -2f], received.ToArray());
        Assert.Equal(1, received.NullCount);
        AssertLiesIn(input, received.ValueBuffer);
        AssertLiesIn(input, received.NullBitmapBuffer);
    }

    [Fact]
    public async Task Texts_arrive()
    {
        using var pair = await NodePair.StartAsync();
        var sent = new StringArray.Builder().Append("eins").AppendNull().Append("").Append("zwölf").Build();

        pair.Source.SendOutput("data", sent);

        var input = pair.ReceiveInput();
        var received = input.Data.AsArrow<StringArray>();
        Assert.Equal(["eins", null, "", "zwölf"], Enumerable.Range(0, received.Length).Select(i => received.GetString(i)));
        AssertLiesIn(input, received.ValueBuffer);
        AssertLiesIn(input, received.ValueOffsetsBuffer);
    }

    [Fact]
    public async Task Lists_arrive()
    {
        using var pair = await NodePair.StartAsync();
        var builder = new ListArray.Builder(Int32Type.Default);
        var values = (Int32Array.Builder)builder.ValueBuilder;
        builder.Append();
        values.Append(1).Append(2);
        builder.AppendNull();
        builder.Append();
        values.Append(3);
        var sent = builder.Build();

        pair.Source.SendOutput("data", sent);

        var received = pair.ReceiveInput().Data.AsArrow<ListArray>();
        Assert.Equal([1, 2], ((Int32Array)received.GetSlicedValues(0)).ToArray());
        Assert.True(received.IsNull(1));
        Assert.Equal([3], ((Int32Array)received.GetSlicedValues(2)).ToArray());
    }

    [Fact]
    public async Task Structs_arrive_with_names_nesting_and_metadata()
    {
        using var pair = await NodePair.StartAsync();
        var type = new StructType([
            new Field("x", DoubleType.Default, nullable: false, [new("unit", "m")]),
            new Field("label", StringType.Default, nullable: true),
        ]);
        IArrowArray x = new DoubleArray.Builder().Append(0.5).Append(1.5).Build();
        IArrowArray label = new StringArray.Builder().Append("person").AppendNull().Build();
        var sent = new StructArray(type, 2, [x, label], ArrowBuffer.Empty, 0);

        pair.Source.SendOutput("data", sent);

        var received = pair.ReceiveInput().Data.AsArrow<StructArray>();
        var receivedType = (StructType)received.Data.DataType;
        Assert.Equal(["x", "label"], receivedType.Fields.Select(field => field.Name));
        Assert.Equal("m", receivedType.Fields[0].Metadata["unit"]);
        Assert.False(receivedType.Fields[0].IsNullable);
        Assert.Equal([0.5, 1.5], ((DoubleArray)received.Fields[0]).ToArray());
        Assert.Equal("person", ((StringArray)received.Fields[1]).GetString(0));
        Assert.True(received.Fields[1].IsNull(1));
    }

    [Fact]
    public async Task Slices_arrive_without_what_lies_around_them()
    {
        using var pair = await NodePair.StartAsync();
        var whole = new Int32Array.Builder().AppendRange(Enumerable.Range(0, 100_000)).AppendNull().Build();
        var sent = ArrowArrayFactory.Slice(whole, 50_003, 10);

        pair.Source.SendOutput("data", sent);

        var input = pair.ReceiveInput();
        Assert.Equal(Enumerable.Range(50_003, 10).Select(i => (int?)i), input.Data.AsArrow<Int32Array>().ToArray());
        Assert.InRange(input.Data.Length, 40, 256);
    }

    [Fact]
    public async Task Booleans_dictionaries_fixed_lists_and_times_arrive()
    {
        using var pair = await NodePair.StartAsync();
        var flags = new BooleanArray.Builder().Append(true).Append(false).AppendNull().Build();
        pair.Source.SendOutput("data", flags);
        Assert.Equal([true, false, null], pair.ReceiveInput().Data.AsArrow<BooleanArray>().ToArray());

        var words = new StringArray.Builder().Append("cat").Append("dog").Build();
        var indices = new Int8Array.Builder().Append(1).Append(0).Append(1).Build();
        pair.Source.SendOutput("data", new DictionaryArray(new DictionaryType(Int8Type.Default, StringType.Default, ordered: false), indices, words));
        var dictionary = pair.ReceiveInput().Data.AsArrow<DictionaryArray>();
        Assert.Equal("dog", ((StringArray)dictionary.Dictionary).GetString(1));
        Assert.Equal([1, 0, 1], ((Int8Array)dictionary.Indices).ToArray().Select(i => (int)i!));

        var points = new FixedSizeListArray(
            new FixedSizeListType(FloatType.Default, 3), 2, new FloatArray.Builder().AppendRange([1, 2, 3, 4, 5, 6]).Build(), ArrowBuffer.Empty, 0);
        pair.Source.SendOutput("data", points);
        Assert.Equal([4f, 5f, 6f], ((FloatArray)pair.ReceiveInput().Data.AsArrow<FixedSizeListArray>().GetSlicedValues(1)).ToArray());

        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        pair.Source.SendOutput("data", new TimestampArray.Builder(new TimestampType(TimeUnit.Microsecond, "UTC")).Append(time).Build());
        var times = pair.ReceiveInput().Data.AsArrow<TimestampArray>();
        Assert.Equal(time, times.GetTimestamp(0));
        Assert.Equal("UTC", ((TimestampType)times.Data.DataType).Timezone);
    }

    [Fact]
    public async Task Plain_bytes_are_an_array_of_bytes()
    {
        using var pair = await NodePair.StartAsync();
        pair.Source.SendOutput("data", new byte[] { 1, 2, 3 });

        var input = pair.ReceiveInput();
        var received = input.Data.AsArrow<UInt8Array>();

        Assert.False(input.Data.IsTyped);
        Assert.Equal([1, 2, 3], received.Values.ToArray());
        Assert.True(Unsafe.AreSame(ref MemoryMarshal.GetReference(input.Data.Span), ref MemoryMarshal.GetReference(received.Values)));
    }

    [Fact]
    public async Task An_empty_array_and_a_large_one_arrive()
    {
        using var pair = await NodePair.StartAsync();
        pair.Source.SendOutput("data", new Int64Array.Builder().Build());
        Assert.Equal(0, pair.ReceiveInput().Data.AsArrow<Int64Array>().Length);

        var large = new UInt16Array(new ArrowBuffer(new byte[4_000_000]), ArrowBuffer.Empty, 2_000_000, 0, 0);
        pair.Source.SendOutput("data", large);
        Assert.Equal(2_000_000, pair.ReceiveInput().Data.AsArrow<UInt16Array>().Length);
    }

    [Fact]
    public async Task Another_type_than_expected_is_an_error_that_names_both()
    {
        using var pair = await NodePair.StartAsync();
        pair.Source.SendOutput("data", new Int64Array.Builder().Append(1).Build());

        var data = pair.ReceiveInput().Data;

        var e = Assert.Throws<ArrowDataException>(() => data.AsArrow<StringArray>());
        Assert.Contains("int64", e.Message, StringComparison.Ordinal);
        Assert.Contains("StringArray", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_array_is_dead_with_its_event_and_lives_with_a_retained_one()
    {
        using var pair = await NodePair.StartAsync();
        pair.Source.SendOutput("data", new Int64Array.Builder().Append(7).Build());
        var input = pair.ReceiveInput();
        var dying = input.Data.AsArrow<Int64Array>();
        using var kept = input.Retain();
        var living = kept.Data.AsArrow<Int64Array>();

        pair.Sink.TryRecv(out _);

        Assert.Throws<ObjectDisposedException>(() => dying.GetValue(0));
        Assert.Equal(7, living.GetValue(0));
    }

    [Fact]
    public async Task A_forwarded_array_keeps_its_type_and_parameters()
    {
        using var daemon = new FakeDaemon();
        var source = daemon.Node("source", outputs: ["data"]);
        var relay = daemon.Node("relay", inputs: ["data"], outputs: ["data"]);
        var sink = daemon.Node("sink", inputs: ["data"]);
        daemon.Edge(source, "data", relay, "data");
        daemon.Edge(relay, "data", sink, "data");
        var nodes = await daemon.StartAsync(source, relay, sink);
        nodes[0].SendOutput("data", new Int64Array.Builder().Append(7).Append(8).Build(), new MetadataParameters { ["k"] = "v" });

        nodes[1].ForwardOutput("data", Assert.IsType<InputEvent>(nodes[1].Recv(FakeSession.Patience)));

        var input = Assert.IsType<InputEvent>(nodes[2].Recv(FakeSession.Patience));
        Assert.Equal([7L, 8L], input.Data.AsArrow<Int64Array>().Values.ToArray());
        Assert.Equal("v", input.Metadata.Parameters.GetString("k"));
        foreach (var node in nodes)
            node.Dispose();
    }

    [Fact]
    public async Task A_type_that_cannot_travel_is_refused_by_name()
    {
        using var pair = await NodePair.StartAsync();
        var sent = new StringViewArray.Builder().Append("x").Build();

        var e = Assert.Throws<NotSupportedException>(() => pair.Source.SendOutput("data", sent));

        Assert.Contains(sent.Data.DataType.Name, e.Message, StringComparison.Ordinal);
    }

    private static void AssertLiesIn(InputEvent input, ArrowBuffer buffer)
    {
        Assert.True(input.Data.Span.Overlaps(buffer.Span, out var offset));
        Assert.Equal(0, offset % 64);
        Assert.True(offset + buffer.Length <= input.Data.Length);
    }
}
