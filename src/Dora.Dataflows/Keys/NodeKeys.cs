// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Dora.Dataflows.Keys;

/// <summary>Keys of a node, in the form of today and in the <c>custom:</c> form of the early documentation.</summary>
internal static class NodeKeys
{
    private static readonly NotYet Git = new("DF0901", "fetching a node's source with git", "clone the repository yourself and give 'path' and 'build'");

    public static readonly ImmutableArray<Key> Supervision =
    [
        new("restart_policy", new ChoiceShape(["never", "on-failure", "always"]), "When the node is started again after it ended. Default `never`."),
        new("max_restarts", new IntegerShape(0, 1_000_000), "Restarts allowed, within `restart_window` if that is set; 0 means no limit. Default 0."),
        new("restart_delay", new DurationShape { MayBeZero = true }, "Pause before the first restart; doubles each time."),
        new("max_restart_delay", new DurationShape { MayBeZero = true }, "Longest pause before a restart."),
        new("restart_window", new DurationShape(), "Time over which restarts are counted."),
        new("health_check_timeout", new DurationShape(), "Silence of the node's event loop after which it is killed and its restart policy applies."),
        new("startup_timeout", new DurationShape { InsteadOfZero = "remove the key for the default of 60 s" }, "Time from start to ready after which the node has failed. Default 60 s."),
        new("stop_grace", new DurationShape { MayBeZero = true }, "Time from the Stop event to SIGTERM. Default 10 s."),
        new("finish_grace_secs", new DurationShape { MayBeZero = true }, "How long the node may live on after all its inputs closed. Default: as long as it likes."),
    ];

    /// <summary>How a thread that operators name is scheduled.</summary>
    public static readonly KeySet Thread = new(
        "thread",
        "thread",
        new Key("policy", new ChoiceShape(["other", "fifo", "rr", "deadline"]), "Scheduling policy of the kernel: ordinary, real-time until it waits, real-time in turns, or a share of each period. Default `other`."),
        new Key("rt_priority", new IntegerShape(1, 99), "Of `fifo` and `rr`: the highest runs. Default 10."),
        new Key("runtime", new DurationShape { InsteadOfZero = "give it a time" }, "Of `deadline`: processor time in each period."),
        new Key("period", new DurationShape { InsteadOfZero = "give it a time" }, "Of `deadline`: the period."),
        new Key("nice", new IntegerShape(-20, 19), "Of `other`: weight among ordinary threads, the lowest gets most. Default 0."),
        new Key("cpu_affinity", new ListShape("CPU", new IntegerShape(0, 1023)) { MayBeEmpty = false }, "CPUs on which the thread may run. Default: the node's."));

    public static readonly Key Path = new("path", new TextShape(), "Program: an executable, a command from PATH, a `.cs` file, `.csproj`, `.dll` or `.py`; or `dynamic` or `shell`.");

    public static readonly KeySet Custom = new(
        "custom",
        "custom node",
        [
            new("source", new TextShape(), "Program; today `path`."),
            new("run", new TextShape(), "Program and arguments in one line; today `path` and `args`.")
            {
                Old = new("DF0204", "'run' is an old form of 'path' and 'args'", "write the program as 'path' and its arguments as 'args'"),
            },
            new("args", ArgumentsShape(), "Arguments."),
            new("build", new TextShape { MayBeEmpty = true }, "Shell lines that make the program."),
            new("env", EnvironmentKeys.Environment, "Environment variables."),
            new("working_directory", new TextShape(), "Folder in which the program runs.") { OldName = new("working-directory", null) },
            PortKeys.Inputs,
            PortKeys.Outputs,
            LogKeys.SendStdoutAs,
        ]);

    public static readonly KeySet Node = new(
        "node",
        "node",
        [
            new("id", new IdShape("a node id"), "Unique in the dataflow.") { IsRequired = true },
            new("name", new TextShape { MayBeEmpty = true }, "For people."),
            new("description", new TextShape { MayBeEmpty = true }, "For people."),
            Path,
            new("args", ArgumentsShape(), "Arguments: text that is split as a shell would, or a list."),
            new("path_sha256", new TextShape(), "Checksum of a downloaded program.")
            {
                NotYet = new("DF0905", "downloading programs, and with it checking their checksum", "download the program yourself and remove 'path_sha256'"),
            },
            new("build", new TextShape { MayBeEmpty = true }, "Shell lines that make the program, run in turn."),
            new("env", EnvironmentKeys.Environment, "Environment variables; `$NAME` takes a value from the environment of `dora`."),
            new("working_directory", new TextShape(), "Folder in which the program runs. Default: this file's.") { OldName = new("working-directory", "DF0205") },
            PortKeys.Inputs,
            PortKeys.Outputs,
            JoinKeys.Join,
            .. PortKeys.Types,
            new("output_framing", new MapShape(MapKeys.Id, "framing", new ChoiceShape(["raw", "arrow-ipc"])), "No effect: every output describes its own type.")
            {
                Old = new("DF0209", "'output_framing' has no effect: every output describes its own type", "remove it"),
            },
            new("operators", new ListShape("operator", new KeysShape(OperatorKeys.Operator)) { MayBeEmpty = false }, "Operators that share one runtime process."),
            new("operator", new KeysShape(OperatorKeys.SingleOperator), "The only operator of a runtime process."),
            new("module", new TextShape(), "File whose nodes stand in for this one."),
            new("params", new MapShape(MapKeys.Parameter, "parameter", new ScalarShape()), "Values for the module's `$PARAM_<NAME>`."),
            .. Supervision,
            .. LogKeys.Logging,
            new("cpu_affinity", new ListShape("CPU", new IntegerShape(0, 1023)) { MayBeEmpty = false }, "CPUs on which the node may run."),
            new("threads", new MapShape(MapKeys.Id, "thread", new KeysShape(Thread)), "How threads are scheduled that operators of this node name with `thread`."),
            new("realtime", new ChoiceShape(["prefer", "require"]), "What happens where the system refuses what `threads` ask for: a warning, or the node does not start. Default `prefer`."),
            new("wait", new ChoiceShape(["adaptive", "block", "spin"]), "How the node waits: `block` sleeps at once, `spin` burns a core, `adaptive` spins for 20 µs where that pays. Default `adaptive`."),
            new("shared_memory_pool_size", new ByteSizeShape(), "Bound on the shared memory of this node's outputs."),
            DeployKeys.Deploy,
            new("custom", new KeysShape(Custom), "The form of a program node in early documentation.")
            {
                Old = new("DF0201", "'custom' is an old form: its keys now stand on the node itself", "move its keys one level up and rename 'source' to 'path'"),
            },
            new("git", new TextShape(), "Repository of the source.") { NotYet = Git },
            new("branch", new TextShape(), "Branch of the repository."),
            new("tag", new TextShape(), "Tag of the repository."),
            new("rev", new TextShape(), "Commit of the repository."),
            new("hub", new TextShape(), "Package of the node registry.") { NotYet = new("DF0901", "fetching nodes from the hub", "install the package yourself and give its 'path'") },
            new("ros2", new AnythingShape(), "Bridge to ROS 2.") { NotYet = new("DF0904", "bridging to ROS 2 from a descriptor", "write a node that talks to ROS 2") },
        ]);

    private static EitherShape ArgumentsShape() => new([new ScalarShape(), new ListShape("argument", new ScalarShape())]);
}
