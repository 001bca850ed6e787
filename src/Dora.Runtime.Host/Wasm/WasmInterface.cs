// SPDX-License-Identifier: Apache-2.0

using Wasmtime;

namespace Dora.Runtime.Host.Wasm;

/// <summary>What a module must and may export, and what it may import: <c>docs/formats/wasm-operator.md</c>.</summary>
internal static class WasmInterface
{
    /// <summary>The version that a module must state.</summary>
    public const int Version = 1;

    /// <summary>The module name of all imports.</summary>
    public const string Module = "dora";

    private const ValueKind I32 = ValueKind.Int32;
    private const ValueKind I64 = ValueKind.Int64;

    private sealed record Signature(string Name, ValueKind[] Parameters, ValueKind[] Results)
    {
        public bool Fits(IReadOnlyList<ValueKind> parameters, IReadOnlyList<ValueKind> results) =>
            parameters.SequenceEqual(Parameters) && results.SequenceEqual(Results);

        public override string ToString() => Text(Parameters, Results);

        public static string Text(IEnumerable<ValueKind> parameters, IEnumerable<ValueKind> results) => $"({Kinds(parameters)}) -> ({Kinds(results)})";

        private static string Kinds(IEnumerable<ValueKind> kinds) => string.Join(", ", kinds.Select(kind => kind switch
        {
            ValueKind.Int32 => "i32",
            ValueKind.Int64 => "i64",
            ValueKind.Float32 => "f32",
            ValueKind.Float64 => "f64",
            _ => kind.ToString(),
        }));
    }

    private static readonly Signature[] s_required =
    [
        new("dora_abi_version", [], [I32]),
        new("dora_alloc", [I32], [I32]),
        new("dora_on_event", [I32, I32, I32, I32, I32], [I32]),
    ];

    private static readonly Signature[] s_optional =
    [
        new("dora_init", [], [I32]),
        new("dora_drop", [], []),
        new("_initialize", [], []),
    ];

    private static readonly Signature[] s_imports =
    [
        new("send_output", [I32, I32, I32, I32], []),
        new("forward_input", [I32, I32], []),
        new("timestamp", [], [I64]),
        new("log", [I32, I32, I32], []),
        new("set_error", [I32, I32], []),
        new("parameter_count", [], [I32]),
        new("parameter_key", [I32, I32, I32], [I32]),
        new("parameter_kind", [I32, I32], [I32]),
        new("parameter_get", [I32, I32, I32, I32, I32], [I32]),
        new("parameter_set", [I32, I32, I32, I32, I32], []),
        new("parameters_copy", [], []),
        new("state_get", [I32, I32, I32, I32], [I32]),
        new("state_set", [I32, I32, I32, I32], []),
        new("state_delete", [I32, I32], [I32]),
        new("state_commit", [], []),
        new("state_reason", [], [I32]),
        new("state_version", [], [I32]),
    ];

    /// <summary>What is wrong with a module, and what to do; null: nothing.</summary>
    public static string? Problem(Module module)
    {
        foreach (var import in module.Imports)
        {
            if (ProblemOf(import) is { } problem)
                return problem;
        }

        if (module.Exports.FirstOrDefault(export => export.Name == "memory") is not MemoryExport)
            return "it does not export its memory under the name 'memory'";
        foreach (var function in s_required)
        {
            if (Find(module, function) is not { } export)
                return $"it does not export '{function.Name}'; an operator exports memory, {string.Join(", ", s_required.Select(f => f.Name))}";
            if (!function.Fits(export.Parameters, export.Results))
                return Mismatch($"its '{function.Name}'", export.Parameters, export.Results, function);
        }

        foreach (var function in s_optional)
        {
            if (Find(module, function) is { } export && !function.Fits(export.Parameters, export.Results))
                return Mismatch($"its '{function.Name}'", export.Parameters, export.Results, function);
        }

        return null;
    }

    private static FunctionExport? Find(Module module, Signature function) =>
        module.Exports.FirstOrDefault(export => export.Name == function.Name) as FunctionExport;

    private static string? ProblemOf(Import import)
    {
        if (import.ModuleName.StartsWith("wasi", StringComparison.Ordinal))
            return $"it imports '{import.ModuleName}.{import.Name}', but operators get no access to files, clocks or the network; build it without "
                + "WASI (C: clang --target=wasm32 -nostdlib; Rust: wasm32-unknown-unknown)";
        var known = import.ModuleName == Module ? Array.Find(s_imports, function => function.Name == import.Name) : null;
        if (known is null || import is not FunctionImport wanted)
            return $"it imports '{import.ModuleName}.{import.Name}', which this dora does not have; from '{Module}' there are "
                + string.Join(", ", s_imports.Select(function => function.Name));
        return known.Fits(wanted.Parameters, wanted.Results)
            ? null
            : Mismatch($"its import '{Module}.{known.Name}'", wanted.Parameters, wanted.Results, known);
    }

    private static string Mismatch(string what, IEnumerable<ValueKind> parameters, IEnumerable<ValueKind> results, Signature expected) =>
        $"{what} is of type {Signature.Text(parameters, results)}, but dora's is {expected}";
}
