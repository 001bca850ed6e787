// SPDX-License-Identifier: Apache-2.0

using System.Text;
using System.Text.Json;

namespace Dora.Latency.Reporting;

/// <summary>One run as one line of JSON, with the names that all programs of the comparison use.</summary>
internal static class JsonLine
{
    public static void Write(Figures figures, TextWriter to)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
            Write(figures, json);
        to.WriteLine(Encoding.UTF8.GetString(bytes.ToArray()));
        to.Flush();
    }

    private static void Write(Figures figures, Utf8JsonWriter json)
    {
        var run = figures.Run;
        json.WriteStartObject();
        json.WriteString("peer", run.Options.Peer);
        json.WriteString("case", run.Case);
        json.WriteNumber("size", run.Size);
        json.WriteNumber("fan", run.Fan);
        json.WriteString("wait", run.Wait);
        json.WriteString("fill", run.Fill.ToString().ToLowerInvariant());
        if (run.Case is "paced" or "gc")
            json.WriteNumber("rate_hz", run.RateHz);
        json.WriteNumber("messages", run.Messages);
        Number("p50_us", figures.Latency?.P50Us);
        Number("p90_us", figures.Latency?.P90Us);
        Number("p99_us", figures.Latency?.P99Us);
        Number("p999_us", figures.Latency?.P999Us);
        Number("max_us", figures.Latency?.MaxUs);
        Number("msgs_per_s", figures.MessagesPerSecond, 1);
        Number("gb_per_s", figures.GigabytesPerSecond);
        Number("cpu_us_per_msg", figures.CpuUsPerMessage);
        Number("daemon_cpu_us_per_msg", figures.DaemonCpuUsPerMessage);
        Number("alloc_bytes_per_msg", figures.AllocatedPerMessage);
        Number("collections", figures.Collections);
        Number("faults_per_msg", figures.FaultsPerMessage);
        Number("switches_per_msg", run.Case == "idle" ? null : figures.SwitchesPerMessage);
        Number("first_us", figures.FirstUs);
        Number("cpu_us_per_s", figures.CpuUsPerSecond);
        Number("daemon_cpu_us_per_s", figures.DaemonCpuUsPerSecond);
        Number("switches_per_s", run.Case == "idle" ? figures.SwitchesPerMessage : null);
        Number("command_us", figures.CommandUs);
        Number("main_us", figures.MainUs);
        Number("ready_us", figures.ReadyUs);
        json.WriteEndObject();

        void Number(string name, double? value, int digits = 4)
        {
            if (value is { } number)
                json.WriteNumber(name, Math.Round(number, digits));
        }
    }
}
