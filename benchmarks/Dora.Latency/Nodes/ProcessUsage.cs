// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Runtime.InteropServices;

namespace Dora.Latency.Nodes;

/// <summary>What this process has used so far, by getrusage; and the daemon, by /proc.</summary>
internal static partial class ProcessUsage
{
    /// <summary>User and system time, page faults without I/O, and waits that gave the core away, of all threads.</summary>
    public static (long CpuNs, long Faults, long Switches) OfThisProcess()
    {
        _ = getrusage(0, out var usage);
        var microseconds = (usage.UserSeconds + usage.SystemSeconds) * 1_000_000L + usage.UserMicroseconds + usage.SystemMicroseconds;
        return (microseconds * 1_000, usage.MinorFaults, usage.VoluntarySwitches);
    }

    /// <summary>The process of the daemon that started this node: its launcher's parent.</summary>
    public static int FindDaemon() => ParentOf(ParentOf(Environment.ProcessId));

    /// <summary>User and system time of another process, of all threads that it has or had.</summary>
    public static long CpuNsOf(int process)
    {
        _ = clock_gettime((~process << 3) | 2, out var time); // what clock_getcpuclockid makes of a process
        return time.Seconds * 1_000_000_000 + time.Nanoseconds;
    }

    private static int ParentOf(int process)
    {
        var text = File.ReadAllText($"/proc/{process}/stat");
        return int.Parse(text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    [LibraryImport("libc")]
    private static partial int getrusage(int who, out ResourceUsage usage);

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds, Nanoseconds;
    }

    /// <summary><c>struct rusage</c> of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceUsage
    {
        public long UserSeconds, UserMicroseconds, SystemSeconds, SystemMicroseconds;
        public long MaxResidentKilobytes, SharedText, UnsharedData, UnsharedStack;
        public long MinorFaults, MajorFaults, Swaps, BlocksRead, BlocksWritten;
        public long MessagesSent, MessagesReceived, Signals, VoluntarySwitches, InvoluntarySwitches;
    }
}
