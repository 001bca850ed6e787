// SPDX-License-Identifier: Apache-2.0

namespace Dora.IntegrationTests.Languages;

/// <summary>Compiles the C programs under <c>tests/nodes/c</c> as strictly as gcc can; each once.</summary>
internal static class CPrograms
{
    private static readonly string Folder = Directory.CreateTempSubdirectory("dora-c-").FullName;
    private static readonly Lock Guard = new();
    private static readonly Lazy<string> PythonInclude =
        new(() => Tool.Run("/usr/bin/python3", ["-c", "import sysconfig; print(sysconfig.get_path('include'), end='')"]));

    private static readonly string[] Strict =
        ["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-pthread", $"-I{Sdk.Include}"];

    static CPrograms() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Folder, recursive: true);

    /// <summary>Path of a node, linked as dora's documentation has it.</summary>
    public static string Node(string name) =>
        Compile(name, name, [$"-L{Sdk.Library}", "-ldora_node_api_c", $"-Wl,-rpath,{Sdk.Library}"]);

    /// <summary>The same under AddressSanitizer and UBSan.</summary>
    public static string CheckedNode(string name) => Compile(
        name,
        $"{name}-checked",
        [$"-L{Sdk.Library}", "-ldora_node_api_c", $"-Wl,-rpath,{Sdk.Library}", .. Sanitizers.Options]);

    /// <summary>An operator's library under AddressSanitizer and UBSan, for a program that is so, too.</summary>
    public static string CheckedOperator(string name) => Compile(name, $"lib{name}-checked.so", ["-shared", "-fPIC", .. Sanitizers.Options]);

    /// <summary>Path of an operator, without <c>lib</c> and <c>.so</c>: as a dataflow names it.</summary>
    public static string Operator(string name)
    {
        Compile(name, $"lib{name}.so", ["-shared", "-fPIC"]);
        return Path.Combine(Folder, name);
    }

    /// <summary>The folder of a Python extension; its module is called as its source.</summary>
    public static string PythonExtension(string name)
    {
        Compile(name, $"{name}.so", ["-shared", "-fPIC", $"-I{PythonInclude.Value}"]);
        return Folder;
    }

    private static string Compile(string source, string output, string[] options)
    {
        var path = Path.Combine(Folder, output);
        lock (Guard)
        {
            if (!File.Exists(path))
                Tool.Run("gcc", [.. Strict, Path.Combine(Sdk.Sources("c"), $"{source}.c"), "-o", path, .. options]);
        }

        return path;
    }
}
