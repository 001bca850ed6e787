// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Dora.Latency.Running;

/// <summary>Runs <see cref="Recipe"/> and prints the columns of the original.</summary>
internal static class RecipeRun
{
    public static void Run(RunSettings run, string folder, bool table, TextWriter output)
    {
        DataflowText text = new(run, folder);
        var descriptor = Path.Combine(folder, "dataflow.yml");
        File.WriteAllText(descriptor, text.Write());
        DoraProcess.Run(run, descriptor, quiet: true);
        var (source, sink) = (NodeResult.Read(folder, text.Ids[0]), NodeResult.Read(folder, text.Ids[1]));
        if (source["messages"] != sink["messages"])
            throw new BenchmarkFailedException($"{run.Description}: {source["messages"]} messages sent, {sink["messages"]} received.");

        output.WriteLine(table
            ? $"{"latency, µs",12}{"n",8}{"avg",10}{"p50",10}{"p95",10}{"p99",10}{"p99.9",10}{"min",10}{"max",10}"
            : "latency,bytes,label,n,avg,p50,p95,p99,p999,min,max");
        for (var i = 0; i < Recipe.Sizes.Length; i++)
            WriteLatency(run, Recipe.Sizes[i], sink.Samples.AsSpan(i * run.Messages, run.Messages), table, output);

        output.WriteLine(table ? $"{"throughput",12}{"n",8}{"msgs/s",12}{"elapsed, µs",14}" : "throughput,bytes,label,n,msg_per_sec,elapsed_ns");
        foreach (var size in Recipe.Sizes)
        {
            var (n, elapsedNs) = (Recipe.Burst(run.Messages, size), sink[$"elapsed_{size}_ns"]);
            var rate = n * 1e9 / elapsedNs;
            output.WriteLine(table
                ? $"{size,12}{n,8}{rate,12:F0}{elapsedNs / 1e3,14:F1}"
                : string.Create(CultureInfo.InvariantCulture, $"throughput,{size},{run.Options.Peer},{n},{rate:F0},{elapsedNs}"));
        }
    }

    private static void WriteLatency(RunSettings run, int size, Span<long> ns, bool table, TextWriter output)
    {
        ns.Sort();
        var average = 0.0;
        foreach (var sample in ns)
            average += (double)sample / ns.Length;
        var (p50, p95, p99, p999) = (At(ns, 0.5), At(ns, 0.95), At(ns, 0.99), At(ns, 0.999));
        output.WriteLine(table
            ? $"{size,12}{ns.Length,8}{average / 1e3,10:F1}{p50 / 1e3,10:F1}{p95 / 1e3,10:F1}{p99 / 1e3,10:F1}{p999 / 1e3,10:F1}{ns[0] / 1e3,10:F1}{ns[^1] / 1e3,10:F1}"
            : string.Create(CultureInfo.InvariantCulture, $"latency,{size},{run.Options.Peer},{ns.Length},{average:F0},{p50},{p95},{p99},{p999},{ns[0]},{ns[^1]}"));

        static long At(Span<long> sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }
}
