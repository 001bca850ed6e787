// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Dora.Platform;
using Dora.Platform.Processes;
using Dora.Protocol.Messages;

namespace Dora.Runtime.Threads;

/// <summary>Gives the calling thread the scheduling that a descriptor asks for.</summary>
internal static class ThreadSettings
{
    /// <param name="config">What the thread is to get.</param>
    /// <param name="problem">What is missing on this machine, and how to get it; the thread has what could be had.</param>
    /// <returns>Whether it got all of it.</returns>
    public static bool TryApply(ThreadConfig config, out string problem)
    {
        problem = "";
        try
        {
            if (config.CpuAffinity.Count > 0)
            {
                CpuAffinity.Set(config.CpuAffinity.Select(cpu => (int)cpu));
            }
        }
        catch (PlatformException e)
        {
            problem = $"it may run on none of the CPUs {string.Join(", ", config.CpuAffinity)} ({PlatformException.Describe(e.Errno)})";
        }

        try
        {
            ApplyPolicy(config);
        }
        catch (PlatformException e)
        {
            problem += (problem.Length > 0 ? "; " : "") + Explain(config, e);
        }

        return problem.Length == 0;
    }

    private static void ApplyPolicy(ThreadConfig config)
    {
        switch (config.Policy)
        {
            case SchedulingPolicy.Fifo:
                ThreadScheduling.SetRealTime(ThreadPolicy.Fifo, (int)config.RtPriority);
                break;
            case SchedulingPolicy.Rr:
                ThreadScheduling.SetRealTime(ThreadPolicy.RoundRobin, (int)config.RtPriority);
                break;
            case SchedulingPolicy.Deadline:
                ThreadScheduling.SetDeadline(Span(config.RuntimeNs), Span(config.PeriodNs));
                break;
            default:
                if (config.Nice != 0)
                {
                    ThreadScheduling.SetOther(config.Nice);
                }

                break;
        }
    }

    private static string Explain(ThreadConfig config, PlatformException e) => (config.Policy, e.Errno) switch
    {
        (SchedulingPolicy.Fifo or SchedulingPolicy.Rr, Errno.EPERM) =>
            $"real-time priority {config.RtPriority} needs the capability CAP_SYS_NICE or an RLIMIT_RTPRIO of {config.RtPriority}, and this process has {Limit("rtprio")}; "
            + $"'ulimit -r {config.RtPriority}' or an 'rtprio' line in /etc/security/limits.conf gives it",
        (SchedulingPolicy.Deadline, Errno.EPERM) when config.CpuAffinity.Count > 0 =>
            "the kernel refuses a deadline policy for a thread that may not run on all CPUs; remove its 'cpu_affinity'",
        (SchedulingPolicy.Deadline, Errno.EPERM) =>
            "the deadline policy needs the capability CAP_SYS_NICE, and a thread that may run on all CPUs",
        (SchedulingPolicy.Deadline, EBUSY) =>
            $"{Span(config.RuntimeNs).TotalMilliseconds.ToString(CultureInfo.InvariantCulture)} ms in each {Span(config.PeriodNs).TotalMilliseconds.ToString(CultureInfo.InvariantCulture)} ms is more than the CPUs can still promise",
        (_, Errno.EPERM or Errno.EACCES) =>
            $"nice {config.Nice} needs the capability CAP_SYS_NICE or an RLIMIT_NICE of {20 - config.Nice}, and this process has {Limit("nice")}",
        _ => e.Message,
    };

    private const int EBUSY = 16;

    private static string Limit(string name) => ResourceLimits.Get(name).Soft is var soft && soft == ulong.MaxValue ? "no limit" : $"{soft}";

    private static TimeSpan Span(ulong ns) => TimeSpan.FromTicks((long)(ns / TimeSpan.NanosecondsPerTick));
}
