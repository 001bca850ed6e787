// SPDX-License-Identifier: Apache-2.0

using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Dora.Latency.Running;

/// <summary>One <c>dora run</c>, from its start to its closing report.</summary>
internal sealed class DoraProcess
{
    private static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(5);

    /// <summary>When the command was given.</summary>
    public long StartedNs { get; private set; }

    /// <summary>When dora said what it is about to run, which it does when it has validated and built all of it. 0: it was told to be quiet.</summary>
    public long ValidatedNs { get; private set; }

    /// <summary>Runs a dataflow to its end.</summary>
    /// <exception cref="BenchmarkFailedException">It failed, or lost messages.</exception>
    public static DoraProcess Run(RunSettings run, string descriptor, bool quiet)
    {
        DoraProcess dora = new();
        List<string> arguments = ["run", descriptor, "--format", "json", "--log-dir", "none"];
        if (quiet)
            arguments.Add("--quiet");
        ProcessStartInfo start = new(run.Options.Dora, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        StringBuilder log = new();
        string report;
        using Process process = new() { StartInfo = start };
        try
        {
            dora.StartedNs = Clock.Now;
            process.Start();
        }
        catch (Win32Exception e)
        {
            throw new BenchmarkFailedException($"{run.Options.Dora} cannot be started: {e.Message}");
        }

        using var stops = StopSignals.On(() => process.Kill(entireProcessTree: false)); // the nodes die with their daemon
        Thread reader = new(() => dora.ReadLog(process.StandardError, log));
        reader.Start();
        using Timer limit = new(_ => process.Kill(entireProcessTree: true), null, TimeMax, Timeout.InfiniteTimeSpan);
        report = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        reader.Join();
        if (process.ExitCode != 0)
            throw new BenchmarkFailedException($"{run.Description}: dora run ended with exit code {process.ExitCode}\n{log}{report}");
        CheckEdges(run, report);
        return dora;
    }

    private void ReadLog(StreamReader from, StringBuilder log)
    {
        while (from.ReadLine() is { } line)
        {
            if (ValidatedNs == 0)
                ValidatedNs = Clock.Now;
            log.Append(line).Append('\n');
        }
    }

    /// <summary>Holds the counters of the closing report against what lossless means.</summary>
    private static void CheckEdges(RunSettings run, string report)
    {
        using var json = JsonDocument.Parse(report);
        foreach (var edge in json.RootElement.GetProperty("edges").EnumerateArray())
        {
            var (sent, received, dropped) = (edge.GetProperty("sent").GetInt64(), edge.GetProperty("received").GetInt64(), edge.GetProperty("dropped").GetInt64());
            if (sent != received || dropped != 0)
                throw new BenchmarkFailedException($"{run.Description}: messages were lost\n{report}");
        }
    }
}
