// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Platform.Synchronization;
using Dora.Protocol.Messages;
using Dora.Runtime;
using Dora.Runtime.Port;
using Dora.Runtime.Scheduling;

namespace Dora.Benchmarks.Scheduling;

/// <summary>A control operator that a 1 kHz tick drives, beside operators that always have something to do and take a fixed time for it.</summary>
internal static class ControlLoop
{
    private const int Busy = 8;
    private const long BusyNs = 300_000;
    private const long ControlNs = 50_000;
    private const long PeriodNs = 1_000_000;
    private const int Warmup = 200;
    /// <summary>How long the busy ones are busy.</summary>
    public const double Seconds = (Ticks + Warmup + 100) * PeriodNs / 1e9;

    /// <summary>Ticks that are measured, if all are handled.</summary>
    public const int Ticks = 2_000;

    /// <summary>From the tick to the end of the handler, nanoseconds, in order of size; and the turns of the busy ones meanwhile.</summary>
    /// <param name="priority">Of the control operator; the busy ones have 50.</param>
    /// <param name="thread">Its thread; empty: the same.</param>
    /// <param name="policy">Of that thread.</param>
    public static (long[] SortedNs, long BusyTurns) Run(uint priority, string thread, SchedulingPolicy policy)
    {
        using var port = new TickingPort();
        var latencies = new List<long>(Ticks + Warmup);
        var busyTurns = 0L;
        port.Add("control", "clock/tick", priority).Thread = thread;
        if (thread.Length > 0)
            port.Config.Threads.Add(new ThreadConfig { Name = thread, Policy = policy, RtPriority = 40 });
        for (var i = 0; i < Busy; i++)
        {
            port.Add($"busy{i}", $"runtime/busy{i}/out");
            port.Config.Operators[^1].Inputs.Add(new InputConfig { InputId = "kick", Source = "clock/kick", QueueSize = 10, QueuePolicy = QueuePolicy.DropOldest });
            port.Config.Inputs.Add(new InputConfig { InputId = $"busy{i}/kick", Source = "clock/kick", QueueSize = 10 });
            port.Post(new PortEvent(PortEventKind.Input, $"busy{i}/kick", new TickingPort.Message(0, [])));
        }

        var wiring = RuntimeWiring.Create(port, config => new Factory(config.OperatorId == "control" ? new Control(latencies) : new BusyOne(() => busyTurns++)), TimeProvider.System);
        var ticker = new Thread(() =>
        {
            var next = Clocks.MonotonicNs + (50 * PeriodNs);
            for (var i = 0; i < Warmup + Ticks; i++, next += PeriodNs)
            {
                Clocks.SleepUntil(next);
                port.Post(new PortEvent(PortEventKind.Input, "control/in", new TickingPort.Message((ulong)Clocks.MonotonicNs, [])));
            }

            Clocks.SleepUntil(next + (50 * PeriodNs));
            port.Post(new PortEvent(PortEventKind.Stop, Reason: "measured"));
        });
        ticker.Start();
        OperatorRuntime.Run(port, wiring);
        ticker.Join();
        var measured = latencies.TakeLast(latencies.Count * Ticks / (Ticks + Warmup)).ToArray();
        Array.Sort(measured);
        return (measured, busyTurns);
    }

    private static void Work(long ns)
    {
        var until = Clocks.MonotonicNs + ns;
        while (Clocks.MonotonicNs < until)
        {
        }
    }

    private sealed class Control(List<long> latencies) : IOperator
    {
        public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                Work(ControlNs);
                latencies.Add(Clocks.MonotonicNs - (long)e.TimestampNs);
            }

            return DoraStatus.Continue;
        }
    }

    private sealed class BusyOne(Action count) : IOperator
    {
        public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                Work(BusyNs);
                count();
                output.Send("out", ReadOnlySpan<byte>.Empty); // to itself
            }

            return DoraStatus.Continue;
        }
    }
}

/// <summary>Gives one instance out.</summary>
internal sealed class Factory(IOperator instance) : IOperatorFactory
{
    public IOperator Create() => instance;

    public void Reload(string? source = null)
    {
    }
}
