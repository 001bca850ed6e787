// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.Platform.Synchronization;

/// <summary><c>struct timespec</c> of 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpec
{
    internal const long NanosecondsPerSecond = 1_000_000_000;

    internal long Seconds;
    internal long Nanoseconds;

    internal static TimeSpec From(TimeSpan span) => new()
    {
        Seconds = span.Ticks / TimeSpan.TicksPerSecond,
        Nanoseconds = span.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick,
    };

    internal static TimeSpec FromNanoseconds(long nanoseconds) => new()
    {
        Seconds = nanoseconds / NanosecondsPerSecond,
        Nanoseconds = nanoseconds % NanosecondsPerSecond,
    };
}
