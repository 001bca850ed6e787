// SPDX-License-Identifier: Apache-2.0

namespace Dora.Daemon.Core;

/// <summary>What the core needs to know beside the graph.</summary>
public sealed record CoreSettings
{
    /// <summary>Overrides each node's stop grace; null: the node's own.</summary>
    public TimeSpan? StopGrace { get; init; }

    /// <summary>From SIGTERM to SIGKILL.</summary>
    public TimeSpan TermGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>From the unexpected end of a node's connection to SIGTERM, if its exit is not reported by then.</summary>
    public TimeSpan LostConnectionGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Stop by itself this long after the start; null: never.</summary>
    public TimeSpan? StopAfter { get; init; }

    /// <summary>Whether timers alone do not keep a node alive, in addition to what the descriptor says.</summary>
    public bool ExitWhenNodesFinish { get; init; }

    /// <summary>Seed of the jitter of restart delays.</summary>
    public ulong JitterSeed { get; init; }

    /// <summary>The part of <see cref="RunOptions"/> that concerns the core.</summary>
    public static CoreSettings From(RunOptions options, ulong jitterSeed) => new()
    {
        StopGrace = options.StopGrace,
        StopAfter = options.StopAfter,
        ExitWhenNodesFinish = options.ExitWhenNodesFinish,
        JitterSeed = jitterSeed,
    };
}
