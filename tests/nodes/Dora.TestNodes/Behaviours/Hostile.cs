// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dora.Nodes;
using Dora.Nodes.Connection;
using Dora.Platform.Sockets;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Google.Protobuf;

namespace Dora.TestNodes.Behaviours;

/// <summary>Nodes that break the rules, on shared memory and on the socket.</summary>
internal static class Hostile
{
    /// <summary>Writes into a received payload. The kernel must end this process; reaching the end is a failure of the system.</summary>
    public static int WritePayload(Options options)
    {
        using var node = DoraNode.InitFromEnv();
        while (node.Recv() is { } e)
        {
            if (e is not InputEvent { Data.Length: > 128 } input)
                continue; // short ones travel by value
            Console.WriteLine("writing into a payload");
            Console.Out.Flush();
            Unsafe.AsRef(in MemoryMarshal.GetReference(input.Data.Span)) ^= 0xFF;
            var result = new ResultFile(options.TryText("result")) { ["written"] = "1" };
            result.Write();
            return 0;
        }

        return 0;
    }

    /// <summary>Overwrites random words of every edge's memory, again and again. <c>--seed</c>, <c>--words</c>, <c>--interval-ms</c>.</summary>
    public static int ScribbleRing(Options options)
    {
        using var node = DoraNode.InitFromEnv();
        var random = new Random((int)options.Number("seed", 1));
        var words = options.Number("words", 64);
        var payload = new byte[options.Number("size", 64)];
        for (ulong number = 1; ; number++)
        {
            var e = node.Recv(options.Milliseconds("interval-ms", 5));
            if (e is StopEvent || (e is null && node.HasEnded))
                return 0;
            TestPayload.Write(payload, number, (uint)Environment.ProcessId);
            foreach (var output in node.Config.Outputs)
                node.TrySendOutput(output, payload);
            foreach (var (start, length) in EdgeMappings())
                Scribble(random, start, length, words);
        }
    }

    /// <summary>
    /// <c>--what</c>: garbage, huge, torn, nested, wrong_secret, no_hello, flood, and the words of <see cref="OutOfPlace"/>;
    /// <c>--when running</c>: not before the start.
    /// </summary>
    public static int BadFrames(Options options)
    {
        var environment = NodeEnvironment.Read();
        using var socket = UnixSocket.Connect(environment.SocketPath);
        using var channel = new FrameChannel(socket, new FrameLimits { FrameBytesMax = 64 << 20 });
        var what = options.Text("what", "garbage");
        if (what == "no_hello")
        {
            channel.Send(new NodeToDaemon { Ready = new Ready() }.ToByteArray());
            return WaitForEnd(channel);
        }

        var hello = new NodeToDaemon
        {
            Hello = new Hello
            {
                Version = ProtocolVersions.Current(),
                DataflowId = environment.DataflowId,
                NodeId = environment.NodeId,
                Secret = ByteString.CopyFrom(what == "wrong_secret" ? new byte[32] : environment.Secret),
                Pid = (uint)Environment.ProcessId,
                Language = "csharp",
            },
        };
        channel.Send(hello.ToByteArray());
        if (what == "wrong_secret")
            return WaitForEnd(channel);

        channel.Read(out _); // the welcome
        if (options.Text("when", "joining") == "running")
            WaitForStart(channel);
        switch (what)
        {
            case "huge":
                SendBytes(socket, [0xFF, 0xFF, 0xFF, 0xFF]);
                break;
            case "torn":
                SendBytes(socket, [100, 0, 0, 0, 1, 2, 3]);
                socket.ShutdownSend();
                break;
            case "nested":
                channel.Send(Nested());
                break;
            case "flood":
                return Flood(channel);
            case "garbage":
                channel.Send(RandomBytes(1000));
                break;
            case "hello_again":
                channel.Send(hello.ToByteArray());
                break;
            default:
                channel.Send(OutOfPlace(what).ToByteArray());
                break;
        }

        return WaitForEnd(channel);
    }

    /// <summary>Messages that are well formed and not this node's to send.</summary>
    private static NodeToDaemon OutOfPlace(string what) => what switch
    {
        "ready_again" => new NodeToDaemon { Ready = new Ready() },
        "unknown_output" => new NodeToDaemon { RequestSegment = new RequestSegment { RequestId = 1, OutputId = "no\u001b[31m such", SlotBytes = 4096, SlotCount = 1 } },
        "close_unknown" => new NodeToDaemon { CloseOutputs = new CloseOutputs { OutputIds = { "data", "none" } } },
        "map_unknown" => new NodeToDaemon { SegmentMapped = new SegmentMapped { SegmentId = 12345 } },
        "retire_unknown" => new NodeToDaemon { RetireSegment = new RetireSegment { SegmentId = 12345 } },
        "foreign_edge" => new NodeToDaemon { PeerFault = new ReportPeerFault { EdgeId = 1, Reason = "made up" } }, // the first edge of the dataflow
        "unknown_operator" => new NodeToDaemon { OperatorReport = new OperatorReport { OperatorId = "none", State = OperatorState.StopAll } },
        _ => throw new ArgumentException($"nothing is called '{what}'", nameof(what)),
    };

    private static void WaitForStart(FrameChannel channel)
    {
        while (channel.Read(out var frame))
        {
            switch (MessageDecoder.DecodeDaemonToNode(frame).BodyCase)
            {
                case DaemonToNode.BodyOneofCase.WiringDone:
                    channel.Send(new NodeToDaemon { Ready = new Ready() }.ToByteArray());
                    break;
                case DaemonToNode.BodyOneofCase.Start:
                    return;
            }
        }
    }

    /// <summary>Log records without end, without ever reading what comes back.</summary>
    private static int Flood(FrameChannel channel)
    {
        var record = new NodeToDaemon { Log = new LogRecord { Level = Dora.Protocol.Messages.LogLevel.Info, Message = new string('x', 1000) } }.ToByteArray();
        try
        {
            while (true)
                channel.Send(record);
        }
        catch (FrameException)
        {
            return 0;
        }
    }

    private static byte[] Nested()
    {
        // Groups of field 15, opened and never closed: only the parser's own depth limit ends them.
        var frame = new byte[100_000];
        frame.AsSpan().Fill((15 << 3) | 3);
        return frame;
    }

    private static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        new Random(42).NextBytes(bytes);
        return bytes;
    }

    private static void SendBytes(UnixSocket socket, ReadOnlySpan<byte> bytes) =>
        SocketMessages.Send(socket.Handle, bytes, default, default, wait: true);

    private static int WaitForEnd(FrameChannel channel)
    {
        try
        {
            while (channel.Read(out _))
            {
            }
        }
        catch (FrameException)
        {
            // cut off: as it should be
        }

        Console.WriteLine("the daemon ended the session");
        return 0;
    }

    private static List<(nint Start, nint Length)> EdgeMappings()
    {
        var found = new List<(nint, nint)>();
        foreach (var line in File.ReadLines("/proc/self/maps"))
        {
            if (!line.Contains("rw-s", StringComparison.Ordinal) || !line.Contains("memfd:", StringComparison.Ordinal) || !line.Contains("edge", StringComparison.Ordinal))
                continue;
            var range = line[..line.IndexOf(' ')].Split('-');
            var start = nint.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            found.Add((start, nint.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) - start));
        }

        return found;
    }

    private static unsafe void Scribble(Random random, nint start, nint length, long words)
    {
        for (var i = 0L; i < words; i++)
        {
            // SAFETY: a mapping of this process that was listed as writable a moment ago; this node ends by itself before it is unmapped.
            *(long*)(start + (nint)(random.NextInt64(length / sizeof(long)) * sizeof(long))) = random.NextInt64(long.MinValue, long.MaxValue);
        }
    }
}
