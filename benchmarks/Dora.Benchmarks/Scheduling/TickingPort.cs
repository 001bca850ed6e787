// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using Dora.Operators;
using Dora.Platform.Synchronization;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Dora.Runtime.Port;

namespace Dora.Benchmarks.Scheduling;

/// <summary>A runtime node without a daemon, whose inputs get what the benchmark posts.</summary>
internal sealed class TickingPort : INodePort, IDisposable
{
    private readonly ConcurrentQueue<PortEvent> _events = new();
    private readonly WakeEvent _news = new();
    private volatile bool _isWoken;

    public NodeConfig Config { get; } = new() { NodeId = "runtime" };

    /// <summary>Adds an operator with one input: of a node (<c>node/out</c>) or of a sibling (<c>runtime/x/out</c>).</summary>
    public OperatorConfig Add(string id, string source, uint priority = 50)
    {
        var config = new OperatorConfig { OperatorId = id, Kind = "csharp", Priority = priority, Outputs = { "out" } };
        config.Inputs.Add(new InputConfig { InputId = "in", Source = source, QueueSize = 10, QueuePolicy = QueuePolicy.DropOldest });
        if (!source.StartsWith("runtime/", StringComparison.Ordinal))
            Config.Inputs.Add(new InputConfig { InputId = $"{id}/in", Source = source, QueueSize = 10 });
        Config.Operators.Add(config);
        return config;
    }

    /// <summary>Any thread.</summary>
    public void Post(in PortEvent e)
    {
        _events.Enqueue(e);
        _news.Set();
    }

    public PortEvent Receive(TimeSpan timeout)
    {
        PortEvent e;
        while (!_events.TryDequeue(out e) && timeout != TimeSpan.Zero && !_isWoken)
            _news.Wait(timeout);
        _isWoken = false;
        return e;
    }

    public void Wake()
    {
        _isWoken = true;
        _news.Set();
    }

    public void NoteRunning(int number, int thread)
    {
    }

    public void SetPaused(string inputId, bool isPaused)
    {
    }

    public IPortOutput GetOutput(string outputId) => throw new NotSupportedException();

    public void Report(OperatorReport report)
    {
    }

    public void ReportJoin(JoinReport report)
    {
    }

    public void Log(LogLevel level, string operatorId, string message)
    {
        if (level == LogLevel.Error)
            throw new InvalidOperationException(message);
        if (level == LogLevel.Warn)
            Console.Error.WriteLine(message);
    }

    public ulong NowNs() => (ulong)Clocks.MonotonicNs;

    public void Dispose() => _news.Dispose();

    /// <summary>A message without memory to give back.</summary>
    internal sealed class Message(ulong timestampNs, byte[] data) : OperatorSample
    {
        public override ReadOnlyMemory<byte> Data => data;
        public override ulong TimestampNs => timestampNs;
        public override MetadataParameters Parameters => MetadataParameters.Empty;

        public override void AddReference()
        {
        }

        public override void Release()
        {
        }
    }
}
