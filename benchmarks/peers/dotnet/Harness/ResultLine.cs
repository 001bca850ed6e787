// SPDX-License-Identifier: Apache-2.0

using System.Text;
using System.Text.Json;

namespace Dora.Peers.Harness;

/// <summary>Turns a run's figures into its JSON line (benchmarks/README.md names the fields).</summary>
internal static class ResultLine
{
    public static string Make(PeerOptions options, RunResult run, IReadOnlyList<SubscriberReport> subscribers)
    {
        long[] latencies = options.Case == BenchmarkCase.Paced ? LastServed(subscribers) : run.LatenciesNs;
        double cpuUs = run.Used.CpuUs + run.OthersCpuUs + subscribers.Sum(s => s.Used.CpuUs);
        double allocated = run.Used.AllocatedBytes + subscribers.Sum(s => s.Used.AllocatedBytes);
        long firstNs = options.Case == BenchmarkCase.PingPong ? run.FirstNs : subscribers.Max(s => s.FirstNs);

        var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("peer", options.Peer);
            json.WriteString("case", options.Case.ToString().ToLowerInvariant());
            json.WriteNumber("size", options.SizeBytes);
            json.WriteNumber("fan", options.Fan);
            json.WriteString("wait", options.Wait);
            json.WriteString("fill", options.Fill);
            json.WriteNumber("messages", options.Messages);
            if (options.Case == BenchmarkCase.Throughput)
            {
                double seconds = run.Used.TimeNs / 1e9;
                Number(json, "msgs_per_s", options.Messages / seconds);
                Number(json, "gb_per_s", (double)options.Messages * options.SizeBytes / seconds / 1e9);
            }
            else
            {
                if (options.Case == BenchmarkCase.Paced)
                    Number(json, "rate_hz", options.RateHz);
                Array.Sort(latencies);
                Number(json, "p50_us", Percentile(latencies, 0.5));
                Number(json, "p90_us", Percentile(latencies, 0.9));
                Number(json, "p99_us", Percentile(latencies, 0.99));
                Number(json, "p999_us", Percentile(latencies, 0.999));
                Number(json, "max_us", latencies[^1] / 1000.0);
            }

            Number(json, "cpu_us_per_msg", cpuUs / options.Messages);
            Number(json, "alloc_bytes_per_msg", allocated / options.Messages);
            Number(json, "first_us", firstNs / 1000.0);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    // The smallest value that at least the given part of all does not exceed.
    private static double Percentile(long[] sorted, double part) =>
        sorted[Math.Clamp((int)Math.Ceiling(part * sorted.Length) - 1, 0, sorted.Length - 1)] / 1000.0;

    private static long[] LastServed(IReadOnlyList<SubscriberReport> subscribers)
    {
        long[] last = [.. subscribers[0].LatenciesNs];
        foreach (var subscriber in subscribers)
        {
            for (int i = 0; i < last.Length; i++)
                last[i] = Math.Max(last[i], subscriber.LatenciesNs[i]);
        }

        return last;
    }

    private static void Number(Utf8JsonWriter json, string name, double value) => json.WriteNumber(name, Math.Round(value, 4));
}
