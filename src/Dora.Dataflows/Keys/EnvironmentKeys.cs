// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Keys;

/// <summary>Environment variables of nodes.</summary>
internal static class EnvironmentKeys
{
    private static readonly KeySet FromHost = new(
        "environmentFromHost",
        "variable",
        new Key("__dora_env", new TextShape(), "Name of a variable of the environment of `dora`.") { IsRequired = true });

    private static readonly ValueShape Value = new EitherShape([new ScalarShape(), new KeysShape(FromHost)]);

    /// <summary>A mapping or, in the old form, a list of mappings.</summary>
    public static readonly ValueShape Environment = new EitherShape(
    [
        new MapShape(MapKeys.EnvironmentVariable, "variable", Value),
        new ListShape("variable", new MapShape(MapKeys.EnvironmentVariable, "variable", Value))
        {
            Old = new("DF0202", "a list under 'env' is an old form: it is a mapping now", "write 'NAME: value' lines without the dashes"),
        },
    ]);
}
