// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;

namespace Dora.Daemon.Core;

/// <summary>One process of one node: a restart gives the next number, so news of an earlier one can be told apart and dropped.</summary>
/// <param name="Node">Whose.</param>
/// <param name="Number">0 for the first, one more for each restart (or, for a dynamic node, each time it attaches).</param>
public readonly record struct Incarnation(NodeId Node, int Number)
{
    /// <summary>Publisher of timers and logs: the daemon itself. Always connected, never ends before the dataflow.</summary>
    public static readonly Incarnation Dora = new(NodeId.Dora, 0);

    /// <inheritdoc/>
    public override string ToString() => $"{Node}#{Number}";
}

/// <summary>One connection between an output of one incarnation and an input of another; never used twice in a dataflow.</summary>
public readonly record struct EdgeId(uint Value)
{
    /// <inheritdoc/>
    public override string ToString() => $"edge {Value}";
}

/// <summary>How a process ended, as its launcher saw it.</summary>
/// <param name="Code">Exit code; valid when <paramref name="Signal"/> is 0.</param>
/// <param name="Signal">The signal that ended it, or 0.</param>
public sealed record ExitStatus(int Code, int Signal = 0)
{
    /// <summary>Whether the kernel wrote a core file.</summary>
    public bool CoreDumped { get; init; }

    /// <summary>What ran out, if the kernel killed it for memory: <c>"limit 512 MiB"</c>; null otherwise.</summary>
    public string? OutOfMemory { get; init; }

    /// <summary>What is known of a SIGKILL that dora did not send.</summary>
    public ForeignKill ForeignKill { get; init; }

    /// <summary>The operator whose code ran when a signal ended its runtime; null: none, or it is not known.</summary>
    public string? RunningOperator { get; init; }

    /// <summary>Peak resident memory.</summary>
    public long MaxRssBytes { get; init; }

    /// <summary>User and system time.</summary>
    public TimeSpan CpuTime { get; init; }

    /// <summary>Whether it ended by itself with code 0.</summary>
    public bool IsSuccess => Signal == 0 && Code == 0;

    /// <summary>For people: <c>exit code 1</c>, <c>SIGSEGV (core dumped)</c>, <c>SIGSEGV while operator 'x' ran</c>, <c>killed by the kernel: out of memory (limit 512 MiB)</c>.</summary>
    public override string ToString()
    {
        if (Signal == 0)
            return $"exit code {Code}";
        if (OutOfMemory is not null)
            return $"killed by the kernel: out of memory ({OutOfMemory}){WhileRunning}";
        var how = ForeignKill switch
        {
            ForeignKill.NotForMemory => "killed (SIGKILL), not by dora",
            ForeignKill.PerhapsForMemory => "killed (SIGKILL), not by dora; perhaps out of memory",
            _ => Signals.Name(Signal) + (CoreDumped ? " (core dumped)" : ""),
        };
        return how + WhileRunning;
    }

    /// <summary>A clause to follow what happened; empty when no operator is known.</summary>
    internal string WhileRunning => RunningOperator is null ? "" : $" while operator '{RunningOperator}' ran";
}

/// <summary>What is known of a SIGKILL that dora did not send.</summary>
public enum ForeignKill
{
    /// <summary>There was none.</summary>
    None,

    /// <summary>Somebody sent it; the kernel killed nobody for want of memory.</summary>
    NotForMemory,

    /// <summary>Nobody counted here whom the kernel kills for want of memory.</summary>
    PerhapsForMemory,
}
