// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Keys;

/// <summary>Keys of an operator.</summary>
internal static class OperatorKeys
{
    private static readonly KeySet PythonSource = new(
        "pythonSource",
        "python",
        new Key("source", new TextShape(), "Path of the script.") { IsRequired = true },
        new Key("conda_env", new TextShape(), "Conda environment to run in.")
        {
            NotYet = new("DF0902", "running Python operators in a conda environment", "start dora in the environment and remove 'conda_env'"),
        });

    /// <summary>Of <c>deadline</c>, when it is more than a duration.</summary>
    public static readonly KeySet DeadlineSettings = new(
        "deadline",
        "deadline",
        new Key("within", new DurationShape { InsteadOfZero = "give it a time, or remove 'deadline'" }, "Time until the message is to be handled.") { IsRequired = true },
        new Key("from", new ChoiceShape(["arrival", "source"]), "What it counts from: the message's arrival at the operator, or the stamp of who sent it first. Default `arrival`."));

    /// <summary>Of <c>wasm</c> as a mapping.</summary>
    public static readonly KeySet WasmSource = new(
        "wasmSource",
        "wasm",
        new Key("source", new TextShape(), "Path of the module.") { IsRequired = true },
        new Key("memory", new ByteSizeShape(), "Most that its memory may grow to. Default 64MB."),
        new Key("timeout", new DurationShape { InsteadOfZero = "remove the key for the default of 1 s" }, "Time for one event, after which it is interrupted. Default 1 s."),
        new Key("fuel", new IntegerShape(1, long.MaxValue), "Instructions for one event, after which it is interrupted. Default no bound."));

    /// <summary>Of <c>state</c>.</summary>
    public static readonly KeySet State = new(
        "state",
        "state",
        new("durability", new ChoiceShape(["memory", "disk", "sync"]), "What it survives: `memory` the operator and its process, `disk` the machine too, but for the last 100 ms, `sync` the machine, before outputs leave. Default `memory`."),
        new("max_size", new ByteSizeShape(), "Bound on its keys and values together. Default 64 MB."),
        new("keep", new ChoiceShape(["run", "name"]), "Whether it ends with the run, or is found by the next one of the same name. Default `run` for `memory`, else `name`."),
        new("commit", new ChoiceShape(["event", "explicit"]), "Whether each event that goes well makes permanent what it saved, or only one that asks for it. Default `event`."),
        new("version", new IntegerShape(0, int.MaxValue), "Of the format of what the operator saves; the next instance is told under which it was saved. Default 1."),
        new("on_poison", new ChoiceShape(["skip", "reset_state", "fail"]), "When nothing goes well for two instances in a row: go on with the next event, empty the state, or give the operator up. Default `skip`."),
        new("redeliver", new BooleanShape(), "Whether the message that an instance failed with comes once more to the next one. Default false."));

    /// <summary>Of an entry under <c>operators</c>.</summary>
    public static readonly KeySet Operator = Create("operator", idIsRequired: true);

    /// <summary>Of <c>operator</c>, whose id may be left out.</summary>
    public static readonly KeySet SingleOperator = Create("singleOperator", idIsRequired: false);

    /// <summary>Of which an operator has exactly one.</summary>
    public static readonly string[] Implementations = ["csharp", "shared-library", "python", "wasm"];

    private static KeySet Create(string name, bool idIsRequired) => new(
        name,
        "operator",
        [
            new("id", new IdShape("an operator id"), idIsRequired ? "Unique in the node." : "Default `op`.") { IsRequired = idIsRequired },
            new("name", new TextShape { MayBeEmpty = true }, "For people."),
            new("description", new TextShape { MayBeEmpty = true }, "For people."),
            new("csharp", new TextShape(), "C# source file, project or assembly with one operator class."),
            new("shared-library", new TextShape(), "C library; `lib` and the extension are added.") { OldName = new("shared_library", "DF0203") },
            new("python", new EitherShape([new TextShape(), new KeysShape(PythonSource)]), "Python script with a class `Operator`."),
            new("wasm", new EitherShape([new TextShape(), new KeysShape(WasmSource)]), "WebAssembly module; with what it may use."),
            new("build", new TextShape { MayBeEmpty = true }, "Shell lines that make it, run in turn."),
            new("priority", new IntegerShape(0, 99), "Among the operators of the runtime: of those with something to do, the highest goes first. Default 50."),
            new("deadline", new EitherShape([new DurationShape(), new KeysShape(DeadlineSettings)]), "Time from a message's arrival until it is to be handled: the earliest goes first within a priority, and misses are counted."),
            new("on_miss", new ChoiceShape(["warn", "skip", "event", "restart"]), "What a missed deadline does: a line in the log, dropping messages that are too late already, an event for the operator, or its restart. Default `warn`."),
            new("thread", new IdShape("a thread"), "Thread of its own, or with others that name the same. Default: one for all operators that name none."),
            new("budget", new DurationShape(), "Time that handling one event may take; what takes longer is reported while it runs, and counted."),
            new("state", new KeysShape(State), "What the operator keeps beyond its own life; `{}` for the defaults."),
            PortKeys.Inputs,
            PortKeys.Outputs,
            JoinKeys.Join,
            .. PortKeys.Types,
            .. LogKeys.Logging,
        ]);
}
