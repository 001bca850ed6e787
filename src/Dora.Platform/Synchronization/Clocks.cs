// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.Platform.Synchronization;

/// <summary>The two clocks of the data plane and a precise sleep, in nanoseconds. The control plane takes a TimeProvider instead.</summary>
public static unsafe partial class Clocks
{
    private const int CLOCK_REALTIME = 0;
    private const int CLOCK_MONOTONIC = 1;
    private const int TIMER_ABSTIME = 1;

    /// <summary>Nanoseconds since some fixed point; never goes back, never jumps, runs at the speed of time.</summary>
    public static long MonotonicNs => Read(CLOCK_MONOTONIC);

    /// <summary>Unix time in nanoseconds; may jump when somebody sets the clock.</summary>
    public static long UnixNs => Read(CLOCK_REALTIME);

    /// <summary>Blocks the calling thread until <see cref="MonotonicNs"/> has reached a point in time; returns at once if it is past.</summary>
    /// <remarks>Measured on a 2-core virtual machine at 1 kHz: late by 77 µs at p50 and 176 µs at p99, without drift.</remarks>
    /// <exception cref="PlatformException">The kernel refused the time (negative).</exception>
    public static void SleepUntil(long monotonicNs)
    {
        var deadline = TimeSpec.FromNanoseconds(monotonicNs);
        int error;
        do
            error = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, null);
        while (error == Errno.EINTR); // a signal: the absolute deadline is still right
        if (error != 0)
            throw new PlatformException("clock_nanosleep", error);
    }

    private static long Read(int clock)
    {
        TimeSpec now;
        _ = clock_gettime(clock, &now); // can't fail: the clock exists and the address is ours
        return (now.Seconds * TimeSpec.NanosecondsPerSecond) + now.Nanoseconds;
    }

    // 23 ns through the vDSO, of which a GC transition would be a good part; it never blocks.
    [LibraryImport("libc")]
    [SuppressGCTransition]
    private static partial int clock_gettime(int clock, TimeSpec* time);

    [LibraryImport("libc")]
    private static partial int clock_nanosleep(int clock, int flags, TimeSpec* request, TimeSpec* remaining);
}
