// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using Dora.Middleware;
using Dora.SharedMemory;
using Dora.Testing.PubSub;

namespace Dora.UnitTests.Middleware;

/// <summary>Somebody writes random words all over an edge while messages flow on it. Whatever happens to that edge, nothing crashes, nothing hangs,
/// and a second edge of the same publisher gets every message, in order and whole.</summary>
public sealed class ScribblerTests
{
    private const int MessagesPerRound = 300;

    [Fact]
    public void Scribbling_over_an_edge_hurts_that_edge_only()
    {
        var rounds = Environment.GetEnvironmentVariable("DORA_TEST_LONG") is { Length: > 0 } ? 2_000 : 150;
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var (cutOff, poisoned) = (0, 0);
        for (var round = 0; round < rounds; round++)
        {
            var (isCutOff, isPoisoned) = RunRound(seed + round);
            cutOff += isCutOff ? 1 : 0;
            poisoned += isPoisoned ? 1 : 0;
        }

        // Both sides must have had something to detect, or the test proves nothing.
        Assert.True(cutOff > 0 && poisoned > 0, $"seed {seed}: {cutOff} cut off, {poisoned} poisoned of {rounds}");
    }

    private static (bool IsCutOff, bool IsPoisoned) RunRound(int seed)
    {
        using var rig = new SharedMemoryRig();
        var victim = rig.Subscribe(queueSize: 8);
        var healthy = rig.Subscribe(queueSize: MessagesPerRound);
        using var edge = new EdgePoker(rig.EdgeMemoryOf(victim.EdgeId));
        using var stop = new CancellationTokenSource();

        var scribbler = Run(() => Scribble(edge, new Random(seed), stop.Token));
        var reader = Run(() => ReadAll(victim, stop.Token));
        for (var i = 0; i < MessagesPerRound; i++)
            Assert.Equal(SendStatus.Sent, rig.Publisher.TrySend(Numbered(i), [], 0));
        for (var i = 0; i < MessagesPerRound; i++)
        {
            using var message = rig.Take(healthy);
            Assert.Equal(i, BinaryPrimitives.ReadInt32LittleEndian(message.Payload));
            Assert.True(message.Payload[4..].IndexOfAnyExcept((byte)i) < 0, $"seed {seed}: message {i} is damaged");
        }

        stop.Cancel();
        scribbler.Join();
        reader.Join();
        rig.Publisher.WaitForSpace(TimeSpan.Zero);
        edge.RestoreHeader(EdgeLayout.HeaderFor(8)); // the reader of counters would rightly refuse a scribbled one
        _ = EdgeMemory.ReadCounters(rig.EdgeMemoryOf(victim.EdgeId));
        return (rig.Faults.ContainsKey(victim.EdgeId), victim.IsPoisoned);
    }

    private static void Scribble(EdgePoker edge, Random random, CancellationToken stop)
    {
        int[] places = [EdgeLayout.Head, EdgeLayout.Tail, EdgeLayout.ReturnTail, EdgeLayout.SenderWaiting];
        var length = edge.LengthBytes / sizeof(ulong);
        while (!stop.IsCancellationRequested)
        {
            // Mostly into cells and rings; now and then at the positions, by a little or by much. Never past the checks of set-up: the header
            // is not looked at again.
            switch (random.Next(8))
            {
                case 0:
                    edge.Word(places[random.Next(places.Length)]) += (ulong)random.Next(-2, 3);
                    break;
                case 1:
                    edge.Word(places[random.Next(places.Length)]) = (ulong)random.NextInt64();
                    break;
                case 2:
                    edge.Word(random.NextInt64(length) * sizeof(ulong)) = 0;
                    break;
                case 3:
                    edge.Word(random.NextInt64(length) * sizeof(ulong)) ^= 1UL << random.Next(64);
                    break;
                default:
                    edge.Word(random.NextInt64(length) * sizeof(ulong)) = (ulong)random.NextInt64();
                    break;
            }

            if (random.Next(4) == 0)
                Thread.Yield();
        }
    }

    private static void ReadAll(Subscription subscription, CancellationToken stop)
    {
        var sum = 0L;
        var held = new Queue<Message>();
        while (!stop.IsCancellationRequested)
        {
            if (!subscription.TryTake(out var message))
            {
                Thread.Yield();
                continue;
            }

            foreach (var b in message.Payload) // every byte that it claims to have can be read
                sum += b;
            foreach (var b in message.Metadata)
                sum += b;
            held.Enqueue(message);
            if (held.Count > 3)
                held.Dequeue().Dispose();
        }

        GC.KeepAlive(sum);
        while (held.TryDequeue(out var message))
            message.Dispose();
    }

    private static Thread Run(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        return thread;
    }

    private static byte[] Numbered(int number)
    {
        var payload = new byte[number % 2 == 0 ? 40 : 3_000];
        Array.Fill(payload, (byte)number);
        BinaryPrimitives.WriteInt32LittleEndian(payload, number);
        return payload;
    }
}
