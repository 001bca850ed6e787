// SPDX-License-Identifier: Apache-2.0

using System.IO.Pipelines;
using System.Net.Sockets;
using Dora.Peers.Harness;

namespace Dora.Peers;

/// <summary>System.IO.Pipelines over a UNIX stream socket, asynchronous, frames parsed in place.</summary>
internal sealed class PipelinesLink : Link
{
    // Payloads up to here are copied behind their header and leave in one write.
    private const int TogetherBytesMax = 32 * 1024;

    private readonly NetworkStream _stream;
    private readonly PipeReader _reader;
    private readonly PipeWriter _writer;
    private SequencePosition? _consumed;

    public PipelinesLink(Socket socket, int sizeBytes)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        int bufferBytes = Math.Clamp(sizeBytes * 2, 64 * 1024, 1 << 20);
        _reader = PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: bufferBytes, minimumReadSize: bufferBytes / 4));
        _writer = PipeWriter.Create(_stream, new StreamPipeWriterOptions(minimumBufferSize: 64 * 1024));
    }

    public override async ValueTask SendAsync(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        int together = payload.Length <= TogetherBytesMax ? payload.Length : 0;
        var span = _writer.GetSpan(FrameHeader.SizeBytes + together);
        header.Write(span);
        payload.Span[..together].CopyTo(span[FrameHeader.SizeBytes..]);
        _writer.Advance(FrameHeader.SizeBytes + together);
        if (together == payload.Length)
            await _writer.FlushAsync().ConfigureAwait(false);
        else
            await _writer.WriteAsync(payload).ConfigureAwait(false); // flushes the header, then writes without a copy
    }

    public override async ValueTask<Frame> ReceiveAsync()
    {
        if (_consumed is { } consumed)
        {
            _reader.AdvanceTo(consumed);
            _consumed = null;
        }

        var buffer = (await ReadAtLeastAsync(FrameHeader.SizeBytes).ConfigureAwait(false)).Buffer;
        var header = FrameHeader.Read(buffer);
        int frameBytes = FrameHeader.SizeBytes + header.LengthBytes;
        if (buffer.Length < frameBytes)
        {
            _reader.AdvanceTo(buffer.Start, buffer.End);
            buffer = (await ReadAtLeastAsync(frameBytes).ConfigureAwait(false)).Buffer;
        }

        var payload = buffer.Slice(FrameHeader.SizeBytes, header.LengthBytes);
        _consumed = payload.End;
        return new Frame(header, payload);
    }

    public override async ValueTask DisposeAsync()
    {
        await _reader.CompleteAsync().ConfigureAwait(false);
        await _writer.CompleteAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<ReadResult> ReadAtLeastAsync(int count)
    {
        var result = await _reader.ReadAtLeastAsync(count).ConfigureAwait(false);
        return result.Buffer.Length >= count ? result : throw new EndOfStreamException("the other side closed its socket");
    }
}
