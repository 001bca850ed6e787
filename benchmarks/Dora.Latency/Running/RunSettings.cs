// SPDX-License-Identifier: Apache-2.0

namespace Dora.Latency.Running;

/// <summary>One run: one dataflow, one line of results.</summary>
internal sealed record RunSettings
{
    public required Options Options { get; init; }

    public required string Case { get; init; }

    public required int Size { get; init; }

    public required string Wait { get; init; }

    public required Fill Fill { get; init; }

    public required int Fan { get; init; }

    public required double RateHz { get; init; }

    /// <summary>Measured messages: about a second's worth if the command line does not say.</summary>
    public int Messages => Options.Messages ?? Case switch
    {
        "pingpong" => BySize(20_000, 20_000, 5_000, 1_000, 100) * (Wait != "block" && Size < 100_000 ? 5 : 1),
        "throughput" => Fill == Fill.Loan ? 1_000_000 / Fan : BySize(2_000_000, 500_000, 50_000, 4_000, 200) / (Size < 100_000 ? Fan : 1),
        "gc" => (int)(10 * RateHz),
        "start" => 20,
        "dora-rs" => 1_000,
        _ => (int)Math.Max(100, 2 * RateHz),
    };

    /// <summary>Messages before them. Those of many bytes need few: what is warmed up then is memory.</summary>
    public int Warmup => Options.Warmup ?? Case switch
    {
        "pingpong" => BySize(2_000, 2_000, 500, 50, 10),
        "throughput" => BySize(200_000, 100_000, 5_000, 400, 20),
        _ => (int)Math.Max(10, RateHz / 2),
    };

    /// <summary>
    /// Eight megabytes wait at most, but at least four messages and at most 256: more would only move them out of the caches, and
    /// a receiver that sleeps now and then needs no more to keep the sender going.
    /// </summary>
    public int Queue => Options.Queue ?? (Case == "throughput" ? Math.Clamp(8 * 1024 * 1024 / Math.Max(1, Size), 4, 256) : 1_000);

    public string Description => $"{Case} of {Size} B, {Fill.ToString().ToLowerInvariant()}, wait {Wait}, 1 to {Fan}";

    private int BySize(int tiny, int small, int medium, int large, int huge) => Size switch
    {
        <= 64 => tiny,
        <= 40_960 => small,
        <= 409_600 => medium,
        <= 4_194_304 => large,
        _ => huge,
    };
}
