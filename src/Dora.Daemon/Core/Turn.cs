// SPDX-License-Identifier: Apache-2.0

namespace Dora.Daemon.Core;

/// <summary>The present call of <see cref="DataflowCore.Apply"/>: its time and what it has decided so far.</summary>
internal sealed class Turn
{
    private List<Effect> _effects = [];

    public long NowNs { get; private set; }

    public void Begin(long nowNs, List<Effect> effects)
    {
        NowNs = nowNs;
        _effects = effects;
    }

    public void Emit(Effect effect) => _effects.Add(effect);

    public void Report(NodeState node, NodePhase phase, string message, bool isError = false)
    {
        node.Phase = phase;
        Emit(new Effect.ReportNode(new NodeChange(node.Id, phase, Math.Max(node.Number, 0), message, isError)));
    }

    /// <summary>News of a node that does not change its phase.</summary>
    public void Remark(NodeState node, string message, bool isError) => Report(node, node.Phase, message, isError);

    /// <summary>Now plus a duration, without overflow: what lies beyond the clock's range never comes.</summary>
    public long After(TimeSpan duration) => Durations.Add(NowNs, Durations.ToNs(duration));
}

internal static class Durations
{
    public const long Never = long.MaxValue;

    /// <summary>Saturates at 292 years.</summary>
    public static long ToNs(TimeSpan duration) =>
        duration.Ticks >= long.MaxValue / TimeSpan.NanosecondsPerTick ? Never
        : duration.Ticks <= 0 ? 0
        : duration.Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>Saturating; both non-negative.</summary>
    public static long Add(long atNs, long durationNs) => atNs > Never - durationNs ? Never : atNs + durationNs;

    public static TimeSpan FromNs(long ns) => TimeSpan.FromTicks(ns / TimeSpan.NanosecondsPerTick);

    /// <summary>For people: <c>10 s</c>, <c>250 ms</c>, <c>1.5 s</c>.</summary>
    public static string Text(TimeSpan duration) => duration switch
    {
        { TotalSeconds: >= 1 } => $"{duration.TotalSeconds:0.###} s",
        { TotalMilliseconds: >= 1 } => $"{duration.TotalMilliseconds:0.###} ms",
        _ => $"{duration.TotalMicroseconds:0.###} µs",
    };
}
