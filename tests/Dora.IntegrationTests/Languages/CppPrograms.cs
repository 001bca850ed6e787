// SPDX-License-Identifier: Apache-2.0

namespace Dora.IntegrationTests.Languages;

/// <summary>The programs under <c>tests/nodes/cpp</c>, a CMake project that finds dora as any other does; built once.</summary>
internal static class CppPrograms
{
    private static readonly Lazy<string> Built = new(Build);

    public static string Node(string name) => Path.Combine(Built.Value, name);

    /// <summary>Path of an operator, without <c>lib</c> and <c>.so</c>: as a dataflow names it.</summary>
    public static string Operator(string name) => Path.Combine(Built.Value, name);

    private static string Build()
    {
        var folder = Directory.CreateTempSubdirectory("dora-cpp-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        Tool.Run("cmake", ["-S", Sdk.Sources("cpp"), "-B", folder, $"-DCMAKE_PREFIX_PATH={Sdk.PrefixWithStatic}", "-DCMAKE_BUILD_TYPE=Debug"]);
        Tool.Run("cmake", ["--build", folder, "--parallel", "2"]);
        return folder;
    }
}
