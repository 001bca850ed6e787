// SPDX-License-Identifier: Apache-2.0

using System.Text.Json;
using Dora.IntegrationTests.Languages;
using Dora.Testing;

namespace Dora.IntegrationTests.Benchmarks;

/// <summary>That the benchmark's nodes of other languages do what its runner expects, which counts their messages. What they time is nobody's business here.</summary>
[Collection(LanguageCollection.Name)]
public sealed class LanguageBenchmarkTests(PythonEnvironment python) : IClassFixture<PythonEnvironment>
{
    private static readonly string Sources = Path.Combine(DoraExecutable.RepositoryRoot, "benchmarks", "languages");
    private static readonly string Runner =
        Path.Combine(DoraExecutable.RepositoryRoot, "benchmarks", "Dora.Latency", "bin", "Debug", "net10.0", "Dora.Latency");

    [Theory]
    [InlineData("C")]
    [InlineData("C++")]
    [InlineData("Rust")]
    [InlineData("Python")]
    public void Nodes_of_a_language_exchange_and_stream_as_many_messages_as_they_are_told(string language)
    {
        var folder = Directory.CreateTempSubdirectory("dora-bench-").FullName;
        try
        {
            var nodes = Build(language, folder);
            foreach (var (name, fill) in ((string, string)[])[("pingpong", "write"), ("pingpong", "loan"), ("throughput", "write"), ("throughput", "loan")])
            {
                var output = Tool.Run("env",
                    [
                        $"VIRTUAL_ENV={Path.GetDirectoryName(python.Bin)}", Runner, "--dora", DoraExecutable.Path, "--nodes", nodes, "--peer", "smoke", "--case", name,
                        "--fill", fill, "--size", "512", "--messages", "300", "--warmup", "20", "--warmup-ms", "0", "--wait", "block",
                    ]);

                var line = JsonElement.Parse(Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
                Assert.Equal(300, line.GetProperty("messages").GetInt32());
                Assert.True(line.GetProperty(name == "pingpong" ? "p50_us" : "msgs_per_s").GetDouble() > 0);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Build(string language, string folder)
    {
        var program = Path.Combine(folder, "node");
        string[] options = ["-O2", "-Wall", "-Wextra", "-Werror", $"-I{Sdk.Include}", $"-L{Sdk.Library}", "-ldora_node_api_c", $"-Wl,-rpath,{Sdk.Library}", "-o", program];
        switch (language)
        {
            case "C":
                Tool.Run("gcc", ["-std=c11", "-D_GNU_SOURCE", Path.Combine(Sources, "node.c"), .. options]);
                return program;
            case "C++":
                Tool.Run("g++", ["-std=c++17", Path.Combine(Sources, "node.cpp"), .. options]);
                return program;
            case "Rust":
                _ = Sdk.Prefix; // the crate remembers where libdora is
                File.Delete(Path.Combine(Sources, "rust", "Cargo.lock")); // what a newer cargo wrote down need not suit this one
                RustToolchain.Oldest.Run(Path.Combine(Sources, "rust"), "build", "--quiet", "--target-dir", folder);
                return Path.Combine(folder, "debug", "dora-bench-node");
            default:
                return Path.Combine(Sources, "node.py");
        }
    }
}
