// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Dora.Operators;
using Dora.Protocol.Messages;
using Dora.Runtime;
using Dora.Runtime.Port;
using Dora.Runtime.Scheduling;

namespace Dora.Benchmarks.Scheduling;

/// <summary>What one hop costs from a piece of code to the next: two of them pass 8 bytes to and fro.</summary>
internal static class Hops
{
    private const int Count = 300_000;

    /// <summary>Nanoseconds a hop, for each way.</summary>
    public static IEnumerable<(string Way, double Ns)> Measure()
    {
        yield return ("method call", Timed(() => MethodCalls(Count)));
        yield return ("Channel, one task reads and writes", Timed(() => OneTask(Count)));
        yield return ("Channel, two tasks", Timed(() => TwoTasks(Count).GetAwaiter().GetResult()));
        yield return ("operators, forwarded", Timed(() => Operators(forward: true, 50, "")));
        yield return ("operators, sent", Timed(() => Operators(forward: false, 50, "")));
        yield return ("operators with priorities, forwarded", Timed(() => Operators(forward: true, 60, "")));
        yield return ("operators on two threads, forwarded", Timed(() => Operators(forward: true, 50, "other")));
    }

    private static double Timed(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / Count;
    }

    private static void MethodCalls(int count)
    {
        var relay = new Callee();
        for (var i = 0; i < count; i++)
            relay.OnMessage(BitConverter.GetBytes(i)); // an array a message, as with the channels below
    }

    private static void OneTask(int count)
    {
        var channel = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        for (var i = 0; i < count; i++)
        {
            channel.Writer.TryWrite(BitConverter.GetBytes(i));
            channel.Reader.TryRead(out _);
        }
    }

    private static async Task TwoTasks(int count)
    {
        var (there, back) = (Channel.CreateUnbounded<byte[]>(), Channel.CreateUnbounded<byte[]>());
        var other = Task.Run(async () =>
        {
            await foreach (var data in there.Reader.ReadAllAsync())
                back.Writer.TryWrite(data);
        });
        for (var i = 0; i < count; i += 2)
        {
            there.Writer.TryWrite(BitConverter.GetBytes(i));
            await back.Reader.ReadAsync();
        }

        there.Writer.Complete();
        await other;
    }

    private static void Operators(bool forward, uint priority, string thread)
    {
        using var port = new TickingPort();
        var left = Count;
        port.Add("a", "runtime/b/out", priority);
        port.Config.Operators[0].Inputs.Add(new InputConfig { InputId = "kick", Source = "clock/kick", QueueSize = 10 });
        port.Config.Inputs.Add(new InputConfig { InputId = "a/kick", Source = "clock/kick", QueueSize = 10 });
        port.Add("b", "runtime/a/out").Thread = thread;
        port.Post(new PortEvent(PortEventKind.Input, "a/kick", new TickingPort.Message(0, new byte[8])));
        var wiring = RuntimeWiring.Create(port, _ => new Factory(new Relay(forward, () => --left > 0, port)), TimeProvider.System);
        OperatorRuntime.Run(port, wiring);
    }

    private sealed class Callee
    {
        private long _sum;

        [MethodImpl(MethodImplOptions.NoInlining)]
        public void OnMessage(ReadOnlySpan<byte> data) => _sum += data[0];
    }

    private sealed class Relay(bool forward, Func<bool> goOn, TickingPort port) : IOperator
    {
        public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
        {
            if (e.Kind != OperatorEventKind.Input)
                return DoraStatus.Continue;
            if (!goOn())
            {
                port.Post(new PortEvent(PortEventKind.Stop, Reason: "measured"));
                return DoraStatus.Stop;
            }

            if (forward)
                output.Forward("out", e);
            else
                output.Send("out", e.Data);
            return DoraStatus.Continue;
        }
    }
}
