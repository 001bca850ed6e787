// SPDX-License-Identifier: Apache-2.0

namespace Dora.Protocol;

/// <summary>Stamps messages with wall-clock time that never goes backwards and that respects cause and effect across processes.</summary>
/// <remarks>
/// <para>A stamp is Unix time in nanoseconds: <c>now = max(wall clock, last + 1)</c>, and what is received moves <c>last</c> forward. So
/// a message sent because of another one always carries a later stamp, even when the sender's clock is behind.</para>
/// <para>A stamp more than <see cref="MaxDriftNs"/> ahead of the local wall clock is not adopted: one peer with a wrong clock must
/// not drag everybody into the future.</para>
/// <para>Threads: any. One compare-and-swap per stamp, no lock, no allocation.</para>
/// </remarks>
public sealed class HybridLogicalClock(TimeProvider wallClock)
{
    /// <summary>How far ahead of the wall clock a received stamp may be, nanoseconds: 500 ms.</summary>
    public const ulong MaxDriftNs = 500_000_000;

    private ulong _lastNs; // written by every thread that stamps or observes, by compare-and-swap only

    /// <summary>The latest stamp given out or adopted; 0 at first.</summary>
    public ulong LastNs => Volatile.Read(ref _lastNs);

    /// <summary>A new stamp, later than all given out and adopted so far.</summary>
    public ulong Now() => Now(UnixTime.ToNs(wallClock.GetUtcNow()));

    /// <summary>The same for who has just read the wall clock.</summary>
    public ulong Now(ulong wallNs)
    {
        while (true)
        {
            var last = Volatile.Read(ref _lastNs);
            var next = Math.Max(wallNs, last + 1);
            if (Interlocked.CompareExchange(ref _lastNs, next, last) == last)
            {
                return next;
            }
        }
    }

    /// <summary>Takes note of a stamp that came with a message. False: it lies too far in the future and was not adopted.</summary>
    public bool Observe(ulong receivedNs) =>
        receivedNs <= Volatile.Read(ref _lastNs) // nothing to learn, and no need to look at the wall clock
        || Observe(receivedNs, UnixTime.ToNs(wallClock.GetUtcNow()));

    /// <summary>The same for who has just read the wall clock.</summary>
    public bool Observe(ulong receivedNs, ulong wallNs)
    {
        while (true)
        {
            var last = Volatile.Read(ref _lastNs);
            if (receivedNs <= last)
            {
                return true;
            }

            if (receivedNs > wallNs + MaxDriftNs)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _lastNs, receivedNs, last) == last)
            {
                return true;
            }
        }
    }
}
