// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Dora.Peers.Harness;

/// <summary>What is measured.</summary>
internal enum BenchmarkCase
{
    /// <summary>Half the round trip of one message and its answer of the same size.</summary>
    PingPong,

    /// <summary>One-way latency at a fixed rate; with several subscribers that of the last one served.</summary>
    Paced,

    /// <summary>Messages per second without loss, each reaching every subscriber.</summary>
    Throughput,
}

/// <summary>The peer does not offer what was asked; exit code 3, reason on stderr.</summary>
internal sealed class UnsupportedException(string reason) : Exception(reason);

/// <summary>The command line that every peer understands (benchmarks/README.md).</summary>
internal sealed record PeerOptions(
    string Peer,
    BenchmarkCase Case,
    int SizeBytes,
    string Wait,
    string Fill,
    int Fan,
    int Messages,
    double RateHz,
    int Warmup,
    int? Subscriber,
    string Folder,
    bool Pin = false)
{
    /// <summary>Every byte is read and summed by the receiver.</summary>
    public bool Touch => Fill == "touch";

    /// <summary>Which process of the run this is.</summary>
    public string Role => Subscriber is { } index ? $"subscriber {index}" : "publisher";

    /// <exception cref="ArgumentException">Unknown option or a value out of range.</exception>
    /// <exception cref="UnsupportedException">Sockets have neither loans nor spinning receivers.</exception>
    public static PeerOptions Parse(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length == 0)
            throw new ArgumentException("the first argument is the peer: uds, pipelines, nats or grpc");
        var options = new PeerOptions(arguments[0], BenchmarkCase.PingPong, 8, "block", "write", 1, 0, 1000, 0, null, "");
        for (int i = 1; i < arguments.Length; i++)
        {
            if (arguments[i] == "--pin")
            {
                options = options with { Pin = true };
                continue;
            }

            if (i + 1 == arguments.Length)
                throw new ArgumentException($"{arguments[i]} needs a value");
            string value = arguments[++i];
            options = arguments[i - 1] switch
            {
                "--case" => options with { Case = ParseCase(value) },
                "--size" => options with { SizeBytes = Number(value, 0, 1 << 30) },
                "--wait" => options with { Wait = value },
                "--fill" => options with { Fill = value },
                "--fan" => options with { Fan = Number(value, 1, 64) },
                "--messages" => options with { Messages = Number(value, 1, int.MaxValue) },
                "--rate" => options with { RateHz = double.Parse(value, CultureInfo.InvariantCulture) },
                "--warmup" => options with { Warmup = Number(value, 0, int.MaxValue) },
                "--subscriber" => options with { Subscriber = Number(value, 0, 63) },
                "--folder" => options with { Folder = value },
                _ => throw new ArgumentException($"unknown option {arguments[i - 1]}"),
            };
        }

        if (options.Wait != "block")
            throw new UnsupportedException($"--wait {options.Wait}: sockets are waited for by blocking");
        if (options.Fill is not ("write" or "touch"))
            throw new UnsupportedException($"--fill {options.Fill}: a socket copies, it lends nothing");
        if (options.Case == BenchmarkCase.PingPong && options.Fan != 1)
            throw new UnsupportedException("--case pingpong is one to one");
        if (!(options.RateHz > 0))
            throw new ArgumentException("--rate must be positive");
        return options with { Messages = options.Messages > 0 ? options.Messages : DefaultMessages(options) };
    }

    /// <summary>The command line of a subscriber's process.</summary>
    public IEnumerable<string> ForSubscriber(int index, string folder) =>
    [
        Peer, "--case", Case.ToString().ToLowerInvariant(), "--size", Text(SizeBytes), "--wait", Wait, "--fill", Fill, "--fan", Text(Fan),
        "--messages", Text(Messages), "--warmup", Text(Warmup), "--subscriber", Text(index), "--folder", folder,
        .. Pin ? ["--pin"] : Array.Empty<string>(),
    ];

    // About a second: 20 us and 1 ns a byte for an exchange, 2 us and 0.5 ns a byte back to back.
    private static int DefaultMessages(PeerOptions options) => options.Case switch
    {
        BenchmarkCase.Paced => Math.Max(10, (int)options.RateHz),
        BenchmarkCase.PingPong => (int)Math.Clamp(1e9 / (20_000 + (double)options.SizeBytes), 10, 20_000),
        _ => (int)Math.Clamp(1e9 / (2_000 + options.SizeBytes / 2.0), 10, 500_000),
    };

    private static BenchmarkCase ParseCase(string value) => value switch
    {
        "pingpong" => BenchmarkCase.PingPong,
        "paced" => BenchmarkCase.Paced,
        "throughput" => BenchmarkCase.Throughput,
        _ => throw new ArgumentException($"unknown case {value}"),
    };

    private static int Number(string value, int least, int most) =>
        int.TryParse(value, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw new ArgumentException($"'{value}' is not a number from {least} to {most}");

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
