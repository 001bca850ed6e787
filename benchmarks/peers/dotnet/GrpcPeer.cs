// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Net.Sockets;
using Dora.Peers.Grpc;
using Dora.Peers.Harness;
using Google.Protobuf;
using global::Grpc.Core;
using global::Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dora.Peers;

/// <summary>One duplex call: messages one way, answers the other.</summary>
internal sealed class GrpcLink(
    Func<FrameMessage, Task> write, IAsyncStreamReader<FrameMessage> reader, Func<ValueTask> close) : Link
{
    // Sent messages are serialised before the write completes, so one object per direction serves all.
    private readonly FrameMessage _out = new();

    public override ValueTask SendAsync(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        _out.Kind = (uint)header.Kind;
        _out.Sequence = (ulong)header.Sequence;
        _out.StampNs = (ulong)header.StampNs;
        _out.Payload = UnsafeByteOperations.UnsafeWrap(payload); // no copy before serialisation
        return new ValueTask(write(_out));
    }

    public override async ValueTask<Frame> ReceiveAsync()
    {
        if (!await reader.MoveNext(CancellationToken.None).ConfigureAwait(false))
            throw new EndOfStreamException("the call is over");
        var message = reader.Current;
        var header = new FrameHeader(message.Payload.Length, (FrameKind)message.Kind, (long)message.Sequence, (long)message.StampNs);
        return new Frame(header, new ReadOnlySequence<byte>(message.Payload.Memory));
    }

    public override ValueTask DisposeAsync() => close();
}

/// <summary>Hands each call to the publisher and keeps it open until the publisher closes its link.</summary>
internal sealed class FramesService(GrpcServer server) : Frames.FramesBase
{
    public override Task Exchange(
        IAsyncStreamReader<FrameMessage> requestStream, IServerStreamWriter<FrameMessage> responseStream, ServerCallContext context)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var link = new GrpcLink(responseStream.WriteAsync, requestStream, () =>
        {
            closed.TrySetResult();
            return ValueTask.CompletedTask;
        });
        server.Join(int.Parse(context.RequestHeaders.GetValue("subscriber") ?? "0"), link);
        return closed.Task;
    }
}

/// <summary>Kestrel on a UNIX socket, HTTP/2 without TLS, no logging, large windows and frames.</summary>
internal sealed class GrpcServer(int fan)
{
    private const int WindowBytes = 16 << 20;

    private readonly Link?[] _links = new Link?[fan];
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _joined;

    /// <summary>A subscriber's call has begun.</summary>
    public void Join(int index, Link link)
    {
        _links[index] = link;
        if (Interlocked.Increment(ref _joined) == fan)
            _complete.SetResult();
    }

    /// <summary>Starts the server; the task ends when it listens.</summary>
    public async Task<WebApplication> StartAsync(string path)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MaxResponseBufferSize = 1 << 20;
            kestrel.Limits.Http2.MaxFrameSize = (1 << 20) - 1;
            kestrel.Limits.Http2.InitialStreamWindowSize = WindowBytes;
            kestrel.Limits.Http2.InitialConnectionWindowSize = WindowBytes;
            kestrel.ListenUnixSocket(path, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddSingleton(this);
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = grpc.MaxSendMessageSize = null);
        var application = builder.Build();
        application.MapGrpcService<FramesService>();
        await application.StartAsync().ConfigureAwait(false);
        return application;
    }

    /// <summary>Waits until all subscribers have called.</summary>
    public async Task<IReadOnlyList<Link>> AllAsync()
    {
        await _complete.Task.ConfigureAwait(false);
        return _links!;
    }

    /// <summary>A subscriber's side.</summary>
    public static Link Connect(string path, int index)
    {
        var handler = new SocketsHttpHandler
        {
            InitialHttp2StreamWindowSize = WindowBytes,
            ConnectTimeout = TimeSpan.FromSeconds(30),
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = UdsLink.Create();
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        var channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = null,
            MaxSendMessageSize = null,
        });
        var call = new Frames.FramesClient(channel).Exchange(new Metadata { { "subscriber", index.ToString() } });
        return new GrpcLink(call.RequestStream.WriteAsync, call.ResponseStream, async () =>
        {
            // Disposing at once would abort the call and could take the last answer with it.
            await call.RequestStream.CompleteAsync().ConfigureAwait(false);
            while (await call.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false))
            {
            }

            call.Dispose();
            channel.Dispose();
        });
    }
}

/// <summary>A publisher that owns the server of its links.</summary>
internal sealed class GrpcPublisher(WebApplication application, IReadOnlyList<Link> links) : LinkedPublisher(links)
{
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync().ConfigureAwait(false);
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await application.StopAsync(soon.Token).ConfigureAwait(false);
        await application.DisposeAsync().ConfigureAwait(false);
    }
}
