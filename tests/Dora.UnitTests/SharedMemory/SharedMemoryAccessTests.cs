// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.Platform;
using Dora.Platform.Memory;
using Dora.SharedMemory;

namespace Dora.UnitTests.SharedMemory;

/// <summary>Who may do what with which memory: enforced by the kernel, asserted here.</summary>
public sealed class SharedMemoryAccessTests
{
    private const MemFdSeals Fixed = MemFdSeals.Grow | MemFdSeals.Shrink;

    [Fact]
    public void A_subscriber_can_neither_map_a_segment_writable_nor_make_its_mapping_writable()
    {
        using var fd = SegmentMemory.Create(8192, 4);
        Assert.Equal(Fixed, MemFd.GetSeals(fd) & ~MemFdSeals.Exec);
        using var publisher = WritableSegment.Map(1, fd);
        SegmentMemory.SealForReaders(fd);
        Assert.Equal(Fixed | MemFdSeals.FutureWrite | MemFdSeals.Seal, MemFd.GetSeals(fd) & ~MemFdSeals.Exec);

        var subscriber = ReadableSegment.Map(1, fd);
        Assert.Equal(Errno.EPERM, Assert.Throws<PlatformException>(() => WritableSegment.Map(1, fd)).Errno);
        Assert.Equal(Errno.EPERM, Assert.Throws<PlatformException>(() => MemoryMapping.Map(fd, 4096, writable: true)).Errno);
        Assert.Equal(Errno.EACCES, Assert.Throws<PlatformException>(() => subscriber.Mapping.Protect(writable: true)).Errno);

        publisher.Bytes(3, 128, 10).Fill(7); // what was mapped before the seal goes on writing, and readers see it
        Assert.Equal(7, Marshal.ReadByte(subscriber.Mapping.Address, 4096 + (3 * 8192) + 128));
        subscriber.Remove();
    }

    [Fact]
    public void A_slots_bytes_end_with_the_slot()
    {
        using var fd = SegmentMemory.Create(8192, 2);
        using var segment = WritableSegment.Map(1, fd);
        Assert.Equal(8192, segment.Bytes(1, 0, 8192).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Bytes(2, 0, 1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Bytes(-1, 0, 1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Bytes(0, 0, 8193).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Bytes(0, 8192, 1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Bytes(0, -1, 1).Length);
    }

    [Fact]
    public void Edges_and_doorbells_are_fixed_and_take_no_more_seals()
    {
        using var edge = EdgeMemory.Create(10);
        using var doorbell = DoorbellMemory.Create();
        Assert.Equal(Fixed | MemFdSeals.Seal, MemFd.GetSeals(edge) & ~MemFdSeals.Exec);
        Assert.Equal(Fixed | MemFdSeals.Seal, MemFd.GetSeals(doorbell) & ~MemFdSeals.Exec);
        Assert.Equal(Errno.EPERM, Assert.Throws<PlatformException>(() => MemFd.AddSeals(edge, MemFdSeals.FutureWrite)).Errno);
    }

    [Fact]
    public void A_removed_segment_stays_mapped_until_its_last_sample_is_returned()
    {
        using var fd = SegmentMemory.Create(8192, 1);
        var segment = ReadableSegment.Map(1, fd);
        Assert.True(segment.TryAddReference());
        segment.Remove();
        segment.Remove();
        Assert.False(segment.Mapping.IsClosed);
        Assert.True(segment.TryAddReference());
        segment.Release();
        segment.Release();
        Assert.True(segment.Mapping.IsClosed);
        Assert.False(segment.TryAddReference());
    }

    [Fact]
    public void What_can_not_be_reserved_is_a_typed_error()
    {
        var e = Assert.Throws<SharedMemoryExhaustedException>(() => SegmentMemory.Create(1 << 30, SegmentMemory.SlotCountMax));
        Assert.True(e.Bytes > 1L << 50);
        Assert.Throws<ArgumentException>(() => SegmentMemory.Create(1000, 1));
        Assert.Throws<ArgumentException>(() => SegmentMemory.Create(8192, 0));
        Assert.Throws<ArgumentException>(() => SegmentMemory.Create(SegmentMemory.SlotBytesMax + 4096, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => EdgeMemory.Create(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => EdgeMemory.Create(EdgeMemory.QueueSizeMax + 1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(16)]
    [InlineData(24)]
    [InlineData(32)]
    public void A_header_with_any_field_changed_is_refused(int offset)
    {
        using var segment = SegmentMemory.Create(8192, 2);
        using var edge = EdgeMemory.Create(4);
        using var doorbell = DoorbellMemory.Create();
        foreach (var fd in new[] { segment, edge, doorbell })
            Flip(fd, offset);
        Assert.Throws<SharedMemoryFormatException>(() => WritableSegment.Map(1, segment));
        Assert.Throws<SharedMemoryFormatException>(() => ReadableSegment.Map(1, segment));
        Assert.Throws<SharedMemoryFormatException>(() => EdgeReceiver.Map(edge));
        Assert.Throws<SharedMemoryFormatException>(() => EdgeMemory.ReadCounters(edge));
        Assert.Throws<SharedMemoryFormatException>(() => MappedDoorbell.Map(doorbell));
    }

    [Fact]
    public void A_consistent_lie_about_sizes_is_refused_too()
    {
        using var edge = EdgeMemory.Create(4);
        WriteHeader(edge, EdgeLayout.HeaderFor(1000)); // sound in itself, but the memory is shorter
        Assert.Contains("of 3072 bytes", Assert.Throws<SharedMemoryFormatException>(() => EdgeReceiver.Map(edge)).Message, StringComparison.Ordinal);

        using var segment = SegmentMemory.Create(8192, 2);
        WriteHeader(segment, SegmentLayout.HeaderFor(8192, 3));
        Assert.Throws<SharedMemoryFormatException>(() => ReadableSegment.Map(1, segment));
    }

    [Fact]
    public void One_kind_of_memory_is_not_taken_for_another()
    {
        using var segment = SegmentMemory.Create(8192, 2);
        using var edge = EdgeMemory.Create(4);
        Assert.Throws<SharedMemoryFormatException>(() => EdgeReceiver.Map(segment));
        Assert.Throws<SharedMemoryFormatException>(() => ReadableSegment.Map(1, edge));
        Assert.Throws<SharedMemoryFormatException>(() => MappedDoorbell.Map(edge));
        using var tiny = MemFd.Create("tiny", 10);
        Assert.Throws<SharedMemoryFormatException>(() => EdgeReceiver.Map(tiny));
        using var file = File.OpenHandle("/proc/self/exe");
        Assert.ThrowsAny<Exception>(() => EdgeReceiver.Map(file));
    }

    private static void Flip(SafeHandle fd, int offset)
    {
        using var mapping = MemoryMapping.Map(fd, 128, writable: true);
        Marshal.WriteByte(mapping.Address, offset, (byte)(Marshal.ReadByte(mapping.Address, offset) ^ 1));
    }

    private static unsafe void WriteHeader<T>(SafeHandle fd, T header)
        where T : unmanaged
    {
        using var mapping = MemoryMapping.Map(fd, 128, writable: true);
        *(T*)mapping.Address = header;
    }
}
