// SPDX-License-Identifier: Apache-2.0

using System.Runtime;
using Dora.Middleware;
using Dora.Nodes.Events;
using Dora.Nodes.Receiving;
using Dora.Nodes.Sending;
using Dora.Platform;
using Dora.SharedMemory;
using Microsoft.Win32.SafeHandles;

namespace Dora.Nodes.Connection;

/// <summary>Sends some messages through an edge from this node to itself, so that the first real one meets code that is compiled.</summary>
/// <remarks>
/// Compiling the way of a message takes tens of milliseconds, which the first message would pay: a thousand times its own cost. Here it
/// happens while the node waits for the others to be ready, once for each process. Native code has nothing to compile.
/// </remarks>
internal sealed class WarmUp : IDisposable
{
    private const int Rounds = 4;
    private static readonly TimeSpan Sleep = TimeSpan.FromMicroseconds(200); // long enough to really fall asleep, once what leads there is compiled

    private static int _isDone; // interlocked

    private readonly SafeFileHandle _doorbellMemory = DoorbellMemory.Create();
    private readonly SharedDoorbell _doorbell;
    private readonly SharedMemoryPublisher _publisher;
    private readonly SharedMemorySubscription _subscription;
    private readonly InputPort _port = new(new InputInfo("warm-up", "warm-up/out", 4, QueuePolicy.DropOldest, null), static (_, _) => { });
    private readonly NodeOutput _output;
    private readonly EventReceiver _events;

    private WarmUp()
    {
        _doorbell = new SharedDoorbell(_doorbellMemory);
        _publisher = new SharedMemoryPublisher(new LocalSegmentSource(static () => 1, Share, static _ => { }), new PoolBudget(16 << 20));
        using var edge = EdgeMemory.Create(queueSize: 4);
        _subscription = new SharedMemorySubscription(1, edge, static _ => false);
        _port.Add(_subscription);
        _publisher.AddEdge(1, edge, _doorbellMemory, OverflowPolicy.DropOldest);
        var clock = new NodeClock(TimeProvider.System);
        _output = new NodeOutput("out", _publisher, new SendContext(clock, TimeProvider.System, new NodeConfig(new()), static _ => { }));
        _events = new EventReceiver(
            [_port], _doorbell, new EventPool(), clock, new Heartbeat(TimeSpan.Zero, static () => { }), new MonotonicClock(TimeProvider.System));
    }

    /// <summary>Does it, if that is of use and nobody has.</summary>
    public static void RunOnce()
    {
        // RuntimeFeature.IsDynamicCodeCompiled is false as well in a program that is only meant to be published as native code.
        if (JitInfo.GetCompiledMethodCount() == 0 || Interlocked.Exchange(ref _isDone, 1) != 0)
            return;
        try
        {
            using var warmUp = new WarmUp();
            for (var i = 0; i < Rounds; i++)
                warmUp.Pass();
        }
        catch (Exception e) when (e is SharedMemoryException or PlatformException)
        {
            // No memory to spare: then the first message is slow, that is all.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _publisher.Dispose();
        _port.Dispose();
        _doorbell.Dispose();
        _doorbellMemory.Dispose();
    }

    private void Pass()
    {
        Span<byte> small = stackalloc byte[8];
        Span<byte> large = stackalloc byte[1000];
        small.Clear();
        large.Clear();
        _output.Send(small);
        Receive();
        _output.Send(large);
        Receive();
        using (var loan = _output.Loan(large.Length))
            loan.Send(large.Length);
        Receive();
        _events.Receive(Sleep); // after having given the last one back
        _doorbell.Prepare();
        _output.Send(small); // wakes somebody
        _doorbell.Cancel();
        Receive();
    }

    private void Receive()
    {
        if (_events.Receive(TimeSpan.Zero) is InputEvent input)
            _ = input.Data.Span.Length + input.Metadata.Parameters.Count;
    }

    private void Share(uint id, SafeFileHandle memory)
    {
        using (memory)
            _subscription.AddSegment(id, memory);
    }
}
