// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using Dora.Middleware;
using Dora.SharedMemory;

namespace Dora.UnitTests.Middleware;

public abstract class DoorbellContract(Doorbell doorbell) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public void Dispose()
    {
        doorbell.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_ring_between_preparing_and_waiting_is_not_lost()
    {
        var ticket = doorbell.Prepare();
        doorbell.Ring();
        Assert.True(doorbell.Wait(ticket, Patience));
    }

    [Fact]
    public void A_ring_that_nobody_waits_for_is_forgotten()
    {
        doorbell.Ring();
        doorbell.Prepare();
        doorbell.Cancel();
        doorbell.Ring();
        var ticket = doorbell.Prepare();
        Assert.False(doorbell.Wait(ticket, TimeSpan.FromMilliseconds(10)));
    }

    [Fact]
    public void A_wait_without_time_looks_once()
    {
        using var wait = new DoorbellWait(doorbell, TimeSpan.Zero);
        Assert.False(wait.Next());
    }

    [Fact]
    public void A_wait_ends_with_its_time_and_not_before()
    {
        var start = Stopwatch.GetTimestamp();
        using (var wait = new DoorbellWait(doorbell, TimeSpan.FromMilliseconds(40)))
        {
            while (wait.Next())
            {
                // nothing ever comes
            }
        }

        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(40));
    }

    [Fact]
    public void No_wake_up_is_lost_in_a_ping_pong_with_several_ringers()
    {
        // Were one lost, its exchange would take SleepMax (1 s): 40,000 exchanges would never end within the bound.
        const int Exchanges = 20_000;
        var (request, reply) = (0, 0);
        var start = Stopwatch.GetTimestamp();
        var ringers = Enumerable.Range(0, 2).Select(n => new Thread(() =>
        {
            for (var i = n; i < Exchanges; i += 2)
            {
                while (Volatile.Read(ref reply) != i)
                    Thread.Yield();
                Volatile.Write(ref request, i + 1);
                doorbell.Ring();
            }
        })).ToArray();
        Array.ForEach(ringers, r => r.Start());

        for (var i = 0; i < Exchanges; i++)
        {
            using var wait = new DoorbellWait(doorbell, Patience);
            while (Volatile.Read(ref request) != i + 1)
                Assert.True(wait.Next(), $"exchange {i} timed out");
            Volatile.Write(ref reply, i + 1);
        }

        Array.ForEach(ringers, r => r.Join());
        Assert.True(Stopwatch.GetElapsedTime(start) < Patience);
    }

    [Fact]
    public void Waiting_allocates_nothing()
    {
        // A wait on a busy machine may run out of time before it sleeps, so the first sleep is asked for directly.
        doorbell.Wait(doorbell.Prepare(), TimeSpan.FromMilliseconds(1));
        WaitOnce();
        var start = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
            WaitOnce();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - start);

        void WaitOnce()
        {
            using var wait = new DoorbellWait(doorbell, TimeSpan.FromMilliseconds(1));
            while (wait.Next())
            {
                // nothing ever comes
            }

            doorbell.Ring();
        }
    }
}

public sealed class SharedDoorbellTests() : DoorbellContract(New())
{
    private static SharedDoorbell New()
    {
        using var memory = DoorbellMemory.Create();
        return new SharedDoorbell(memory);
    }
}

public sealed class LocalDoorbellTests() : DoorbellContract(new LocalDoorbell());
