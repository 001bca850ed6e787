// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Keys;

/// <summary>Keys of a file in the <c>types</c> folder.</summary>
internal static class TypeKeys
{
    public static readonly KeySet Field = new(
        "typeField",
        "field",
        new Key("name", new TextShape(), "Of the field.") { IsRequired = true },
        new Key("type", new TextShape(), "Arrow type, name of a type, or `List<…>` of one.") { IsRequired = true });

    private static readonly KeySet Parameter = new(
        "typeParameter",
        "parameter",
        new Key("name", new TextShape(), "Of the parameter.") { IsRequired = true },
        new Key("default", new ScalarShape(), "Its value where none is given, for people."));

    public static readonly KeySet Type = new(
        "type",
        "type",
        new Key("arrow", new TextShape(), "Arrow type.") { IsRequired = true },
        new Key("description", new TextShape { MayBeEmpty = true }, "For people."),
        new Key("params", new ListShape("parameter", new KeysShape(Parameter)), "Parameters that tell variants apart."),
        new Key("fields", new ListShape("field", new KeysShape(Field)), "Of a struct."));

    public static readonly KeySet File = new(
        "types",
        "types file",
        new Key("types", new MapShape(MapKeys.Text, "type", new KeysShape(Type)), "Types by name.") { IsRequired = true });
}
