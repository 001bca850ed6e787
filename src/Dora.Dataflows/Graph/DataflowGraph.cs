// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Protocol;

namespace Dora.Dataflows.Graph;

/// <summary>A descriptor that passed every check: modules expanded, defaults applied, variables substituted, sources resolved.</summary>
/// <remarks>Immutable and free of YAML; the daemon works from this alone.</remarks>
public sealed record DataflowGraph
{
    /// <summary>Absolute path of the descriptor, or a display name if it did not come from a file.</summary>
    public required string SourcePath { get; init; }

    /// <summary>Absolute folder that relative paths were resolved against.</summary>
    public required string BaseDirectory { get; init; }

    /// <summary>The descriptor's text, given to nodes that ask for it.</summary>
    public required string DescriptorYaml { get; init; }

    /// <summary>In the order of the descriptor.</summary>
    public required ImmutableArray<GraphNode> Nodes { get; init; }

    /// <summary>Whether timers alone do not keep the dataflow alive.</summary>
    public bool ExitWhenNodesFinish { get; init; }
}

/// <summary>One process of a dataflow.</summary>
public sealed record GraphNode
{
    public required NodeId Id { get; init; }
    public string? Name { get; init; }
    public string? Description { get; init; }
    public required NodeKind Kind { get; init; }

    /// <summary>Id of the module node in the descriptor that this one came out of; null: it stands in the descriptor itself.</summary>
    public string? Module { get; init; }

    /// <summary>What to start; null for runtime nodes (the daemon knows its runtime) and dynamic ones (started by hand).</summary>
    public NodeProgram? Program { get; init; }

    /// <summary>Shell lines, run in turn in the base directory by <c>dora build</c> and, where allowed, by <c>dora run</c>.</summary>
    public ImmutableArray<string> Build { get; init; } = [];

    /// <summary>Added to the inherited environment; values are already expanded.</summary>
    public ImmutableSortedDictionary<string, string> Environment { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Absolute.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Inputs that cross a process boundary; in a runtime node their ids are <c>operator/input</c>.</summary>
    public ImmutableArray<GraphInput> Inputs { get; init; } = [];

    /// <summary>In a runtime node <c>operator/output</c>.</summary>
    public ImmutableArray<DataId> Outputs { get; init; } = [];

    /// <summary>Types of outputs that have one, such as <c>std/media/v1/Image</c>.</summary>
    public ImmutableDictionary<DataId, string> OutputTypes { get; init; } = ImmutableDictionary<DataId, string>.Empty;

    /// <summary>Metadata keys that every message of an output carries, where any are promised.</summary>
    public ImmutableDictionary<DataId, ImmutableArray<string>> OutputMetadata { get; init; } = ImmutableDictionary<DataId, ImmutableArray<string>>.Empty;

    /// <summary>Operators of a runtime node; empty otherwise. Their inputs that read a sibling are not in <see cref="Inputs"/>.</summary>
    public ImmutableArray<GraphOperator> Operators { get; init; } = [];

    /// <summary>Inputs that are received together; null: none. Operators have joins of their own.</summary>
    public JoinSettings? Join { get; init; }

    public RestartSettings Restart { get; init; } = new();
    public HealthSettings Health { get; init; } = new();
    public LogSettings Logs { get; init; } = new();

    /// <summary>CPU indices; empty means unrestricted.</summary>
    public ImmutableArray<int> CpuAffinity { get; init; } = [];

    /// <summary>How threads are scheduled that its operators name.</summary>
    public ImmutableArray<ThreadSettings> Threads { get; init; } = [];

    /// <summary>Whether the node does not start where the system refuses what <see cref="Threads"/> ask for.</summary>
    public bool IsRealTimeRequired { get; init; }

    /// <summary>How the node waits for messages, and for space in full queues.</summary>
    public WaitStrategy Wait { get; init; } = WaitStrategy.Adaptive;

    /// <summary>Bound on the shared memory of this node's outputs, bytes; null means the daemon's default.</summary>
    public long? SharedMemoryPoolBytes { get; init; }
}

public enum WaitStrategy
{
    /// <summary>Looks again for up to 20 µs while that pays, then sleeps.</summary>
    Adaptive,

    /// <summary>Sleeps at once.</summary>
    Block,

    /// <summary>Looks again until there is something.</summary>
    Spin,
}

public enum NodeKind
{
    /// <summary>A program of the user's.</summary>
    Custom,

    /// <summary>dora's own runtime process with operators.</summary>
    Runtime,

    /// <summary>Started by hand, attaches by name.</summary>
    Dynamic,
}

/// <summary>What a custom node starts.</summary>
public sealed record NodeProgram
{
    public required ProgramKind Kind { get; init; }

    /// <summary>Absolute path, except for <see cref="ProgramKind.Shell"/> and commands looked up in PATH.</summary>
    public required string Source { get; init; }

    public ImmutableArray<string> Arguments { get; init; } = [];
}

public enum ProgramKind
{
    /// <summary>An executable file, or a command from PATH.</summary>
    Executable,

    /// <summary>A <c>.cs</c> file: built once into the cache, then started from it.</summary>
    CSharpFile,

    /// <summary>A <c>.csproj</c>: built, then its output started.</summary>
    CSharpProject,

    /// <summary>A <c>.dll</c> with a runtimeconfig: started through the .NET host.</summary>
    DotnetAssembly,

    /// <summary>A <c>.py</c> file: <c>python3 -u</c>.</summary>
    Python,

    /// <summary><see cref="NodeProgram.Source"/> is a line for <c>/bin/sh -c</c>; runs only where allowed.</summary>
    Shell,
}

/// <summary>One input with everything a subscriber promises or asks.</summary>
public sealed record GraphInput
{
    public required DataId Id { get; init; }
    public required InputSource Source { get; init; }

    /// <summary>Messages that may wait; at least 1.</summary>
    public int QueueSize { get; init; } = 10;

    public QueuePolicy QueuePolicy { get; init; } = QueuePolicy.DropOldest;

    /// <summary>Silence after which the input is reported closed until data comes again; null: never.</summary>
    public TimeSpan? InputTimeout { get; init; }

    /// <summary>What its messages are, written or inferred from the source; null: not known.</summary>
    public string? Type { get; init; }
}

public enum QueuePolicy
{
    /// <summary>A full queue loses its oldest message, counted on the edge.</summary>
    DropOldest,

    /// <summary>A full queue makes the sender wait.</summary>
    BackPressure,
}

/// <summary>Where an input's messages come from.</summary>
public abstract record InputSource
{
    private InputSource() { }

    /// <summary>An output of a node; for operators <c>Output</c> is <c>operator/output</c>.</summary>
    public sealed record Node(OutputId Output) : InputSource
    {
        public override string ToString() => Output.ToString();
    }

    /// <summary>A timer of the daemon's, shared by all who ask for the same interval.</summary>
    public sealed record Timer(TimeSpan Interval, long IntervalNs, string Text) : InputSource
    {
        public override string ToString() => Text;
    }

    /// <summary>The dataflow's log as messages: lines of at least this level, of one node or of all.</summary>
    public sealed record Logs(string? MinLevel, NodeId? OfNode, string Text) : InputSource
    {
        public override string ToString() => Text;
    }
}

/// <summary>One operator of a runtime node.</summary>
public sealed record GraphOperator
{
    public required OperatorId Id { get; init; }
    public string? Name { get; init; }
    public string? Description { get; init; }
    public required OperatorKind Kind { get; init; }

    /// <summary>Absolute path of the library, assembly, C# file or project, script or module.</summary>
    public required string Source { get; init; }

    /// <summary>What a WebAssembly module may use; null for other kinds.</summary>
    public WasmLimits? Wasm { get; init; }

    public ImmutableArray<string> Build { get; init; } = [];

    /// <summary>All inputs, those from siblings included; ids without the operator's prefix.</summary>
    public ImmutableArray<GraphInput> Inputs { get; init; } = [];

    /// <summary>Without the operator's prefix.</summary>
    public ImmutableArray<DataId> Outputs { get; init; } = [];

    /// <summary>Inputs that are received together; null: none.</summary>
    public JoinSettings? Join { get; init; }

    public TimingSettings Timing { get; init; } = new();

    /// <summary>Name of the thread that it runs on; null: the one of all operators that name none.</summary>
    public string? Thread { get; init; }

    /// <summary>Null: it keeps none.</summary>
    public StateSettings? State { get; init; }
}

/// <summary>How a thread of a runtime is scheduled.</summary>
public sealed record ThreadSettings(string Name)
{
    public SchedulingPolicy Policy { get; init; }

    /// <summary>Of <see cref="SchedulingPolicy.Fifo"/> and <see cref="SchedulingPolicy.RoundRobin"/>: 1 to 99, the highest runs.</summary>
    public int RtPriority { get; init; }

    /// <summary>Of <see cref="SchedulingPolicy.Deadline"/>: processor time in each <see cref="Period"/>.</summary>
    public TimeSpan Runtime { get; init; }

    public TimeSpan Period { get; init; }

    /// <summary>Of <see cref="SchedulingPolicy.Other"/>: -20 to 19, the lowest gets most.</summary>
    public int Nice { get; init; }

    /// <summary>CPU indices; empty: the node's.</summary>
    public ImmutableArray<int> CpuAffinity { get; init; } = [];
}

/// <summary>Scheduling policies of the kernel.</summary>
public enum SchedulingPolicy
{
    /// <summary>The ordinary one.</summary>
    Other,

    /// <summary>Real-time: runs until it waits.</summary>
    Fifo,

    /// <summary>Real-time: in turns with others of the same priority.</summary>
    RoundRobin,

    /// <summary>Real-time: a share of each period.</summary>
    Deadline,
}

/// <summary>What an operator keeps beyond its own life.</summary>
public sealed record StateSettings
{
    public StateDurability Durability { get; init; }

    /// <summary>Of keys and values together.</summary>
    public long MaxSizeBytes { get; init; } = 64L << 20;

    /// <summary>Whether the next run of the same name finds it.</summary>
    public bool IsKept { get; init; }

    public bool IsCommitExplicit { get; init; }
    public int Version { get; init; } = 1;
    public PoisonPolicy OnPoison { get; init; }
    public bool Redeliver { get; init; }
}

/// <summary>What a committed state survives.</summary>
public enum StateDurability
{
    /// <summary>Its operator, and the runtime's process.</summary>
    Memory,

    /// <summary>The machine too, but for the last 100 ms.</summary>
    Disk,

    /// <summary>The machine: nothing leaves before it is on the disk.</summary>
    Sync,
}

/// <summary>What becomes of an operator whose instances fail one after the other.</summary>
public enum PoisonPolicy
{
    /// <summary>It goes on with the next event.</summary>
    Skip,

    /// <summary>Its state is emptied.</summary>
    ResetState,

    /// <summary>It has failed for good.</summary>
    Fail,
}

/// <summary>When an operator gets its turn among those of its runtime, and how long it may take.</summary>
public sealed record TimingSettings
{
    /// <summary>0 to 99, the highest first.</summary>
    public int Priority { get; init; } = 50;

    /// <summary>Time until a message is to be handled; null: any.</summary>
    public TimeSpan? Deadline { get; init; }

    public DeadlineOrigin DeadlineFrom { get; init; }
    public MissAction OnMiss { get; init; }

    /// <summary>Time that handling one event may take; null: any.</summary>
    public TimeSpan? Budget { get; init; }
}

/// <summary>What a deadline counts from.</summary>
public enum DeadlineOrigin
{
    /// <summary>The message's arrival in the operator's queue.</summary>
    Arrival,

    /// <summary>The time stamp that came with the message: when it was sent first.</summary>
    Source,
}

/// <summary>What a missed deadline does, beside being counted.</summary>
public enum MissAction
{
    /// <summary>A line in the log.</summary>
    Warn,

    /// <summary>Messages whose deadline has passed are dropped instead of handled.</summary>
    Skip,

    /// <summary>The operator is told.</summary>
    Event,

    /// <summary>The operator is started again.</summary>
    Restart,
}

public enum OperatorKind
{
    CSharp,
    SharedLibrary,
    Python,
    Wasm,
}

/// <summary>What an operator in WebAssembly may use.</summary>
public sealed record WasmLimits
{
    /// <summary>Bound on its linear memory.</summary>
    public long MemoryBytes { get; init; } = 64L << 20;

    /// <summary>Bound on the time for one event.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Bound on the instructions for one event, about; null: none.</summary>
    public long? Fuel { get; init; }
}

/// <summary>What happens after a node ended.</summary>
public sealed record RestartSettings
{
    public RestartPolicy Policy { get; init; } = RestartPolicy.Never;

    /// <summary>Restarts allowed within <see cref="Window"/>, or in all when that is null; 0 means no limit.</summary>
    public int MaxRestarts { get; init; }

    /// <summary>Delay before the first restart; doubles each time up to <see cref="MaxDelay"/>.</summary>
    public TimeSpan Delay { get; init; }

    public TimeSpan? MaxDelay { get; init; }
    public TimeSpan? Window { get; init; }
}

public enum RestartPolicy
{
    Never,
    OnFailure,
    Always,
}

/// <summary>How long the daemon waits for a node before it acts.</summary>
public sealed record HealthSettings
{
    /// <summary>From spawn to ready.</summary>
    public TimeSpan StartupTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Silence of the node's event loop after which it is killed and its restart policy applies; null: never.</summary>
    public TimeSpan? HealthCheckTimeout { get; init; }

    /// <summary>From the Stop event to SIGTERM.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a node may live on after all its inputs closed; null: as long as it likes.</summary>
    public TimeSpan? FinishGrace { get; init; }
}

/// <summary>What becomes of a node's output lines.</summary>
public sealed record LogSettings
{
    /// <summary>Output that carries raw stdout and stderr lines.</summary>
    public DataId? SendStdoutAs { get; init; }

    /// <summary>Output that carries structured records.</summary>
    public DataId? SendLogsAs { get; init; }

    /// <summary>Records below are neither stored nor shown; null: all.</summary>
    public string? MinLevel { get; init; }

    /// <summary>Size at which a log file is rotated, bytes; null: the daemon's default.</summary>
    public long? MaxSizeBytes { get; init; }

    /// <summary>Rotated files kept, 1 to 100.</summary>
    public int MaxRotatedFiles { get; init; } = 5;
}
