// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Dora.Runtime.Port;

namespace Dora.SimulationTests.Scheduling;

/// <summary>A runtime node whose inputs get messages at given times. Each input's messages wait while it is paused, as in an edge.</summary>
internal sealed class SimPort(RuntimeWorld world) : INodePort
{
    private readonly List<Source> _sources = [];
    private ulong _lastStamp;

    public NodeConfig Config { get; } = new() { NodeId = "runtime" };

    /// <summary>The last report of each operator.</summary>
    public Dictionary<string, OperatorReport> Reports { get; } = [];

    public void AddSource(string inputId, long periodNs, long untilNs) => _sources.Add(new Source(inputId, periodNs, untilNs));

    /// <summary>Starts the sources, one after the other, so that no two messages have the same stamp.</summary>
    public void Schedule()
    {
        for (var i = 0; i < _sources.Count; i++)
        {
            _sources[i].NextNs = world.NowNs + i;
            _sources[i].EndNs = world.NowNs + _sources[i].UntilNs;
        }
    }

    /// <summary>Messages that the runtime took from an input.</summary>
    public int Taken(string inputId) => _sources.Single(s => s.InputId == inputId).Taken;

    public PortEvent Receive(TimeSpan timeout)
    {
        Arrive();
        if (Next() is { } e)
        {
            return e;
        }

        if (timeout == TimeSpan.Zero)
        {
            return default;
        }

        var next = _sources.Where(s => s.NextNs < s.EndNs).Select(s => s.NextNs).DefaultIfEmpty(long.MaxValue).Min();
        if (next == long.MaxValue)
        {
            return new PortEvent(PortEventKind.Ended);
        }

        world.AdvanceTo(next);
        Arrive();
        return Next() ?? default;
    }

    public void Wake()
    {
    }

    public void ReportJoin(JoinReport report)
    {
    }

    public void NoteRunning(int number, int thread)
    {
    }

    public void SetPaused(string inputId, bool isPaused) => _sources.Single(s => s.InputId == inputId).IsPaused = isPaused;

    public IPortOutput GetOutput(string outputId) => throw new NotSupportedException();

    public void Report(OperatorReport report) => Reports[report.OperatorId] = report;

    public void Log(LogLevel level, string operatorId, string message) =>
        RuntimeWorld.Require(level != LogLevel.Error, message);

    // A hybrid logical clock over the simulated time.
    public ulong NowNs() => _lastStamp = Math.Max((ulong)world.NowNs, _lastStamp + 1);

    private void Arrive()
    {
        foreach (var source in _sources)
        {
            for (; source.NextNs <= world.NowNs && source.NextNs < source.EndNs; source.NextNs += source.PeriodNs)
            {
                source.Queue.Enqueue(source.NextNs);
            }
        }
    }

    private PortEvent? Next()
    {
        foreach (var source in _sources)
        {
            if (!source.IsPaused && source.Queue.TryDequeue(out var sentNs))
            {
                source.Taken++;
                return new PortEvent(PortEventKind.Input, source.InputId, new SimSample((ulong)sentNs));
            }

            if (!source.IsClosed && source.NextNs >= source.EndNs && source.Queue.Count == 0)
            {
                source.IsClosed = true;
                return new PortEvent(PortEventKind.InputClosed, source.InputId, Reason: "over");
            }
        }

        return null;
    }

    private sealed class Source(string inputId, long periodNs, long untilNs)
    {
        public string InputId => inputId;
        public long PeriodNs => periodNs;
        public long UntilNs => untilNs;
        public Queue<long> Queue { get; } = new();
        public long NextNs { get; set; }
        public long EndNs { get; set; }
        public bool IsPaused { get; set; }
        public bool IsClosed { get; set; }
        public int Taken { get; set; }
    }

    private sealed class SimSample(ulong sentNs) : OperatorSample
    {
        public override ReadOnlyMemory<byte> Data => default;
        public override ulong TimestampNs => sentNs;
        public override MetadataParameters Parameters => MetadataParameters.Empty;

        public override void AddReference()
        {
        }

        public override void Release()
        {
        }
    }
}
