// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon;
using Dora.Daemon.Core;
using Dora.Dataflows.Graph;
using Dora.Middleware;
using Dora.Protocol;
using Dora.SharedMemory;
using Dora.Testing.PubSub;
using static Dora.UnitTests.DaemonCore.Flow;

namespace Dora.UnitTests.DaemonCore;

/// <summary>Every message that was sent is accounted for exactly once, whatever died in between.</summary>
public sealed class EdgeAccountTests
{
    private static readonly InputId Input = new(new NodeId("b"), new DataId("in0"));

    [Fact]
    public void Sent_is_received_and_dropped_and_lost_over_random_kills()
    {
        var random = new Random(20260731);
        ulong droppedOldest = 0, droppedFull = 0, droppedPool = 0, lost = 0;
        for (var run = 0; run < 60; run++)
        {
            var report = Run(random);
            droppedOldest += report.DroppedOldest;
            droppedFull += report.DroppedFull;
            droppedPool += report.DroppedPool;
            lost += report.Lost;
        }

        Assert.DoesNotContain(0UL, new[] { droppedOldest, droppedFull, droppedPool, lost }); // or the runs would prove nothing about one of them
    }

    /// <summary>One input over several lives of both ends; what was sent, taken and left in the queue is counted here as well, independently.</summary>
    private static EdgeReport Run(Random random)
    {
        ulong sent = 0, bytes = 0, received = 0, left = 0;
        var ledger = new EdgeLedger(Graph());
        for (var life = 0; life < 5; life++)
        {
            using var rig = new SharedMemoryRig(poolBytesMax: random.Next(2) == 0 ? 1 << 20 : 64 << 20);
            var queueSize = random.Next(1, 40);
            var subscription = rig.Subscribe(queueSize, random.Next(3) == 0 ? OverflowPolicy.BackPressure : OverflowPolicy.DropOldest);
            var holdMax = random.Next(2) == 0 ? 0 : 300; // a reader that gives nothing back runs into the return ring's bound
            var held = new Queue<Message>();
            for (var step = random.Next(1, 400); step > 0; step--)
            {
                if (random.Next(3) > 0)
                {
                    var payload = new byte[random.Next(3) == 0 ? random.Next(60) : random.Next(200_000)];
                    if (rig.Publisher.TrySend(payload, [], 0) == SendStatus.Sent)
                        (sent, bytes) = (sent + 1, bytes + (ulong)payload.Length);
                }
                else if (subscription.TryTake(out var message))
                {
                    received++;
                    held.Enqueue(message);
                    if (held.Count > holdMax)
                        held.Dequeue().Dispose();
                }
            }

            // The kill: nobody closes anything. The daemon reads what the two have left behind.
            var counters = EdgeMemory.ReadCounters(rig.EdgeMemoryOf(1));
            left += counters.Queued;
            ledger.Add(Input, counters);
            foreach (var message in held)
                message.Dispose();
        }

        var report = ledger.Report()[0];
        Assert.Equal((sent, bytes, received, left), (report.Sent, report.Bytes, report.Received, report.Lost));
        Assert.Equal(report.Sent, report.Received + report.Dropped + report.Lost);
        return report;
    }

    private static DataflowGraph Graph() => new()
    {
        SourcePath = "test",
        BaseDirectory = "/",
        DescriptorYaml = "",
        Nodes = [Node("a"), Node("b", "a/out")],
    };
}
