// SPDX-License-Identifier: Apache-2.0

using Dora.Latency.Running;

namespace Dora.Latency.Reporting;

/// <summary>The results of one run. What does not apply is null.</summary>
internal sealed record Figures
{
    public required RunSettings Run { get; init; }

    public Percentiles? Latency { get; init; }

    /// <summary>Exchanges, in ping-pong; else messages published, each of which has reached all subscribers.</summary>
    public double? MessagesPerSecond { get; init; }

    public double? GigabytesPerSecond { get; init; }

    /// <summary>Time on a core in all nodes, for each measured message (ping-pong: exchange).</summary>
    public double? CpuUsPerMessage { get; init; }

    public double? DaemonCpuUsPerMessage { get; init; }

    /// <summary>On the threads that send and receive, of all nodes.</summary>
    public double? AllocatedPerMessage { get; init; }

    public long? Collections { get; init; }

    public double? FaultsPerMessage { get; init; }

    /// <summary>How often a thread of a node gave its core away to wait.</summary>
    public double? SwitchesPerMessage { get; init; }

    public double? FirstUs { get; init; }

    /// <summary>Idle only: time on a core for each second.</summary>
    public double? CpuUsPerSecond { get; init; }

    /// <inheritdoc cref="CpuUsPerSecond"/>
    public double? DaemonCpuUsPerSecond { get; init; }

    /// <summary>Start only: from the command to the first message.</summary>
    public double? CommandUs { get; init; }

    /// <summary>Start only: from validated to the last node's first line of code.</summary>
    public double? MainUs { get; init; }

    /// <summary>Start only: from validated to the moment when all nodes are connected.</summary>
    public double? ReadyUs { get; init; }

    /// <summary>Puts together what the nodes have measured; the first is the publisher.</summary>
    /// <exception cref="BenchmarkFailedException">Their counts differ.</exception>
    public static Figures From(RunSettings run, NodeResult[] nodes)
    {
        var publisher = nodes[0];
        if (Array.Exists(nodes, n => n["messages"] != publisher["messages"]))
            throw new BenchmarkFailedException($"{run.Description}: sent and received {string.Join(", ", nodes.Select(n => n["messages"]))} messages.");

        double messages = run.Messages;
        var seconds = (publisher["stopped_ns"] - publisher["started_ns"]) / 1e9;
        if (run.Case == "idle")
        {
            return new Figures
            {
                Run = run,
                CpuUsPerSecond = nodes.Sum(n => n["cpu_ns"]) / 1e3 / seconds,
                DaemonCpuUsPerSecond = publisher["daemon_cpu_ns"] / 1e3 / seconds,
                SwitchesPerMessage = nodes.Sum(n => n["switches"]) / seconds,
            };
        }

        var rate = run.Case switch
        {
            "pingpong" => messages / seconds,
            "throughput" => messages / nodes[1..].Max(n => (n["stopped_ns"] - n["started_ns"]) / 1e9),
            _ => (double?)null,
        };
        return new Figures
        {
            Run = run,
            Latency = run.Case switch
            {
                "throughput" => null,
                "pingpong" => Percentiles.Of(publisher.Samples),
                _ => Percentiles.Of(OneWay(publisher, nodes[1..])),
            },
            MessagesPerSecond = rate,
            GigabytesPerSecond = run.Case == "throughput" ? rate * run.Size / 1e9 : null,
            CpuUsPerMessage = nodes.Sum(n => n["cpu_ns"]) / 1e3 / messages,
            DaemonCpuUsPerMessage = publisher["daemon_cpu_ns"] / 1e3 / messages,
            AllocatedPerMessage = nodes.Sum(n => n["allocated"]) / messages,
            Collections = nodes.Sum(n => n["collections"]),
            FaultsPerMessage = nodes.Sum(n => n["faults"]) / messages,
            SwitchesPerMessage = nodes.Sum(n => n["switches"]) / messages,
            FirstUs = run.Case switch
            {
                "throughput" => null, // it waits until the queues are full
                "pingpong" => publisher["first_ns"] / 1e3,
                _ => nodes[1..].Max(n => n["first_received_ns"] - publisher["first_sent_ns"]) / 1e3,
            },
        };
    }

    /// <summary>From the stamp before sending to the last subscriber's stamp.</summary>
    private static long[] OneWay(NodeResult publisher, NodeResult[] subscribers) =>
        [.. publisher.Samples.Select((sent, i) => subscribers.Max(s => s.Samples[i]) - sent)];
}
