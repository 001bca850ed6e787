// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dora.SharedMemory;

namespace Dora.UnitTests.SharedMemory;

public sealed class SharedMemoryLayoutTests
{
    private const string Page = "shared-memory.md";
    private const int LineBytes = 128;

    [Theory]
    [InlineData("Segment header", typeof(SegmentHeader))]
    [InlineData("Slot header", typeof(SlotHeader))]
    [InlineData("Edge header", typeof(EdgeHeader))]
    [InlineData("Cell of the delivery ring", typeof(EdgeCell))]
    public void Structs_have_the_fields_that_the_format_document_gives_them(string heading, Type type)
    {
        var documented = FormatDocument.Table(Page, heading).Select(row => (row.Field, int.Parse(row.Offset), int.Parse(row.Bytes)));
        var coded = type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)
            .Select(f => (f.Name, f.GetCustomAttribute<FieldOffsetAttribute>()!.Value, Marshal.SizeOf(f.FieldType)))
            .OrderBy(f => f.Value);
        Assert.Equal(documented, coded);
        Assert.Equal(LineBytes, SizeOf(type));
    }

    [Theory]
    [InlineData("Edge memory", typeof(EdgeLayout))]
    [InlineData("Doorbell memory", typeof(DoorbellLayout))]
    public void Fixed_places_are_those_of_the_format_document(string heading, Type type)
    {
        var rows = FormatDocument.Table(Page, heading).Where(row => row.Field != "ReturnRing").ToArray();
        Assert.NotEmpty(rows);
        foreach (var (offset, _, field) in rows)
            Assert.Equal(int.Parse(offset), (int)type.GetField(field, BindingFlags.Static | BindingFlags.NonPublic)!.GetRawConstantValue()!);
    }

    [Fact]
    public void What_different_threads_write_lies_on_different_lines()
    {
        int[] writers = [EdgeLayout.Header, EdgeLayout.Head, EdgeLayout.Tail, EdgeLayout.SenderWaiting, EdgeLayout.ReturnTail, EdgeLayout.DeliveryRing];
        Assert.Equal(writers.Length, writers.Select(offset => offset / LineBytes).Distinct().Count());
        Assert.NotEqual(DoorbellLayout.Sequence / LineBytes, DoorbellLayout.Sleeping / LineBytes);
        Assert.True(EdgeLayout.DroppedPool + 8 <= EdgeLayout.Tail + LineBytes, "the publisher's counters share the tail's line");
    }

    [Fact]
    public void Magic_numbers_read_as_in_the_format_document()
    {
        Assert.Equal("DORASEG1", Text(SegmentLayout.Magic));
        Assert.Equal("DORAEDG1", Text(EdgeLayout.Magic));
        Assert.Equal("DORABEL1", Text(DoorbellLayout.Magic));

        static string Text(ulong magic) => System.Text.Encoding.ASCII.GetString(BitConverter.GetBytes(magic));
    }

    [Fact]
    public void The_checksum_is_CRC_32C() =>
        Assert.Equal(0xE306_9283, HeaderChecksum.Compute("123456789"u8)); // the check value of the CRC catalogue

    [Theory]
    [InlineData(1, 1, 64)]
    [InlineData(10, 16, 64)]
    [InlineData(16, 16, 64)]
    [InlineData(17, 32, 128)]
    [InlineData(1000, 1024, 4096)]
    [InlineData(EdgeLayout.QueueSizeMax, EdgeLayout.QueueSizeMax, 4 * EdgeLayout.QueueSizeMax)]
    public void Capacities_follow_from_the_queue_size(int queueSize, int delivery, int returns)
    {
        var header = EdgeLayout.HeaderFor(queueSize);
        Assert.Equal(((uint)delivery, (uint)returns), (header.DeliveryCapacity, header.ReturnCapacity));
        Assert.Equal(2048UL + (128UL * (uint)delivery) + (8UL * (uint)returns), header.TotalBytes);
        Assert.Null(header.FindFault((long)header.TotalBytes));
    }

    [Fact]
    public void Age_buckets_are_where_the_format_document_puts_them()
    {
        var row = FormatDocument.Table(Page, "Edge memory").Single(r => r.Field == "AgeBuckets");
        Assert.Equal(EdgeLayout.AgeBucketCount * sizeof(ulong), int.Parse(row.Bytes, CultureInfo.InvariantCulture));
        Assert.Equal([0, 1, 2, 3], Enumerable.Range(0, 4).Select(age => AgeHistogram.BucketOf((ulong)age)));
        for (var e = 2; e <= 44; e++)
        {
            for (var q = 0; q < 4; q++)
            {
                var first = (1UL << e) + ((ulong)q << (e - 2));
                Assert.Equal((4 * (e - 1)) + q, AgeHistogram.BucketOf(first));
                Assert.NotEqual((4 * (e - 1)) + q, AgeHistogram.BucketOf(first - 1));
            }
        }
    }

    private static int SizeOf(Type type) => (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;
}
