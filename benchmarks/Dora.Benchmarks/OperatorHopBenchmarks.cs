// SPDX-License-Identifier: Apache-2.0

using BenchmarkDotNet.Attributes;
using Dora.Operators;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Dora.Runtime;
using Dora.Runtime.Port;
using Dora.Runtime.Scheduling;

namespace Dora.Benchmarks;

/// <summary>From one operator of a runtime to the next: two of them pass a message to and fro.</summary>
[MemoryDiagnoser]
public class OperatorHopBenchmarks
{
    private const int Hops = 100_000;

    [Params(8, 4096)]
    public int Bytes { get; set; }

    /// <summary>Each message is new and copied.</summary>
    [Benchmark(OperationsPerInvoke = Hops)]
    public int Send() => Run(forward: false);

    /// <summary>The message that was received is passed on: nothing is copied.</summary>
    [Benchmark(OperationsPerInvoke = Hops)]
    public int Forward() => Run(forward: true);

    private int Run(bool forward)
    {
        var port = new LonelyPort(Bytes);
        port.Add("a", "kick", "pong", "runtime/b/out");
        port.Add("b", "", "ping", "runtime/a/out");
        var left = Hops;
        var wiring = RuntimeWiring.Create(port, _ => new Factory(() => new Relay(forward, () => --left > 0)), TimeProvider.System);
        return new OperatorScheduler(port, new FifoReadyQueue(), wiring).Run().FailedOperators.Count + left;
    }

    private sealed class Relay(bool forward, Func<bool> goOn) : IOperator
    {
        public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
        {
            if (e.Kind != OperatorEventKind.Input)
                return DoraStatus.Continue;
            if (!goOn())
                return DoraStatus.StopAll;
            if (forward)
                output.Forward("out", e);
            else
                output.Send("out", e.Data);
            return DoraStatus.Continue;
        }
    }

    private sealed class Factory(Func<IOperator> create) : IOperatorFactory
    {
        public IOperator Create() => create();

        public void Reload(string? source = null)
        {
        }
    }

    /// <summary>A runtime node that gets one message, and then no more.</summary>
    private sealed class LonelyPort(int bytes) : INodePort
    {
        private bool _hasSent;
        private bool _isOver; // an operator wants everything to stop, which in a dataflow the daemon sees to

        public NodeConfig Config { get; } = new() { NodeId = "runtime" };

        public void Add(string id, string fromNode, string name, string source)
        {
            var config = new OperatorConfig { OperatorId = id, Kind = "csharp", Outputs = { "out" } };
            config.Inputs.Add(new InputConfig { InputId = name, Source = source, QueueSize = 10, QueuePolicy = QueuePolicy.DropOldest });
            if (fromNode.Length > 0)
            {
                config.Inputs.Add(new InputConfig { InputId = fromNode, Source = "camera/image", QueueSize = 10, QueuePolicy = QueuePolicy.DropOldest });
                Config.Inputs.Add(new InputConfig { InputId = $"{id}/{fromNode}", Source = "camera/image", QueueSize = 10 });
            }

            Config.Operators.Add(config);
        }

        public PortEvent Receive(TimeSpan timeout)
        {
            if (_isOver)
                return new PortEvent(PortEventKind.Stop);
            if (_hasSent)
                return default;
            _hasSent = true;
            return new PortEvent(PortEventKind.Input, "a/kick", new First(new byte[bytes]));
        }

        public void Wake()
        {
        }

        public void NoteRunning(int number, int thread)
        {
        }

        public void SetPaused(string inputId, bool isPaused)
        {
        }

        public IPortOutput GetOutput(string outputId) => throw new NotSupportedException();

        public void Report(OperatorReport report) => _isOver |= report.State == Protocol.Messages.OperatorState.StopAll;

        public void ReportJoin(JoinReport report)
        {
        }

        public void Log(LogLevel level, string operatorId, string message) => throw new InvalidOperationException(message);

        public ulong NowNs() => 1;
    }

    private sealed class First(byte[] data) : OperatorSample
    {
        public override ReadOnlyMemory<byte> Data => data;

        public override ulong TimestampNs => 1;

        public override MetadataParameters Parameters => MetadataParameters.Empty;

        public override void AddReference()
        {
        }

        public override void Release()
        {
        }
    }
}
