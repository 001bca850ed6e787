// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Dora.Protocol.Messages;

namespace Dora.Benchmarks.Scheduling;

/// <summary>Prints what docs/guide/scheduling.md says: how a control operator keeps its deadline, and what a hop costs. All ways in one run, in turns.</summary>
internal static class SchedulingProgram
{
    private const int Rounds = 5;
    private const long DeadlineNs = 1_000_000;

    private static readonly (string Name, uint Priority, string Thread, SchedulingPolicy Policy)[] Ways =
    [
        ("no priorities", 50, "", SchedulingPolicy.Other),
        ("priority 90", 90, "", SchedulingPolicy.Other),
        ("own thread", 50, "control", SchedulingPolicy.Other),
        ("own thread, fifo", 50, "control", SchedulingPolicy.Fifo),
    ];

    public static int Run(string[] args)
    {
        if (args.Length == 0 || args[0] != "hops")
            ControlLoops();
        if (args.Length == 0 || args[0] != "control")
            PrintHops();
        return 0;
    }

    private static void ControlLoops()
    {
        Console.WriteLine("control operator at 1 kHz (50 µs of work) beside 8 operators that always have 300 µs of work; from tick to end, median of rounds (lowest to highest)");
        Console.WriteLine("| control operator has | p50 µs | p99 µs | max µs | ticks handled within 1 ms, % | turns of the others a second |");
        Console.WriteLine("|---|---|---|---|---|---|");
        var results = Ways.ToDictionary(way => way.Name, _ => new List<(long[] Ns, long Turns)>());
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var way in Ways)
                results[way.Name].Add(ControlLoop.Run(way.Priority, way.Thread, way.Policy));
        }

        foreach (var (name, rounds) in results)
        {
            Console.WriteLine($"| {name} | {Spread(rounds, r => At(r.Ns, 0.5) / 1e3)} | {Spread(rounds, r => At(r.Ns, 0.99) / 1e3)} | {Spread(rounds, r => r.Ns[^1] / 1e3)} | "
                + $"{Spread(rounds, r => 100.0 * r.Ns.Count(ns => ns <= DeadlineNs) / ControlLoop.Ticks)} | {Spread(rounds, r => r.Turns / ControlLoop.Seconds)} |");
        }
    }

    private static void PrintHops()
    {
        Console.WriteLine();
        Console.WriteLine("one hop, 8 bytes, ns; median of rounds (lowest to highest)");
        var ways = new Dictionary<string, List<double>>();
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var (way, ns) in Hops.Measure())
            {
                if (round > 0) // the first warms up
                    (ways.TryGetValue(way, out var all) ? all : ways[way] = []).Add(ns);
            }
        }

        Console.WriteLine("| way | ns |");
        Console.WriteLine("|---|---|");
        foreach (var (way, all) in ways)
            Console.WriteLine($"| {way} | {Spread(all, ns => ns)} |");
    }

    private static long At(long[] sorted, double quantile) => sorted[(int)(quantile * (sorted.Length - 1))];

    private static string Spread<T>(List<T> rounds, Func<T, double> figure)
    {
        var values = rounds.Select(figure).Order().ToArray();
        return $"{Text(values[values.Length / 2])} ({Text(values[0])} to {Text(values[^1])})";
    }

    private static string Text(double value) => value.ToString(value < 10 ? "0.##" : "0", CultureInfo.InvariantCulture);
}
