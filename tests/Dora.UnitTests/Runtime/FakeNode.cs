// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Collections.Concurrent;
using Dora.Operators;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Dora.Runtime.Port;
using Dora.Runtime.Samples;

namespace Dora.UnitTests.Runtime;

/// <summary>A runtime node without a daemon: events come from the test, outputs and reports go to it.</summary>
/// <remarks>Like a real node it leaves the messages of a paused input alone; all other events wait for the messages before them.</remarks>
internal sealed class FakeNode : INodePort
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(60);

    private readonly object _lock = new(); // also waited on
    private readonly LinkedList<PortEvent> _events = [];
    private readonly HashSet<string> _paused = [];
    private bool _isWoken;
    private ulong _nowNs;

    public NodeConfig Config { get; } = new() { NodeId = "runtime" };
    public Dictionary<string, FakeOutput> Outputs { get; } = [];
    public ConcurrentQueue<(string Operator, OperatorState State, string Message, int Restarts)> Reports { get; } = new();

    /// <summary>The last counts of each operator.</summary>
    public ConcurrentDictionary<string, SiblingCounts[]> Siblings { get; } = [];

    public ConcurrentQueue<(LogLevel Level, string Operator, string Message)> Logs { get; } = new();

    /// <summary>Whose code runs now.</summary>
    public int Running { get; private set; }

    /// <summary>The last counts of each operator's join.</summary>
    public ConcurrentDictionary<string, JoinReport> Joins { get; } = [];

    public void ReportJoin(JoinReport report) => Joins[report.OperatorId] = report;

    public void NoteRunning(int number, int thread) => Running = number;

    /// <summary>Samples that were given out and not yet given back.</summary>
    public int SamplesOut;

    /// <summary>Called when the scheduler waits with nothing to do.</summary>
    public Action? Idle { get; set; }

    public void Add(PortEvent e)
    {
        lock (_lock)
        {
            _events.AddLast(e);
            Monitor.PulseAll(_lock);
        }
    }

    public FakeSample AddInput(string id, params byte[] data)
    {
        var sample = new FakeSample(this, data);
        Add(new PortEvent(PortEventKind.Input, id, sample));
        return sample;
    }

    public void AddInputs(string id, int count)
    {
        for (var i = 0; i < count; i++)
        {
            AddInput(id, BitConverter.GetBytes(i));
        }
    }

    /// <summary>Closes inputs, and finishes when these are all.</summary>
    public void Close(params string[] inputs)
    {
        foreach (var input in inputs)
        {
            Add(new PortEvent(PortEventKind.InputClosed, input, Reason: "over"));
        }
    }

    public PortEvent Receive(TimeSpan timeout)
    {
        if (TryNext(out var e) || timeout == TimeSpan.Zero)
        {
            return e;
        }

        if (timeout < TimeSpan.Zero)
        {
            Idle?.Invoke();
        }

        lock (_lock)
        {
            while (!TryNext(out e) && !_isWoken)
            {
                if (Monitor.Wait(_lock, timeout < TimeSpan.Zero ? WaitMax : timeout))
                {
                    continue;
                }

                return timeout > TimeSpan.Zero ? default : throw new TimeoutException("The runtime waits for something that never comes.");
            }

            _isWoken = false;
            return e;
        }
    }

    public void Wake()
    {
        lock (_lock)
        {
            _isWoken = true;
            Monitor.PulseAll(_lock);
        }
    }

    public void SetPaused(string inputId, bool isPaused)
    {
        lock (_lock)
        {
            _ = isPaused ? _paused.Add(inputId) : _paused.Remove(inputId);
        }
    }

    public IPortOutput GetOutput(string outputId) => Outputs[outputId] = new FakeOutput();

    /// <summary>The last report of each operator.</summary>
    public ConcurrentDictionary<string, OperatorReport> LastReports { get; } = [];

    public void Report(OperatorReport report)
    {
        LastReports[report.OperatorId] = report;
        Siblings[report.OperatorId] = [.. report.Siblings];
        Reports.Enqueue((report.OperatorId, report.State, report.Message, (int)report.Restarts));
    }

    public void Log(LogLevel level, string operatorId, string message) => Logs.Enqueue((level, operatorId, message));

    public ulong NowNs() => Interlocked.Increment(ref _nowNs);

    private bool TryNext(out PortEvent e)
    {
        lock (_lock)
        {
            for (var node = _events.First; node is not null; node = node.Next)
            {
                e = node.Value;
                var isMessage = e.Kind == PortEventKind.Input;
                if (isMessage && _paused.Contains(e.Id))
                {
                    continue;
                }

                if (isMessage || node.Previous is null)
                {
                    _events.Remove(node);
                    return true;
                }

                break;
            }
        }

        e = default;
        return false;
    }
}

/// <summary>A message from nowhere that knows whether it was given back.</summary>
internal sealed class FakeSample : OperatorSample
{
    private readonly FakeNode _node;
    private readonly byte[] _data;
    private int _references = 1;

    public FakeSample(FakeNode node, byte[] data)
    {
        _node = node;
        _data = data;
        Interlocked.Increment(ref node.SamplesOut);
    }

    public override ReadOnlyMemory<byte> Data => _data;
    public override ulong TimestampNs => 7;
    public override MetadataParameters Parameters => MetadataParameters.Empty;

    public override void AddReference() => Interlocked.Increment(ref _references);

    public override void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            Interlocked.Decrement(ref _node.SamplesOut);
        }
    }
}

/// <summary>Keeps what is sent, up to the room that the test gives.</summary>
internal sealed class FakeOutput : IPortOutput
{
    public List<byte[]> Sent { get; } = [];
    public List<MetadataParameters?> Parameters { get; } = [];
    public int Room { get; set; } = int.MaxValue;
    public bool IsClosed { get; private set; }
    public bool HasSubscribers => !IsClosed;
    public IEnumerable<int> Numbers => Sent.Select(data => BitConverter.ToInt32(data));

    public PortSendStatus TrySend(ReadOnlySpan<byte> data, MetadataParameters? parameters)
    {
        if (Room == 0)
        {
            return PortSendStatus.Full;
        }

        Room--;
        Sent.Add(data.ToArray());
        Parameters.Add(parameters);
        return PortSendStatus.Sent;
    }

    public List<Apache.Arrow.IArrowArray> Arrays { get; } = [];

    public PortSendStatus TrySend(Apache.Arrow.IArrowArray array, MetadataParameters? parameters)
    {
        if (Room == 0)
        {
            return PortSendStatus.Full;
        }

        Room--;
        Arrays.Add(array);
        return PortSendStatus.Sent;
    }

    public PortSendStatus TrySend(OperatorSample sample) => TrySend(sample.Data.Span, sample.Parameters);

    public PortSendStatus TrySend<TState>(
        int length, TState state, SpanAction<byte, TState> write, MetadataParameters? parameters, SamplePool pool, out OwnedSample? unsent)
        where TState : allows ref struct
    {
        var sample = pool.Rent(length, parameters);
        write(sample.Writable, state);
        var status = TrySend(sample.Writable, parameters);
        unsent = status == PortSendStatus.Full ? sample : null;
        if (unsent is null)
        {
            sample.Release();
        }

        return status;
    }

    public void Close() => IsClosed = true;
}
