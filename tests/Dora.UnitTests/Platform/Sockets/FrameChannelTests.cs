// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using Dora.Platform;
using Dora.Platform.Files;
using Dora.Platform.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Dora.UnitTests.Platform.Sockets;

public sealed class FrameChannelTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Frames_of_every_length_arrive_whole_and_in_order()
    {
        var (a, b) = CreatePair();
        using (a)
        using (b)
        {
            int[] lengths = [0, 1, 3, 4, 5, 4091, 4092, 4093, 65_535, 65_536, 1 << 20, 0, 17];
            var sending = Task.Run(() =>
            {
                foreach (var length in lengths)
                    a.Send(Pattern(length));
                a.Shutdown();
            });
            foreach (var length in lengths)
            {
                Assert.True(b.Read(out var frame));
                Assert.True(frame.SequenceEqual(Pattern(length)), $"frame of {length} bytes differs");
            }
            Assert.False(b.Read(out _));
            await sending.WaitAsync(Patience);
        }
    }

    [Fact]
    public void Descriptors_arrive_with_their_frame_and_are_taken_by_count_in_order()
    {
        var (a, b) = CreatePair();
        using var _ = a;
        using var __ = b;
        var pipes = Enumerable.Range(0, 5).Select(_ => FileDescriptors.CreatePipe()).ToArray();

        a.Send([1]);
        a.Send([2], pipes[0].WriteEnd, pipes[1].WriteEnd);
        a.Send([3], pipes[2].WriteEnd);
        a.Send([4]);
        a.Send([5], pipes[3].WriteEnd, pipes[4].WriteEnd);
        foreach (var pipe in pipes)
            pipe.WriteEnd.Dispose(); // what was sent stays open at the receiver's

        var received = new List<SafeFileHandle>();
        foreach (var (name, count) in new[] { (1, 0), (2, 2), (3, 1), (4, 0), (5, 2) })
        {
            Assert.True(b.Read(out var frame));
            Assert.Equal(name, frame[0]);
            received.AddRange(b.TakeDescriptors(count));
        }
        for (var i = 0; i < pipes.Length; i++)
        {
            FileDescriptors.WriteAll(received[i], [(byte)i]);
            received[i].Dispose();
            var buffer = new byte[8];
            Assert.Equal(1, FileDescriptors.Read(pipes[i].ReadEnd, buffer));
            Assert.Equal(i, buffer[0]);
            Assert.Equal(0, FileDescriptors.Read(pipes[i].ReadEnd, buffer)); // the received one was the last writer
            pipes[i].ReadEnd.Dispose();
        }
    }

    [Fact]
    public void Descriptors_that_nobody_took_are_closed_with_the_channel()
    {
        var (a, b) = CreatePair();
        var pipe = FileDescriptors.CreatePipe();
        a.Send([1], pipe.WriteEnd);
        pipe.WriteEnd.Dispose();
        Assert.True(b.Read(out _));

        b.Dispose();

        Assert.Equal(0, FileDescriptors.Read(pipe.ReadEnd, new byte[1]));
        a.Dispose();
        pipe.ReadEnd.Dispose();
    }

    [Fact]
    public void The_most_descriptors_that_the_kernel_carries_arrive()
    {
        var (a, b) = CreatePair();
        using var _ = a;
        using var __ = b;
        var pipe = FileDescriptors.CreatePipe();
        var many = Enumerable.Repeat(pipe.WriteEnd, UnixSocket.MaxDescriptorsPerMessage).ToArray();

        a.Send([9], many);

        Assert.True(b.Read(out var _));
        var taken = b.TakeDescriptors(many.Length);
        Assert.Equal(many.Length, taken.Select(h => h.DangerousGetHandle()).Distinct().Count());
        foreach (var handle in taken)
            handle.Dispose();
        pipe.ReadEnd.Dispose();
        pipe.WriteEnd.Dispose();
    }

    [Fact]
    public void More_waiting_descriptors_than_allowed_end_the_session()
    {
        var (first, second) = UnixSocket.CreatePair();
        using var a = new FrameChannel(first);
        using var b = new FrameChannel(second, new FrameLimits { WaitingDescriptorsMax = 2 });
        var pipe = FileDescriptors.CreatePipe();

        a.Send([1], pipe.WriteEnd, pipe.WriteEnd, pipe.WriteEnd);

        Assert.Equal(FrameFault.TooManyDescriptors, Assert.Throws<FrameException>(() => b.Read(out _)).Fault);
        pipe.ReadEnd.Dispose();
        pipe.WriteEnd.Dispose();
    }

    [Fact]
    public void A_frame_that_names_more_descriptors_than_came_is_refused()
    {
        var (a, b) = CreatePair();
        using var _ = a;
        using var __ = b;
        a.Send([1]);
        Assert.True(b.Read(out var ___));

        Assert.Equal(FrameFault.MissingDescriptors, Assert.Throws<FrameException>(() => b.TakeDescriptors(1)).Fault);
        Assert.Equal(FrameFault.MissingDescriptors, Assert.Throws<FrameException>(() => b.TakeDescriptors(-1)).Fault);
    }

    [Theory]
    [InlineData(0xFFFFFFFFu)]
    [InlineData(0x80000000u)]
    [InlineData((1u << 20) + 1)]
    public void A_length_above_the_cap_ends_the_session_before_anything_is_allocated(uint length)
    {
        var (raw, second) = UnixSocket.CreatePair();
        using var b = new FrameChannel(second);
        var head = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(head, length);
        FileDescriptors.WriteAll(raw.Handle, head);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var e = Assert.Throws<FrameException>(() => b.Read(out _));

        Assert.Equal(FrameFault.TooLong, e.Fault);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
        raw.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(103)]
    public void An_end_inside_a_frame_is_told_from_an_end_between_frames(int bytesSent)
    {
        var (raw, second) = UnixSocket.CreatePair();
        using var b = new FrameChannel(second);
        var bytes = new byte[104];
        bytes[0] = 100;
        FileDescriptors.WriteAll(raw.Handle, bytes.AsSpan(0, bytesSent));
        raw.Dispose();

        Assert.Equal(FrameFault.Torn, Assert.Throws<FrameException>(() => b.Read(out _)).Fault);
    }

    [Fact]
    public void Sending_to_a_closed_peer_is_a_typed_error_and_stays_one()
    {
        var (a, b) = CreatePair();
        b.Dispose();

        Assert.Equal(FrameFault.PeerGone, Assert.Throws<FrameException>(() => a.Send([1])).Fault);
        Assert.Equal(FrameFault.PeerGone, Assert.Throws<FrameException>(() => a.Send([2])).Fault);
        a.Dispose();
    }

    [Fact]
    public void A_frame_above_the_cap_is_refused_before_it_is_sent()
    {
        var (a, b) = CreatePair();
        using var _ = a;
        using var __ = b;
        Assert.Equal(FrameFault.TooLong, Assert.Throws<FrameException>(() => a.Send(new byte[(1 << 20) + 1])).Fault);

        a.Send([7]);
        Assert.True(b.Read(out var frame));
        Assert.Equal(7, frame[0]);
    }

    [Fact]
    public void Reading_without_waiting_says_so()
    {
        var (a, b) = CreatePair();
        using var _ = a;
        using var __ = b;
        Assert.Equal(FrameReadStatus.NotYet, b.TryRead(out var ___));
        a.Send([1, 2]);
        Assert.Equal(FrameReadStatus.Frame, b.TryRead(out var frame));
        Assert.Equal([1, 2], frame.ToArray());
        Assert.Equal(FrameReadStatus.NotYet, b.TryRead(out ___));
        a.Shutdown();
        Assert.Equal(FrameReadStatus.End, b.TryRead(out ___));
    }

    [Fact]
    public async Task Shutdown_wakes_a_waiting_reader()
    {
        var (a, b) = CreatePair();
        using var _ = a;
        using var __ = b;
        var reading = Task.Run(() => b.Read(out var ___));

        b.Shutdown();

        Assert.False(await reading.WaitAsync(Patience));
    }

    [Fact]
    public async Task Many_senders_do_not_mix_their_frames()
    {
        var (a, b) = CreatePair();
        using var _ = a;
        using var __ = b;
        const int senders = 4, each = 500;
        var sending = Enumerable.Range(0, senders).Select(s => Task.Run(() =>
        {
            for (var i = 0; i < each; i++)
                a.Send(Enumerable.Repeat((byte)s, 1 + (i * 7 % 9000)).ToArray());
        })).ToArray();

        for (var i = 0; i < senders * each; i++)
        {
            Assert.True(b.Read(out var frame));
            Assert.False(frame.ContainsAnyExcept(frame[0]));
        }
        await Task.WhenAll(sending).WaitAsync(Patience);
    }

    [Fact]
    public void Random_bytes_never_do_worse_than_a_typed_error()
    {
        var random = new Random(20260820);
        for (var round = 0; round < 2_000; round++)
        {
            var (raw, second) = UnixSocket.CreatePair();
            using var b = new FrameChannel(second, new FrameLimits { FrameBytesMax = 300 });
            var bytes = new byte[random.Next(0, 600)];
            random.NextBytes(bytes);
            for (var i = 0; i + 4 <= bytes.Length && random.Next(4) != 0; i += 4 + bytes[i])
                bytes.AsSpan(i + 1, 3).Clear(); // mostly plausible lengths
            FileDescriptors.WriteAll(raw.Handle, bytes);
            raw.Dispose();
            try
            {
                while (b.Read(out var frame))
                    Assert.True(frame.Length <= 300);
            }
            catch (FrameException e)
            {
                Assert.True(e.Fault is FrameFault.TooLong or FrameFault.Torn);
            }
        }
    }

    private static (FrameChannel A, FrameChannel B) CreatePair()
    {
        var (first, second) = UnixSocket.CreatePair();
        return (new FrameChannel(first), new FrameChannel(second));
    }

    private static byte[] Pattern(int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
            bytes[i] = (byte)((i * 31) + length);
        return bytes;
    }
}
