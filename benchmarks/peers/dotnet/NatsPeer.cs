// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Dora.Peers.Harness;
using NATS.Client.Core;

namespace Dora.Peers;

/// <summary>Header and payload, written into the client's buffer by <see cref="FrameSerializer"/>.</summary>
internal readonly record struct NatsFrame(FrameHeader Header, ReadOnlyMemory<byte> Payload);

/// <summary>One copy, no intermediate array.</summary>
internal sealed class FrameSerializer : INatsSerialize<NatsFrame>
{
    public static FrameSerializer Instance { get; } = new();

    public void Serialize(IBufferWriter<byte> bufferWriter, NatsFrame value)
    {
        var span = bufferWriter.GetSpan(FrameHeader.SizeBytes + value.Payload.Length);
        value.Header.Write(span);
        value.Payload.Span.CopyTo(span[FrameHeader.SizeBytes..]);
        bufferWriter.Advance(FrameHeader.SizeBytes + value.Payload.Length);
    }
}

/// <summary>Where frames go: the data to all subscribers, the answers of each back.</summary>
internal static class Nats
{
    /// <summary>Core NATS drops what a slow consumer leaves lying, so the sender keeps at most this much under way.</summary>
    public static int CreditWindow(int sizeBytes) => Math.Clamp((16 << 20) / Math.Max(1, sizeBytes), 2, 2048);

    public const string Data = "data";

    public static string Answers(int subscriber) => "answers." + subscriber.ToString(CultureInfo.InvariantCulture);

    public static async Task<NatsConnection> ConnectAsync(string url, int sizeBytes)
    {
        var connection = new NatsConnection(NatsOpts.Default with
        {
            Url = url,
            WriterBufferSize = Math.Max(64 * 1024, Math.Min(sizeBytes * 2, 8 << 20)),
            ReaderBufferSize = Math.Max(64 * 1024, Math.Min(sizeBytes * 2, 8 << 20)),
            SubPendingChannelCapacity = 8192,
            CommandTimeout = TimeSpan.FromSeconds(60),
        });
        await connection.ConnectAsync().ConfigureAwait(false);
        return connection;
    }
}

/// <summary>Publishes on one subject, takes what arrives on another; payloads are pooled.</summary>
internal sealed class NatsLink(NatsConnection connection, string to, INatsSub<NatsMemoryOwner<byte>> from, bool ownsConnection) : Link
{
    private NatsMemoryOwner<byte> _held = NatsMemoryOwner<byte>.Empty;

    public static async Task<NatsLink> OpenAsync(NatsConnection connection, string to, string from, bool ownsConnection)
    {
        var subscription = await connection.SubscribeCoreAsync<NatsMemoryOwner<byte>>(from).ConfigureAwait(false);
        return new NatsLink(connection, to, subscription, ownsConnection);
    }

    public override ValueTask SendAsync(FrameHeader header, ReadOnlyMemory<byte> payload) =>
        connection.PublishAsync(to, new NatsFrame(header, payload), serializer: FrameSerializer.Instance);

    public override async ValueTask<Frame> ReceiveAsync()
    {
        _held.Dispose();
        var message = await from.Msgs.ReadAsync().ConfigureAwait(false);
        _held = message.Data;
        var bytes = new ReadOnlySequence<byte>(_held.Memory);
        return new Frame(FrameHeader.Read(bytes), bytes.Slice(FrameHeader.SizeBytes));
    }

    public override async ValueTask DisposeAsync()
    {
        _held.Dispose();
        await from.DisposeAsync().ConfigureAwait(false);
        if (ownsConnection)
            await connection.DisposeAsync().ConfigureAwait(false);
    }
}

/// <summary>The publisher, which also owns the broker.</summary>
internal sealed class NatsPublisher(NatsServer server, NatsConnection connection, IReadOnlyList<Link> answers, int sizeBytes) : PublisherEnd
{
    public override int CreditWindow => Nats.CreditWindow(sizeBytes);

    public override double OthersCpuUs => server.CpuUs;

    /// <summary>The broker fans out: one publish reaches all.</summary>
    public override ValueTask SendAsync(FrameHeader header, ReadOnlyMemory<byte> payload) =>
        connection.PublishAsync(Nats.Data, new NatsFrame(header, payload), serializer: FrameSerializer.Instance);

    public override ValueTask<Frame> ReceiveAsync(int subscriber) => answers[subscriber].ReceiveAsync();

    public override async ValueTask DisposeAsync()
    {
        foreach (var answer in answers)
            await answer.DisposeAsync().ConfigureAwait(false);
        await connection.DisposeAsync().ConfigureAwait(false);
        server.Dispose();
    }
}

/// <summary>A nats-server of this run alone, on a free port of the loopback interface.</summary>
internal sealed class NatsServer : IDisposable
{
    private readonly Process _process;

    private NatsServer(Process process, string url)
    {
        _process = process;
        Url = url;
    }

    public string Url { get; }

    /// <summary>User and system time of all of the server's threads, from the scheduler's ns counters.</summary>
    public double CpuUs
    {
        get
        {
            double us = 0;
            foreach (string task in Directory.EnumerateDirectories($"/proc/{_process.Id}/task"))
            {
                string text = File.ReadAllText(Path.Combine(task, "schedstat"));
                us += double.Parse(text.AsSpan(0, text.IndexOf(' ')), CultureInfo.InvariantCulture) / 1000;
            }

            return us;
        }
    }

    /// <exception cref="UnsupportedException">nats-server is not installed.</exception>
    public static async Task<NatsServer> StartAsync(string folder)
    {
        string binary = FindBinary("nats-server") ?? throw new UnsupportedException("nats-server is not installed");
        string config = Path.Combine(folder, "nats.conf");
        // 64 MB is the most that the server allows; port -1 is any free one, which it then writes into the folder.
        File.WriteAllText(config, $"""
            host: 127.0.0.1
            port: -1
            max_payload: 67108864
            max_pending: 536870912
            write_deadline: "60s"
            ports_file_dir: "{folder}"
            """);
        // The kernel ends the server with the thread that starts it: the main thread, as nothing was awaited yet.
        bool tied = FindBinary("setpriv") is not null;
        var start = new ProcessStartInfo(tied ? "setpriv" : binary, tied ? ["--pdeathsig", "KILL", binary, "-c", config] : ["-c", config])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        for (long until = Usage.NowNs + 20_000_000_000; Usage.NowNs < until && !process.HasExited;)
        {
            if (ReadUrl(folder) is { } url)
                return new NatsServer(process, url);
            await Task.Delay(5).ConfigureAwait(false);
        }

        process.Kill();
        throw new InvalidOperationException("nats-server did not start");
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static string? ReadUrl(string folder)
    {
        try
        {
            string? file = Directory.EnumerateFiles(folder, "*.ports").FirstOrDefault();
            if (file is null)
                return null;
            using var ports = JsonDocument.Parse(File.ReadAllText(file));
            return ports.RootElement.GetProperty("nats")[0].GetString();
        }
        catch (JsonException)
        {
            return null; // half written
        }
    }

    private static string? FindBinary(string name) =>
        (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
