// SPDX-License-Identifier: Apache-2.0

using System.Threading.Channels;
using Dora.Platform;
using Dora.Platform.Files;
using Dora.Platform.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Dora.UnitTests.Platform.Sockets;

public sealed class FrameConnectionTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly EventPoll _poll = new("test poll");

    public void Dispose() => _poll.Dispose();

    [Fact]
    public async Task Frames_and_descriptors_go_both_ways()
    {
        var (peer, connection, handler) = Connect(takeDescriptors: 1);
        var pipe = FileDescriptors.CreatePipe();

        peer.Send([1, 2, 3], pipe.WriteEnd);
        Assert.Equal([1, 2, 3], await handler.NextAsync());
        FileDescriptors.WriteAll(handler.Taken.Single(), [42]);
        var buffer = new byte[1];
        Assert.Equal(1, FileDescriptors.Read(pipe.ReadEnd, buffer));

        Assert.True(connection.Send([9], pipe.ReadEnd));
        Assert.True(peer.Read(out var frame));
        Assert.Equal(9, frame[0]);
        Assert.Single(peer.TakeDescriptors(1));

        peer.Dispose();
        Assert.Null(await handler.Ended.Task.WaitAsync(Patience));
        Assert.False(connection.Send([1]));
    }

    [Fact]
    public async Task Sending_to_a_peer_that_does_not_read_waits_in_memory_and_arrives_in_order_with_its_descriptors()
    {
        var (peer, connection, _) = Connect();
        using var __ = peer;
        var pipe = FileDescriptors.CreatePipe();
        const int frames = 40;
        for (var i = 0; i < frames; i++)
            Assert.True(i % 3 == 0 ? connection.Send(Body(i), pipe.WriteEnd) : connection.Send(Body(i)));

        await Task.Run(() =>
        {
            for (var i = 0; i < frames; i++)
            {
                Assert.True(peer.Read(out var frame));
                Assert.True(frame.SequenceEqual(Body(i)), $"frame {i}");
                foreach (var descriptor in peer.TakeDescriptors(i % 3 == 0 ? 1 : 0))
                    descriptor.Dispose();
            }
        }).WaitAsync(Patience);
        pipe.ReadEnd.Dispose();
        pipe.WriteEnd.Dispose();

        static byte[] Body(int i) => Enumerable.Repeat((byte)i, 50_000 + i).ToArray();
    }

    [Fact]
    public async Task A_peer_that_never_reads_is_cut_off_at_the_bound()
    {
        var (peer, connection, handler) = Connect(limits: new FrameLimits { UnsentBytesMax = 1 << 20 });
        using var _ = peer;
        var sent = 0;
        while (connection.Send(new byte[100_000]))
            Assert.True(++sent < 100);

        var fault = await handler.Ended.Task.WaitAsync(Patience);
        Assert.Equal(FrameFault.Stalled, fault?.Fault);
    }

    [Fact]
    public async Task A_bad_length_ends_that_session_only()
    {
        var (raw, second) = UnixSocket.CreatePair();
        var bad = new Handler();
        new FrameConnection(_poll, second, bad).Start();
        var (peer, _, good) = Connect();

        FileDescriptors.WriteAll(raw.Handle, [0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3]);
        Assert.Equal(FrameFault.TooLong, (await bad.Ended.Task.WaitAsync(Patience))?.Fault);

        peer.Send([5]);
        Assert.Equal([5], await good.NextAsync());
        peer.Dispose();
        raw.Dispose();
    }

    [Fact]
    public async Task Naming_descriptors_that_did_not_come_ends_the_session()
    {
        var (peer, _, handler) = Connect(takeDescriptors: 1);
        using var __ = peer;
        peer.Send([1]);
        Assert.Equal(FrameFault.MissingDescriptors, (await handler.Ended.Task.WaitAsync(Patience))?.Fault);
    }

    [Fact]
    public async Task Many_small_frames_in_one_buffer_are_all_delivered()
    {
        var (peer, _, handler) = Connect();
        using var __ = peer;
        const int frames = 5_000;
        var sending = Task.Run(() =>
        {
            for (var i = 0; i < frames; i++)
                peer.Send(BitConverter.GetBytes(i));
        });
        for (var i = 0; i < frames; i++)
            Assert.Equal(i, BitConverter.ToInt32(await handler.NextAsync()));
        await sending;
    }

    [Fact]
    public async Task Closing_reads_as_the_end_at_the_peer()
    {
        var (peer, connection, handler) = Connect();
        using var _ = peer;
        connection.Close();
        Assert.Null(await handler.Ended.Task.WaitAsync(Patience));
        Assert.False(peer.Read(out var __));
    }

    [Fact]
    public async Task A_server_accepts_until_it_is_disposed()
    {
        var folder = Directory.CreateTempSubdirectory("dora-test-");
        var path = Path.Combine(folder.FullName, "s.sock");
        var accepted = Channel.CreateUnbounded<UnixSocket>();
        var server = new UnixServer(_poll, UnixListener.Listen(path), s => accepted.Writer.TryWrite(s), e => Assert.Fail(e.Message));
        for (var i = 0; i < 3; i++)
        {
            using var client = UnixSocket.Connect(path);
            using var socket = await accepted.Reader.ReadAsync().AsTask().WaitAsync(Patience);
            Assert.Equal(Environment.ProcessId, socket.GetPeerCredentials().Pid);
        }

        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Dispose();
        _poll.Post(gone.SetResult);
        await gone.Task.WaitAsync(Patience);

        Assert.False(File.Exists(path));
        Assert.Throws<PlatformException>(() => UnixSocket.Connect(path));
        folder.Delete();
    }

    private (FrameChannel Peer, FrameConnection Connection, Handler Handler) Connect(int takeDescriptors = 0, FrameLimits? limits = null)
    {
        var (first, second) = UnixSocket.CreatePair();
        var handler = new Handler { TakePerFrame = takeDescriptors };
        var connection = new FrameConnection(_poll, second, handler, limits);
        connection.Start();
        return (new FrameChannel(first), connection, handler);
    }

    private sealed class Handler : IFrameHandler
    {
        private readonly Channel<byte[]> _frames = Channel.CreateUnbounded<byte[]>();

        public int TakePerFrame { get; init; }
        public List<SafeFileHandle> Taken { get; } = [];
        public TaskCompletionSource<FrameException?> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<byte[]> NextAsync() => await _frames.Reader.ReadAsync().AsTask().WaitAsync(Patience);

        public void OnFrame(FrameConnection connection, ReadOnlySpan<byte> frame)
        {
            Taken.AddRange(connection.TakeDescriptors(TakePerFrame));
            _frames.Writer.TryWrite(frame.ToArray());
        }

        public void OnEnd(FrameConnection connection, FrameException? fault) => Ended.SetResult(fault);
    }
}
