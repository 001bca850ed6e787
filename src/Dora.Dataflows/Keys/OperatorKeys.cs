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
            new("wasm", new TextShape(), "WebAssembly module."),
            new("build", new TextShape { MayBeEmpty = true }, "Shell lines that make it, run in turn."),
            PortKeys.Inputs,
            PortKeys.Outputs,
            .. PortKeys.Types,
            .. LogKeys.Logging,
        ]);
}
