// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.Platform.Processes;

/// <summary>By what rules the kernel gives a thread a processor.</summary>
public enum ThreadPolicy
{
    /// <summary>The ordinary one; a nice value weighs threads against each other.</summary>
    Other = 0,

    /// <summary>Runs until it waits or a thread of higher priority wants the processor.</summary>
    Fifo = 1,

    /// <summary>The same, but threads of equal priority take turns.</summary>
    RoundRobin = 2,

    /// <summary>Gets so much time in each period, before all others.</summary>
    Deadline = 6,
}

/// <summary>Scheduling policies of threads: sched_setattr(2) and sched_getattr(2).</summary>
public static unsafe partial class ThreadScheduling
{
    private static readonly (long Set, long Get) Calls = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => (314, 315),
        _ => (274, 275), // the generic table: arm64, riscv64, loongarch64
    };

    private const ulong SCHED_FLAG_RESET_ON_FORK = 1; // threads that it starts are ordinary ones; without it a thread with a deadline can start none

    /// <summary>Puts the calling thread under <see cref="ThreadPolicy.Fifo"/> or <see cref="ThreadPolicy.RoundRobin"/>.</summary>
    /// <param name="policy">One of the two.</param>
    /// <param name="priority">1 to 99; the highest runs.</param>
    /// <exception cref="PlatformException">EPERM: neither CAP_SYS_NICE nor an RLIMIT_RTPRIO of at least that priority.</exception>
    public static void SetRealTime(ThreadPolicy policy, int priority) =>
        Apply(new Attributes { Policy = (uint)policy, Flags = SCHED_FLAG_RESET_ON_FORK, Priority = (uint)priority }, $"sched_setattr({policy}, priority {priority})");

    /// <summary>Puts the calling thread under <see cref="ThreadPolicy.Deadline"/>.</summary>
    /// <param name="runtime">Processor time in each period.</param>
    /// <param name="period">The period, which is also the deadline for that time.</param>
    /// <exception cref="PlatformException">EPERM: no CAP_SYS_NICE, or an affinity. EBUSY: the processors cannot promise that much.</exception>
    public static void SetDeadline(TimeSpan runtime, TimeSpan period) => Apply(
        new Attributes
        {
            Policy = (uint)ThreadPolicy.Deadline,
            Flags = SCHED_FLAG_RESET_ON_FORK,
            RuntimeNs = (ulong)runtime.TotalNanoseconds,
            DeadlineNs = (ulong)period.TotalNanoseconds,
            PeriodNs = (ulong)period.TotalNanoseconds,
        },
        $"sched_setattr(Deadline, {runtime.TotalMilliseconds} ms in {period.TotalMilliseconds} ms)");

    /// <summary>Puts the calling thread under <see cref="ThreadPolicy.Other"/>.</summary>
    /// <param name="nice">-20 to 19; the lowest gets most.</param>
    /// <exception cref="PlatformException">EPERM, EACCES: neither CAP_SYS_NICE nor an RLIMIT_NICE that allows a value below the present one.</exception>
    public static void SetOther(int nice) => Apply(new Attributes { Nice = nice }, $"sched_setattr(Other, nice {nice})");

    /// <summary>What the calling thread runs under.</summary>
    public static (ThreadPolicy Policy, int Priority, int Nice) Get()
    {
        Attributes attributes;
        return syscall(Calls.Get, 0, &attributes, (uint)sizeof(Attributes), 0) == 0
            ? ((ThreadPolicy)attributes.Policy, (int)attributes.Priority, attributes.Nice)
            : throw PlatformException.FromLastError("sched_getattr");
    }

    private static void Apply(Attributes attributes, string what)
    {
        attributes.Size = (uint)sizeof(Attributes);
        if (syscall(Calls.Set, 0, &attributes, 0, 0) != 0)
            throw PlatformException.FromLastError(what);
    }

    // glibc has no wrapper; syscall() is variadic, which for integer arguments is the ordinary convention on Linux x64 and arm64.
    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, int thread, Attributes* attributes, uint sizeOrFlags, uint flags);

    // struct sched_attr in its first version.
    [StructLayout(LayoutKind.Sequential)]
    private struct Attributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong RuntimeNs;
        public ulong DeadlineNs;
        public ulong PeriodNs;
    }
}
