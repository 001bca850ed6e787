// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Graph;
using Dora.Dataflows.Parsing;

namespace Dora.Dataflows;

/// <summary>What a descriptor is read against. Nothing is taken from the process: not its environment, not its current folder's files unless a path says so.</summary>
public sealed record LoadOptions
{
    /// <summary>For <c>$VAR</c> in <c>env</c> values and, by <c>PATH</c>, for commands without a folder.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Whether programs and folders must exist; those that a <c>build</c> line may make are never asked for.</summary>
    public bool CheckFiles { get; init; } = true;

    /// <summary>Whether a <c>$VAR</c> without a value is an error; otherwise it stands for nothing. Off for looking at a graph only.</summary>
    public bool RequireVariables { get; init; } = true;

    /// <summary>Findings about types are errors, as with <c>strict_types: true</c>.</summary>
    public bool StrictTypes { get; init; }

    /// <summary>Whether <c>path: shell</c> nodes are accepted.</summary>
    public bool AllowShell { get; init; }

    /// <summary>Kinds of operators that can be run; others are refused as not there yet.</summary>
    public ImmutableHashSet<OperatorKind> Operators { get; init; } = OperatorSupport.Runnable;
}

/// <summary>What became of a descriptor.</summary>
public sealed record LoadResult
{
    /// <summary>Null when there is an error.</summary>
    public DataflowGraph? Graph { get; init; }

    /// <summary>By file and position.</summary>
    public required ImmutableArray<Diagnostics.Diagnostic> Diagnostics { get; init; }

    public bool HasErrors => Diagnostics.Any(d => d.IsError);
}
