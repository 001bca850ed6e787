// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Numerics;
using Dora.Middleware;
using Dora.Testing.PubSub;

namespace Dora.UnitTests.Middleware;

/// <summary>Subscribers come and go at any moment, holding whatever they hold, while several threads send and the pool is trimmed. Every message that is
/// taken is whole, nothing touches memory that is gone, and in the end every slot is back.</summary>
public sealed class EdgeChurnTests
{
    private const int Senders = 2;
    private const int Subscribers = 3;

    [Fact]
    public void Slots_survive_subscribers_that_come_and_go()
    {
        var lives = Environment.GetEnvironmentVariable("DORA_TEST_LONG") is { Length: > 0 } ? 2_000 : 100;
        var seed = Random.Shared.Next();
        using var rig = new SharedMemoryRig(poolBytesMax: 64 << 20);
        using var stop = new CancellationTokenSource();
        var failures = new List<Exception>();

        var background = Enumerable.Range(0, Senders).Select(n => Run(() => Send(rig, new Random(seed + n), stop.Token)))
            .Append(Run(() => Trim(rig, stop.Token)))
            .ToArray();
        var subscribers = Enumerable.Range(0, Subscribers)
            .Select(n => Run(() => LiveAndDie(rig, new Random(seed + 100 + n), lives)))
            .ToArray();
        Array.ForEach(subscribers, t => t.Join());
        stop.Cancel();
        Array.ForEach(background, t => t.Join());

        Assert.True(failures.Count == 0, $"seed {seed}: {failures.FirstOrDefault()}");
        Assert.Empty(rig.Faults);
        Assert.Equal(0, rig.Publisher.EdgeCount);
        rig.SharedMemoryPublisher.TrimIdleSegments();
        rig.SharedMemoryPublisher.TrimIdleSegments();
        Assert.Empty(rig.Segments);
        Assert.Equal(0, rig.Budget.BytesUsed);

        Thread Run(Action action)
        {
            var thread = new Thread(() =>
            {
                try
                {
                    action();
                }
                catch (Exception e)
                {
                    lock (failures)
                        failures.Add(e);
                }
            });
            thread.Start();
            return thread;
        }
    }

    private static void Send(SharedMemoryRig rig, Random random, CancellationToken stop)
    {
        int[] sizes = [8, 60, 1_000, 30_000, 300_000];
        while (!stop.IsCancellationRequested)
        {
            var size = sizes[random.Next(sizes.Length)];
            SendStatus status;
            if (random.Next(3) == 0)
            {
                status = rig.Publisher.TryLoan(size, 4, out var loan);
                if (status == SendStatus.Sent)
                {
                    Fill(loan.Payload, random.Next());
                    status = random.Next(10) == 0 ? SendStatus.Sent : rig.Publisher.TryCommit(ref loan, size, 4, 0);
                    loan.Dispose();
                }
            }
            else
            {
                var payload = new byte[size];
                Fill(payload, random.Next());
                status = rig.Publisher.TrySend(payload, [1], 0);
            }

            if (status != SendStatus.Sent)
                rig.Publisher.WaitForSpace(TimeSpan.FromMilliseconds(20));
        }
    }

    private static void LiveAndDie(SharedMemoryRig rig, Random random, int lives)
    {
        for (var life = 0; life < lives; life++)
        {
            var policy = random.Next(2) == 0 ? OverflowPolicy.DropOldest : OverflowPolicy.BackPressure;
            var subscription = rig.Subscribe(queueSize: random.Next(1, 20), policy);
            var held = new Queue<Message>();
            for (var messages = random.Next(30); messages > 0; messages--)
            {
                Message taken = default;
                PubSubRig.Until(() => subscription.TryTake(out taken), "a message comes"); // not by the rig's doorbell: that has one waiter
                held.Enqueue(taken);
                while (held.Count > random.Next(6))
                    CheckAndReturn(held.Dequeue());
            }

            foreach (var message in held)
                Check(message);
            switch (random.Next(3))
            {
                case 0: // killed: the daemon closes its edge, nothing is ever returned
                    rig.Publisher.CloseEdge(subscription.EdgeId, "killed");
                    subscription.Dispose();
                    break;
                case 1: // leaves while others of its threads still return
                    var returner = new Thread(() => Array.ForEach(held.ToArray(), m => m.Dispose()));
                    returner.Start();
                    subscription.Dispose();
                    rig.Publisher.CloseEdge(subscription.EdgeId, "left");
                    returner.Join();
                    break;
                default: // the edge closes first, the samples come back to nobody
                    rig.Publisher.CloseEdge(subscription.EdgeId, "closed");
                    Array.ForEach(held.ToArray(), m => m.Dispose());
                    subscription.Dispose();
                    break;
            }
        }
    }

    private static void Trim(SharedMemoryRig rig, CancellationToken stop)
    {
        while (!stop.WaitHandle.WaitOne(20))
            rig.SharedMemoryPublisher.TrimIdleSegments();
    }

    private static void CheckAndReturn(Message message)
    {
        Check(message);
        message.Dispose();
    }

    private static void Fill(Span<byte> payload, int seed)
    {
        payload[4..].Fill((byte)seed);
        BinaryPrimitives.WriteUInt32LittleEndian(payload, Sum(payload[4..]));
    }

    private static void Check(in Message message)
    {
        var payload = message.Payload;
        Assert.Equal(BinaryPrimitives.ReadUInt32LittleEndian(payload), Sum(payload[4..]));
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var crc = (uint)bytes.Length;
        foreach (var b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return crc;
    }
}
