// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Dora.Latency;

/// <summary>CLOCK_MONOTONIC in nanoseconds: one clock for all processes of the machine.</summary>
internal static partial class Clock
{
    private const int ClockMonotonic = 1;
    private const int TimerAbsolute = 1;

    /// <summary>On Linux, .NET's time stamp is CLOCK_MONOTONIC and counts nanoseconds; <see cref="Check"/> holds it to that.</summary>
    public static long Now => Stopwatch.GetTimestamp();

    public static void Check()
    {
        if (Stopwatch.Frequency != 1_000_000_000)
            throw new PlatformNotSupportedException("The time stamp of this system does not count nanoseconds.");
    }

    /// <summary>Sleeps until a time of <see cref="Now"/>. <see cref="Thread.Sleep(int)"/> knows only milliseconds from now, so a pace would drift.</summary>
    public static void SleepUntil(long ns)
    {
        TimeSpec at = new() { Seconds = (nint)(ns / 1_000_000_000), Nanoseconds = (nint)(ns % 1_000_000_000) };
        while (clock_nanosleep(ClockMonotonic, TimerAbsolute, in at, 0) != 0)
        {
            // a signal came first; the time is absolute, so sleep on
        }
    }

    [LibraryImport("libc")]
    private static partial int clock_nanosleep(int clock, int flags, in TimeSpec at, nint remaining);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
