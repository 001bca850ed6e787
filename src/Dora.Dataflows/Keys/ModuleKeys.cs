// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Keys;

/// <summary>Keys of a module file.</summary>
internal static class ModuleKeys
{
    public static readonly KeySet Header = new(
        "moduleHeader",
        "module header",
        new Key("name", new TextShape(), "For people.") { IsRequired = true },
        new Key("inputs", new ListShape("port", new IdShape("a port")), "Ports that must be connected."),
        new Key("inputs_optional", new ListShape("port", new IdShape("a port")), "Ports that may be left open; inputs that read them then vanish."),
        new Key("outputs", new ListShape("port", new IdShape("a port")), "Outputs of inner nodes that the outside may read."));

    public static readonly KeySet File = new(
        "module",
        "module",
        new Key("module", new KeysShape(Header), "Name and ports.") { IsRequired = true },
        new Key("build", new TextShape { MayBeEmpty = true }, "Shell lines that run before those of each inner node."),
        new Key("nodes", new ListShape("node", new KeysShape(NodeKeys.Node)) { MayBeEmpty = false }, "The inner nodes.") { IsRequired = true });
}
