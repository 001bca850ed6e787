// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.Peers.Harness;

/// <summary>Sleeps until a point of CLOCK_MONOTONIC, as the native peers do: <see cref="Thread.Sleep(int)"/> knows only whole milliseconds.</summary>
internal static class Clock
{
    private const int ClockMonotonic = 1;
    private const int TimerAbsolute = 1;

    private readonly record struct Timespec(long Seconds, long Nanoseconds);

    public static void SleepUntil(long dueNs)
    {
        var due = new Timespec(dueNs / 1_000_000_000, dueNs % 1_000_000_000);
        while (clock_nanosleep(ClockMonotonic, TimerAbsolute, in due, 0) != 0)
        {
            // A signal: the time is absolute, so asking again is all.
        }
    }

#pragma warning disable SYSLIB1054 // Blittable already; the generator would need unsafe code
    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int clock_nanosleep(int clock, int flags, in Timespec request, nint remaining);
#pragma warning restore SYSLIB1054
}
