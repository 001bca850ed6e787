// SPDX-License-Identifier: Apache-2.0

using Dora.Cli.Output;
using Dora.Platform;
using Dora.Platform.Processes;

namespace Dora.Cli.Checks;

/// <summary>How much this machine, or the part of it that we may use, allows.</summary>
internal static class LimitChecks
{
    /// <summary>A node takes about 10 descriptors of the daemon, and segments and edges some more.</summary>
    private const ulong EnoughFiles = 4096;

    /// <summary>A node and its launcher are two processes with some 20 threads.</summary>
    private const ulong TasksPerNode = 25;
    private const ulong EnoughTasks = 1000;
    private const long EnoughMemoryBytes = 512L << 20;
    private const string GovernorFile = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor";

    public static IEnumerable<Check> All()
    {
        yield return Check.Of("open files", OpenFiles);
        yield return Check.Of("processes", Tasks);
        yield return Check.Of("locked memory", LockedMemory);
        yield return Check.Of("memory limit", MemoryLimit);
        yield return Check.Of("processors", Processors);
        yield return Check.Of("clock governor", Governor);
        yield return Check.Of("real-time priority", RealTime);
    }

    private static Check OpenFiles()
    {
        var (soft, hard) = ResourceLimits.Get("nofile");
        return soft >= EnoughFiles
            ? new Check("open files", CheckState.Ok, $"{Limit(soft)} (hard limit {Limit(hard)})")
            : new Check("open files", CheckState.Note, $"{Limit(soft)} (hard limit {Limit(hard)})", $"for dataflows of more than about {soft / 20} nodes: ulimit -n {Math.Min(hard, 65536)}");
    }

    private static Check Tasks()
    {
        var ofUser = ProcessControl.UserId == 0 ? ulong.MaxValue : ResourceLimits.Get("nproc").Soft; // root is exempt
        var ofGroup = ControlGroup.TryFindTasks()?.LimitTasks() is { } tasks ? (ulong)tasks : ulong.MaxValue;
        var least = Math.Min(ofUser, ofGroup);
        if (least >= EnoughTasks)
            return new Check("processes", CheckState.Ok, least == ulong.MaxValue ? "unlimited" : $"{least} with their threads");
        var fix = ofGroup < ofUser ? "raise pids.max of the control group (docker run --pids-limit)" : "raise 'ulimit -u'";
        return new Check("processes", CheckState.Note, $"{least} with their threads", $"for dataflows of more than about {least / TasksPerNode} nodes: {fix}");
    }

    private static Check LockedMemory()
    {
        var soft = ResourceLimits.Get("memlock").Soft;
        return new Check("locked memory", CheckState.Ok, soft == ulong.MaxValue ? "unlimited" : Words.Bytes(soft));
    }

    private static Check MemoryLimit()
    {
        if (ControlGroup.TryFindMemory()?.LimitBytes() is not { } limit)
            return new Check("memory limit", CheckState.Ok, "none but the machine's");
        return limit >= EnoughMemoryBytes
            ? new Check("memory limit", CheckState.Ok, $"{Words.Bytes(limit)} (control group); shared memory counts")
            : new Check("memory limit", CheckState.Note, $"{Words.Bytes(limit)} (control group); shared memory counts", "a .NET node takes 30 MiB or more: raise the group's limit (docker run --memory), or keep messages and queues small");
    }

    private static Check Processors()
    {
        var usable = CpuAffinity.Get().Count;
        var seen = $"{Environment.ProcessorCount} (of {usable} that this process may run on)";
        return Environment.ProcessorCount > 1
            ? new Check("processors", CheckState.Ok, seen)
            : new Check("processors", CheckState.Note, seen, "nodes share one: latency is that of a task switch; give more (taskset, docker run --cpus)");
    }

    private static Check Governor()
    {
        if (!File.Exists(GovernorFile))
            return new Check("clock governor", CheckState.Ok, "the machine does not show any (virtual, or fixed)");
        var governor = Printable.Of(File.ReadAllText(GovernorFile).Trim());
        return governor == "performance"
            ? new Check("clock governor", CheckState.Ok, governor)
            : new Check("clock governor", CheckState.Note, governor, "for the lowest latency: cpupower frequency-set -g performance");
    }

    private static Check RealTime()
    {
        var refusal = OnThread(() => ThreadScheduling.SetRealTime(ThreadPolicy.Fifo, 1));
        if (refusal is null)
        {
            var deadline = OnThread(() => ThreadScheduling.SetDeadline(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(100)));
            var limit = ResourceLimits.Get("rtprio").Soft;
            return new Check("real-time priority", CheckState.Ok, $"{(limit is > 0 and < 99 ? $"up to {limit}" : "allowed")}; deadline policy {(deadline is null ? "allowed" : "not")}");
        }

        return new Check(
            "real-time priority",
            CheckState.Note,
            $"not allowed: {refusal.Message}",
            "only for threads of operators that ask for it (with 'realtime: require' they do not start here): CAP_SYS_NICE, or a line '@realtime - rtprio 98' in /etc/security/limits.d");
    }

    // On a thread that ends afterwards, so that nothing else gets the policy.
    private static PlatformException? OnThread(Action action)
    {
        PlatformException? refusal = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (PlatformException e)
            {
                refusal = e;
            }
        });
        thread.Start();
        thread.Join();
        return refusal;
    }

    private static string Limit(ulong value) => value == ulong.MaxValue ? "unlimited" : value.ToString();
}
