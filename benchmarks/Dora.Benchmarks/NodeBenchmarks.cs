// SPDX-License-Identifier: Apache-2.0

using BenchmarkDotNet.Attributes;
using Dora.Middleware;
using Dora.Nodes;
using Dora.Nodes.Events;
using Dora.Nodes.Receiving;
using Dora.Nodes.Sending;
using Dora.SharedMemory;
using Microsoft.Win32.SafeHandles;

namespace Dora.Benchmarks;

/// <summary>A message through all of the node library, as <see cref="NodeOutput"/> and <see cref="DoraNode.Recv()"/> have it: a queue full of them sent, then
/// received, by one thread.</summary>
[MemoryDiagnoser]
public class NodeBenchmarks
{
    private const int Queue = 256;

    private readonly SafeFileHandle _bell = DoorbellMemory.Create();
    private SharedMemorySubscription _subscription = null!;
    private SharedMemoryPublisher _publisher = null!;
    private NodeOutput _output = null!;
    private EventReceiver _events = null!;
    private byte[] _data = null!;
    private uint _lastSegment;

    /// <summary>Payload.</summary>
    [Params(8, 512, 4096)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _data = new byte[Bytes];
        using var edge = EdgeMemory.Create(Queue);
        _subscription = new SharedMemorySubscription(1, edge, static _ => false);
        _publisher = new SharedMemoryPublisher(new LocalSegmentSource(() => ++_lastSegment, Share, static _ => { }), new PoolBudget(1L << 30));
        _publisher.AddEdge(1, edge, _bell, OverflowPolicy.BackPressure);
        InputPort port = new(new InputInfo("in", "node/out", Queue, QueuePolicy.BackPressure, null), static (_, _) => { });
        port.Add(_subscription);
        NodeClock clock = new(TimeProvider.System);
        _output = new NodeOutput("out", _publisher, new SendContext(clock, TimeProvider.System, new NodeConfig(new()), static _ => { }));
        _events = new EventReceiver(
            [port], new SharedDoorbell(_bell), new EventPool(), clock, new Heartbeat(TimeSpan.Zero, static () => { }), new MonotonicClock(TimeProvider.System));
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _publisher.Dispose();
        _subscription.Dispose();
        _bell.Dispose();
    }

    /// <summary>Sent, taken and given back, with one copy.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Queue)]
    public void Copied()
    {
        for (var i = 0; i < Queue; i++)
            _output.Send(_data);
        Receive();
    }

    /// <summary>Built in place.</summary>
    [Benchmark(OperationsPerInvoke = Queue)]
    public void Lent()
    {
        for (var i = 0; i < Queue; i++)
        {
            using var loan = _output.Loan(Bytes);
            loan.Send(Bytes);
        }

        Receive();
    }

    private void Receive()
    {
        for (var i = 0; i < Queue; i++)
        {
            if (_events.Receive(Timeout.InfiniteTimeSpan) is not InputEvent input || input.Data.Length != Bytes)
                throw new InvalidOperationException("not the message that was sent");
        }
    }

    private void Share(uint id, SafeFileHandle memory)
    {
        using (memory)
            _subscription.AddSegment(id, memory);
    }
}
