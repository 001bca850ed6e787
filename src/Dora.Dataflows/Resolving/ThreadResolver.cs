// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Descriptors;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Graph;

namespace Dora.Dataflows.Resolving;

/// <summary>How the threads of a runtime node are scheduled.</summary>
internal static class ThreadResolver
{
    private const int RtPriorityDefault = 10;

    public static ImmutableArray<ThreadSettings> Resolve(NodeDescriptor node, DiagnosticBag diagnostics)
    {
        if (node.Form != NodeForm.Runtime)
        {
            Unused(node.Mapping, "threads", node.Label, "it has no operators", "remove it, or set 'cpu_affinity' of the node", diagnostics);
            Unused(node.Mapping, "realtime", node.Label, "it has no operators", "remove it", diagnostics);
            return [];
        }

        if (node.Threads.All(t => t.Policy is null or "other" && t.Nice is null && t.CpuAffinity.IsEmpty))
            Unused(node.Mapping, "realtime", node.Label, "no thread asks for a scheduling that could be refused", "give a thread under 'threads' a 'policy'", diagnostics);
        return [.. node.Threads.Select(thread => Resolve(node, thread, diagnostics))];
    }

    private static ThreadSettings Resolve(NodeDescriptor node, ThreadDescriptor thread, DiagnosticBag diagnostics)
    {
        string label = $"thread {Quoted.Text(thread.Name.Value)} of {node.Label}";
        if (node.Operators.All(op => op.Thread != thread.Name.Value))
            diagnostics.Warning(
                "DF0130", thread.Name.Span, $"{label} does nothing: no operator runs on it",
                fix: $"write 'thread: {thread.Name.Value}' in an operator");
        var policy = thread.Policy switch
        {
            "fifo" => SchedulingPolicy.Fifo,
            "rr" => SchedulingPolicy.RoundRobin,
            "deadline" => SchedulingPolicy.Deadline,
            _ => SchedulingPolicy.Other,
        };
        bool isRealTime = policy is SchedulingPolicy.Fifo or SchedulingPolicy.RoundRobin;
        if (policy == SchedulingPolicy.Other && thread.Policy is not (null or "other")) return new ThreadSettings(thread.Name.Value); // was reported
        string why = $"its policy is '{thread.Policy ?? "other"}'";
        if (!isRealTime) Unused(thread.Mapping, "rt_priority", label, why, "write 'policy: fifo' or 'rr'", diagnostics);
        if (policy != SchedulingPolicy.Other) Unused(thread.Mapping, "nice", label, why, "write 'policy: other'", diagnostics);
        if (policy != SchedulingPolicy.Deadline)
        {
            Unused(thread.Mapping, "runtime", label, why, "write 'policy: deadline'", diagnostics);
            Unused(thread.Mapping, "period", label, why, "write 'policy: deadline'", diagnostics);
        }
        else
        {
            CheckDeadline(thread, label, diagnostics);
        }

        return new ThreadSettings(thread.Name.Value)
        {
            Policy = policy,
            RtPriority = isRealTime ? thread.RtPriority ?? RtPriorityDefault : 0,
            Runtime = thread.Runtime ?? default,
            Period = thread.Period ?? default,
            Nice = thread.Nice ?? 0,
            CpuAffinity = thread.CpuAffinity,
        };
    }

    private static void CheckDeadline(ThreadDescriptor thread, string label, DiagnosticBag diagnostics)
    {
        string? problem = (thread.Mapping.Find("runtime"), thread.Mapping.Find("period")) switch
        {
            (null, _) or (_, null) => "needs 'runtime' and 'period'",
            _ when thread is { Runtime: { } runtime, Period: { } period } && runtime > period => "asks for a 'runtime' longer than its 'period'",
            _ when !thread.CpuAffinity.IsEmpty => "can't have 'cpu_affinity', because the kernel promises its time on all CPUs together",
            _ => null,
        };
        if (problem is not null)
            diagnostics.Error("DF0139", thread.Name.Span, $"{label} has the policy 'deadline', and {problem}", fix: "write, say, 'policy: deadline', 'runtime: 200us' and 'period: 1ms'");
    }

    private static void Unused(Yaml.YamlMapping mapping, string key, string label, string why, string fix, DiagnosticBag diagnostics)
    {
        if (mapping.Find(key) is { } entry)
            diagnostics.Warning("DF0130", entry.Key.Span, $"{Quoted.Text(key)} of {label} does nothing: {why}", fix: fix);
    }
}
