// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Buffers.Binary;

namespace Dora.Peers.Harness;

/// <summary>What a frame is for.</summary>
internal enum FrameKind : uint
{
    /// <summary>A message; in ping-pong it is answered by one of the same size.</summary>
    Data = 0,

    /// <summary>Warm-up is over: both sides take their readings, the subscriber answers.</summary>
    Mark = 1,

    /// <summary>The last measured message was sent: the subscriber takes its readings and answers.</summary>
    End = 2,

    /// <summary>The subscriber has taken everything up to the sequence number (peers without back pressure).</summary>
    Credit = 3,
}

/// <summary>The 24 bytes before each payload, little-endian.</summary>
/// <param name="LengthBytes">Bytes of payload that follow.</param>
/// <param name="Kind">What the frame is for.</param>
/// <param name="Sequence">Counts the data frames from 0.</param>
/// <param name="StampNs">CLOCK_MONOTONIC right before the frame was handed to the transport.</param>
internal readonly record struct FrameHeader(int LengthBytes, FrameKind Kind, long Sequence, long StampNs)
{
    /// <summary>Bytes of the encoded header.</summary>
    public const int SizeBytes = 24;

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, LengthBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], (uint)Kind);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], StampNs);
    }

    public static FrameHeader Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadInt32LittleEndian(source),
        (FrameKind)BinaryPrimitives.ReadUInt32LittleEndian(source[4..]),
        BinaryPrimitives.ReadInt64LittleEndian(source[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(source[16..]));

    /// <summary>Reads a header that may straddle two segments.</summary>
    public static FrameHeader Read(in ReadOnlySequence<byte> source)
    {
        if (source.FirstSpan.Length >= SizeBytes)
            return Read(source.FirstSpan);
        Span<byte> copy = stackalloc byte[SizeBytes];
        source.Slice(0, SizeBytes).CopyTo(copy);
        return Read(copy);
    }
}

/// <summary>A received frame. The payload is valid until the next receive on the same link.</summary>
internal readonly record struct Frame(FrameHeader Header, ReadOnlySequence<byte> Payload);

/// <summary>One end of a two-way, ordered, lossless connection. One sender and one receiver at a time.</summary>
internal abstract class Link : IAsyncDisposable
{
    /// <summary>Sends header and payload; waits while the other side is too slow. The payload may be reused on return.</summary>
    public abstract ValueTask SendAsync(FrameHeader header, ReadOnlyMemory<byte> payload);

    /// <exception cref="EndOfStreamException">The other side is gone.</exception>
    public abstract ValueTask<Frame> ReceiveAsync();

    public abstract ValueTask DisposeAsync();
}

/// <summary>The publisher's side: sends to all subscribers, receives from each.</summary>
internal abstract class PublisherEnd : IAsyncDisposable
{
    /// <summary>Messages that may be under way to the slowest subscriber; 0 where the transport has back pressure of its own.</summary>
    public virtual int CreditWindow => 0;

    /// <summary>User and system time of processes that work for this peer besides publisher and subscribers (a broker), in us.</summary>
    public virtual double OthersCpuUs => 0;

    /// <summary>Sends to every subscriber.</summary>
    public abstract ValueTask SendAsync(FrameHeader header, ReadOnlyMemory<byte> payload);

    /// <summary>The next answer of one subscriber.</summary>
    public abstract ValueTask<Frame> ReceiveAsync(int subscriber);

    public abstract ValueTask DisposeAsync();
}

/// <summary>A publisher with one link to each subscriber.</summary>
internal class LinkedPublisher(IReadOnlyList<Link> links) : PublisherEnd
{
    public sealed override async ValueTask SendAsync(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        for (int i = 0; i < links.Count; i++)
            await links[i].SendAsync(header, payload).ConfigureAwait(false);
    }

    public sealed override ValueTask<Frame> ReceiveAsync(int subscriber) => links[subscriber].ReceiveAsync();

    public override async ValueTask DisposeAsync()
    {
        foreach (var link in links)
            await link.DisposeAsync().ConfigureAwait(false);
    }
}
