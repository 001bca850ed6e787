// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.IntegrationTests.Cli;
using Dora.Testing;

namespace Dora.IntegrationTests.Languages;

/// <summary>What <c>dora new</c> writes in languages other than C# builds and runs as it is.</summary>
[Collection(LanguageCollection.Name)]
public sealed class NewTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dora-new-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("c")]
    [InlineData("cpp")]
    [InlineData("python")]
    [InlineData("rust")]
    public async Task A_new_dataflow_builds_and_runs(string language)
    {
        _ = Sdk.Prefix;
        Assert.Equal(0, (await DoraRun.ToEnd(_folder, "new", "first", "--lang", language)).ExitCode);

        var built = await DoraRun.ToEnd(_folder, "build", "first/dataflow.yml");
        Assert.True(built.ExitCode == 0, built.Error);
        Assert.DoesNotContain("warning", built.Error, StringComparison.Ordinal);
        var (code, output, error) = await DoraRun.ToEnd(_folder, "run", "first/dataflow.yml");

        Assert.True(code == 0, error);
        Assert.Contains("received 98\n", output);
    }

    [Theory]
    [InlineData("python")]
    [InlineData("rust")]
    public async Task A_new_node_and_a_new_operator_run_as_they_say_in_their_comments(string language)
    {
        _ = Sdk.Prefix;
        var dataflow = new StringBuilder("allow_outside: true\nnodes:\n");
        foreach (var (name, kind) in ((string, string)[])[("source", "node"), ("edge-filter", "operator")])
        {
            var (code, files, error) = await DoraRun.ToEnd(_folder, "new", name, "--kind", kind, "--lang", language);
            Assert.True(code == 0, error);
            var lines = await File.ReadAllLinesAsync(Path.Combine(_folder, files.Split('\n')[0]));
            dataflow.AppendJoin('\n', lines.Skip(1).TakeWhile(l => l.StartsWith("#   ", StringComparison.Ordinal)).Select(l => l[2..])).Append('\n');
        }

        dataflow.Append($"  - id: sink\n    path: {CPrograms.Node("watcher")}\n    inputs:\n      doubled: runtime/edge-filter/doubled\n");
        await File.WriteAllTextAsync(Path.Combine(_folder, "dataflow.yml"), dataflow.ToString());
        var built = await DoraRun.ToEnd(_folder, "build", "dataflow.yml");
        Assert.True(built.ExitCode == 0, built.Error);
        var run = await DoraRun.ToEnd(_folder, "run", "dataflow.yml", "--format", "json");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Matches(@"""received"": ?50\b", run.Out); // all that the source sent came to the sink, doubled or not
    }

    [Theory]
    [InlineData("c", "gcc", "-std=c11")]
    [InlineData("cpp", "g++", "-std=c++17")]
    public async Task A_new_node_and_a_new_operator_compile(string language, string compiler, string standard)
    {
        Assert.Equal(0, (await DoraRun.ToEnd(_folder, "new", "camera", "--kind", "node", "--lang", language)).ExitCode);
        Assert.Equal(0, (await DoraRun.ToEnd(_folder, "new", "edge-filter", "--kind", "operator", "--lang", language)).ExitCode);

        foreach (var name in (string[])["camera", "edge-filter"])
            Tool.Run(compiler, [standard, "-Wall", "-Wextra", "-Werror", "-fsyntax-only", $"-I{Sdk.Include}", Path.Combine(_folder, $"{name}.{language}")]);
        Assert.Contains(Path.Combine(DoraExecutable.RepositoryRoot, "bindings", "c", "build"), await File.ReadAllTextAsync(Path.Combine(_folder, $"camera.{language}")));
    }
}
