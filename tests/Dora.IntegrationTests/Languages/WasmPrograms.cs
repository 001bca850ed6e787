// SPDX-License-Identifier: Apache-2.0

using Dora.Testing;

namespace Dora.IntegrationTests.Languages;

/// <summary>Compiles the C programs under <c>tests/nodes/wasm</c> to WebAssembly; each once.</summary>
internal static class WasmPrograms
{
    private static readonly string Folder = Directory.CreateTempSubdirectory("dora-wasm-").FullName;
    private static readonly Lock Guard = new();

    static WasmPrograms() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Folder, recursive: true);

    /// <summary>Path of a module.</summary>
    public static string Operator(string name)
    {
        var path = Path.Combine(Folder, $"{name}.wasm");
        lock (Guard)
        {
            if (!File.Exists(path))
                Compile(Path.Combine(Sdk.Sources("wasm"), $"{name}.c"), path);
        }

        return path;
    }

    /// <summary>Compiles as the guide has it, and as strictly as clang can.</summary>
    public static void Compile(string source, string output) => Tool.Run(
        "clang",
        [
            "--target=wasm32", "-O1", "-mbulk-memory", "-nostdlib", "-Wall", "-Wextra", "-Werror", "-Wl,--no-entry",
            $"-I{Path.Combine(DoraExecutable.RepositoryRoot, "bindings", "c", "include")}", source, "-o", output,
        ]);
}
