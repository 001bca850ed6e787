// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Keys;

/// <summary>Keys at the top of a descriptor, and of the small mappings there.</summary>
internal static class DataflowKeys
{
    public static readonly KeySet Debug = new(
        "debug",
        "debug",
        new Key("enable_debug_inspection", new BooleanShape(), "Publishes every message to inspection tools: only `false` so far.")
        {
            NotYet = new("DF0906", "publishing every message to inspection tools", "remove it", Except: "false"),
        });

    public static readonly KeySet TypeRule = new(
        "typeRule",
        "type rule",
        new Key("from", new TextShape(), "Type of an output.") { IsRequired = true },
        new Key("to", new TextShape(), "Type of an input that may read it.") { IsRequired = true });

    public static readonly KeySet Dataflow = new(
        "dataflow",
        "dataflow",
        new Key("nodes", new ListShape("node", new KeysShape(NodeKeys.Node)) { MayBeEmpty = false }, "The nodes, each one process.") { IsRequired = true },
        new Key("env", EnvironmentKeys.Environment, "Environment variables of all nodes."),
        new Key("exit_when_nodes_finish", new BooleanShape(), "Whether timers alone do not keep the dataflow alive. Default false."),
        new Key("health_check_interval", new DurationShape(), "No effect: silence is noticed at its deadline, not by looking now and then.")
        {
            Old = new("DF0209", "'health_check_interval' has no effect: silence is noticed at its deadline", "remove it"),
        },
        new Key("strict_types", new BooleanShape(), "Whether findings about types are errors. Default false."),
        new Key("type_rules", new ListShape("type rule", new KeysShape(TypeRule)), "Types that may be read as others, beyond the built-in widenings."),
        new Key("allow_outside", new BooleanShape(), "Whether programs and folders outside this file's folder go without a warning. Default false."),
        DeployKeys.Deploy,
        new Key("debug", new KeysShape(Debug), "Help for finding faults."),
        new Key("communication", new AnythingShape(), "No effect: there is nothing to choose any more.")
        {
            Old = new("DF0207", "'communication' has no effect: the transport is chosen by itself", "remove it"),
        });
}
