// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Graph;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Descriptors;

/// <summary>A value with its place.</summary>
internal readonly record struct Located<T>(T Value, SourceSpan Span);

/// <summary>What a descriptor says, in our words but with its places: old forms are gone, nothing is resolved yet.</summary>
/// <remarks>Values whose shape was wrong are missing; they have been reported.</remarks>
internal sealed record DataflowDescriptor
{
    public required SourceText Source { get; init; }
    public required ImmutableArray<NodeDescriptor> Nodes { get; init; }

    /// <summary>Of nodes that could not be read; a source that names one is not reported again.</summary>
    public ImmutableHashSet<string> UnreadableIds { get; init; } = [];

    public ImmutableArray<VariableDescriptor> Environment { get; init; } = [];
    public bool ExitWhenNodesFinish { get; init; }
    public bool AllowOutside { get; init; }
    public bool StrictTypes { get; init; }
    public Located<string>? WorkingDirectory { get; init; }
    public ImmutableArray<TypeRuleDescriptor> TypeRules { get; init; } = [];
}

/// <summary>An environment variable; <paramref name="FromHost"/> when the value names a variable of ours.</summary>
internal sealed record VariableDescriptor(Located<string> Name, Located<string> Value, bool FromHost);

internal sealed record TypeRuleDescriptor(Located<string> From, Located<string> To);

/// <summary>Which of the ways to be a node was chosen.</summary>
internal enum NodeForm
{
    /// <summary>None or several, or one that can't be run yet; reported.</summary>
    Unknown,
    Program,
    Dynamic,
    Shell,
    Runtime,
}

internal sealed record NodeDescriptor
{
    public required YamlMapping Mapping { get; init; }
    public required Located<string> Id { get; init; }
    public required NodeForm Form { get; init; }

    /// <summary>Id of the module node that it came out of; null: it stands in the dataflow itself.</summary>
    public string? Module { get; init; }

    public string? Name { get; init; }
    public string? Description { get; init; }

    /// <summary>False when its outputs or operators were partly unreadable; a source that names one is then not reported again.</summary>
    public bool HasKnownOutputs { get; init; } = true;

    /// <summary>As written under <c>path</c>, <c>custom.source</c> or as the first word of <c>custom.run</c>.</summary>
    public Located<string>? Path { get; init; }

    public ArgumentsDescriptor Arguments { get; init; } = ArgumentsDescriptor.None;
    public ImmutableArray<string> Build { get; init; } = [];
    public ImmutableArray<VariableDescriptor> Environment { get; init; } = [];
    public Located<string>? WorkingDirectory { get; init; }

    /// <summary>Of a node that is a program; those of operators stand with them.</summary>
    public PortsDescriptor Ports { get; init; } = PortsDescriptor.None;

    public ImmutableArray<OperatorDescriptor> Operators { get; init; } = [];
    public JoinDescriptor? Join { get; init; }
    public SupervisionDescriptor Supervision { get; init; } = new();
    public LogDescriptor Logs { get; init; } = new();
    public ImmutableArray<int> CpuAffinity { get; init; } = [];
    public ImmutableArray<ThreadDescriptor> Threads { get; init; } = [];
    public Located<string>? Realtime { get; init; }
    public string? Wait { get; init; }
    public long? SharedMemoryPoolBytes { get; init; }

    /// <summary>For messages.</summary>
    public string Label => $"node {Quoted.Text(Id.Value)}";
}

/// <summary>Arguments as one text that is still to be split, or as a list.</summary>
internal sealed record ArgumentsDescriptor(Located<string>? Line, ImmutableArray<string> List)
{
    public static readonly ArgumentsDescriptor None = new(null, []);
}

internal sealed record OperatorDescriptor
{
    public required YamlMapping Mapping { get; init; }
    public required Located<string> Id { get; init; }
    public string? Name { get; init; }
    public string? Description { get; init; }

    /// <summary>The keys under which its code is named, in the order of the file; one, if all is well.</summary>
    public ImmutableArray<(Located<string> Key, Located<string> Source)> Implementations { get; init; } = [];

    /// <summary>What a WebAssembly module may use, where the descriptor says so.</summary>
    public WasmLimits? Wasm { get; init; }

    public ImmutableArray<string> Build { get; init; } = [];
    public PortsDescriptor Ports { get; init; } = PortsDescriptor.None;
    public JoinDescriptor? Join { get; init; }
    public LogDescriptor Logs { get; init; } = new();
    public TimingDescriptor Timing { get; init; } = new();
    public string? Thread { get; init; }

    /// <summary>Null: it keeps none.</summary>
    public StateDescriptor? State { get; init; }

    /// <summary>For messages.</summary>
    public string Label => $"operator {Quoted.Text(Id.Value)}";
}

/// <summary>What a node or operator receives and sends.</summary>
internal sealed record PortsDescriptor
{
    public static readonly PortsDescriptor None = new();

    public ImmutableArray<InputDescriptor> Inputs { get; init; } = [];
    public ImmutableArray<Located<string>> Outputs { get; init; } = [];
    public ImmutableArray<PortTypeDescriptor> InputTypes { get; init; } = [];
    public ImmutableArray<PortTypeDescriptor> OutputTypes { get; init; } = [];
    public ImmutableArray<(Located<string> Output, ImmutableArray<string> Keys)> OutputMetadata { get; init; } = [];
    public Located<string>? Pattern { get; init; }
}

internal sealed record PortTypeDescriptor(Located<string> Port, Located<string> Type);

internal sealed record InputDescriptor
{
    public required Located<string> Id { get; init; }
    public required Located<string> Source { get; init; }
    public Located<int>? QueueSize { get; init; }
    public string? QueuePolicy { get; init; }
    public TimeSpan? Timeout { get; init; }
}

/// <summary>How a thread that operators name is scheduled.</summary>
internal sealed record ThreadDescriptor(YamlMapping Mapping, Located<string> Name)
{
    public string? Policy { get; init; }
    public int? RtPriority { get; init; }
    public TimeSpan? Runtime { get; init; }
    public TimeSpan? Period { get; init; }
    public int? Nice { get; init; }
    public ImmutableArray<int> CpuAffinity { get; init; } = [];
}

/// <summary>When an operator gets its turn, and how long it may take.</summary>
internal sealed record TimingDescriptor
{
    public int? Priority { get; init; }
    public TimeSpan? Deadline { get; init; }
    public bool IsFromSource { get; init; }
    public Located<string>? OnMiss { get; init; }
    public TimeSpan? Budget { get; init; }
}

/// <summary>A <c>join</c>, as written.</summary>
internal sealed record JoinDescriptor
{
    /// <summary>For the places of its keys.</summary>
    public required YamlMapping Mapping { get; init; }

    public required string Mode { get; init; }

    /// <summary>The members; null: not written.</summary>
    public ImmutableArray<Located<string>>? Inputs { get; init; }

    public ImmutableArray<Located<string>> Collected { get; init; } = [];
    public TimeSpan? Tolerance { get; init; }
    public Located<string>? Stamp { get; init; }
    public TimeSpan? Timeout { get; init; }
    public string? OnTimeout { get; init; }
    public Located<string>? Trigger { get; init; }
    public TimeSpan? MaxAge { get; init; }
    public Located<int>? WindowCount { get; init; }
    public TimeSpan? WindowDuration { get; init; }
}

/// <summary>What an operator keeps beyond its own life.</summary>
internal sealed record StateDescriptor
{
    public required SourceSpan Span { get; init; }
    public string? Durability { get; init; }
    public long? MaxSizeBytes { get; init; }
    public Located<string>? Keep { get; init; }
    public string? Commit { get; init; }
    public int? Version { get; init; }
    public string? OnPoison { get; init; }
    public bool Redeliver { get; init; }
}

internal sealed record SupervisionDescriptor
{
    public Located<string>? RestartPolicy { get; init; }
    public int? MaxRestarts { get; init; }
    public TimeSpan? RestartDelay { get; init; }
    public TimeSpan? MaxRestartDelay { get; init; }
    public TimeSpan? RestartWindow { get; init; }
    public TimeSpan? HealthCheckTimeout { get; init; }
    public TimeSpan? StartupTimeout { get; init; }
    public TimeSpan? StopGrace { get; init; }
    public TimeSpan? FinishGrace { get; init; }
}

internal sealed record LogDescriptor
{
    public Located<string>? SendStdoutAs { get; init; }
    public Located<string>? SendLogsAs { get; init; }
    public Located<string>? MinLevel { get; init; }
    public Located<long>? MaxSizeBytes { get; init; }
    public Located<int>? MaxRotatedFiles { get; init; }
}
