// SPDX-License-Identifier: Apache-2.0

namespace Dora.IntegrationTests.Languages;

/// <summary>The headers compile by themselves, in any order of inclusion, in C and in C++.</summary>
[Collection(LanguageCollection.Name)]
public sealed class CHeaderTests
{
    private static readonly string[] Headers = ["node_api.h", "dora.h", "operator_api.h", "operator_types.h"];

    [Theory]
    [InlineData("c", "-std=c11")]
    [InlineData("c", "-std=gnu17")]
    [InlineData("c++", "-std=c++17")]
    [InlineData("c++", "-std=c++20")]
    public void Headers_compile_without_a_warning(string language, string standard)
    {
        foreach (var header in Headers)
            Compile(language, standard, $"#include \"dora/{header}\"\n");
        Compile(language, standard, string.Concat(Headers.Concat(Headers.Reverse()).Select(header => $"#include <dora/{header}>\n")));
    }

    [Theory]
    [InlineData("-std=c++17")]
    [InlineData("-std=c++20")]
    [InlineData("-std=c++17", "-fno-exceptions")]
    [InlineData("-std=c++17", "-DDORA_NO_EXCEPTIONS")]
    public void Cpp_headers_compile_without_a_warning(params string[] options)
    {
        foreach (var header in (string[])["span", "error", "metadata", "event", "loan", "node", "operator"])
            Compile("c++", options, $"#include \"dora/{header}.hpp\"\n");
        if (!options.Contains("-fno-exceptions"))
            Compile("c++", options, "#define DORA_RUST_NAMES\n#include \"dora-node-api.h\"\n");
    }

    private static void Compile(string language, string standard, string text) => Compile(language, [standard], text);

    private static void Compile(string language, string[] options, string text)
    {
        var source = Path.GetTempFileName();
        try
        {
            File.WriteAllText(source, text);
            Tool.Run("gcc", ["-x", language, .. options, "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror", "-fsyntax-only", $"-I{Sdk.Include}", source]);
        }
        finally
        {
            File.Delete(source);
        }
    }
}
