// SPDX-License-Identifier: Apache-2.0

using System.Text.RegularExpressions;
using Dora.Testing;

namespace Dora.IntegrationTests.Cli;

/// <summary>Dataflows of C# sources, from nothing to their output.</summary>
public sealed partial class BuiltNodeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dora-built-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_dora_new_writes_runs_as_it_is()
    {
        Assert.Equal(0, (await DoraRun.ToEnd(_folder, "new", "first")).ExitCode);

        var (code, output, error) = await DoraRun.ToEnd(_folder, "run", "first/dataflow.yml");

        Assert.True(code == 0, error);
        Assert.Contains("received 98\n", output);
    }

    [Fact]
    public async Task The_taste_in_the_readme_runs_as_it_says()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(DoraExecutable.RepositoryRoot, "README.md"));
        foreach (Match example in NamedBlock().Matches(readme))
        {
            var text = example.Groups["text"].Value.Replace("../src", Path.Combine(DoraExecutable.RepositoryRoot, "src"));
            await File.WriteAllTextAsync(Path.Combine(_folder, example.Groups["name"].Value), text);
        }

        var (code, output, error) = await DoraRun.ToEnd(_folder, "run", "dataflow.yml");

        Assert.True(code == 0, error);
        Assert.Equal([.. Enumerable.Range(0, 10).Select(i => $"printer | got {i}")], output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task The_commands_of_the_readme_exist()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(DoraExecutable.RepositoryRoot, "README.md"));
        var file = Regex.Match(readme, @"^\./dora run (\S+)", RegexOptions.Multiline).Groups[1].Value;

        var (code, _, error) = await DoraRun.ToEnd(DoraExecutable.RepositoryRoot, "validate", file);

        Assert.True(code == 0, error);
        Assert.True(File.Exists(Path.Combine(DoraExecutable.RepositoryRoot, "test")));
        foreach (Match link in Regex.Matches(readme, @"\]\((?!https?:)([^)]+)\)"))
            Assert.True(File.Exists(Path.Combine(DoraExecutable.RepositoryRoot, link.Groups[1].Value)), link.Value);
    }

    [Fact]
    public async Task A_compile_error_is_shown_as_the_compiler_wrote_it()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "node.cs"), "Console.WriteLine(nope);\n");
        await File.WriteAllTextAsync(Path.Combine(_folder, "df.yml"), "nodes:\n  - id: node\n    path: node.cs\n");

        var (code, _, error) = await DoraRun.ToEnd(_folder, "build", "df.yml");

        Assert.Equal(1, code);
        Assert.Contains($"{Path.Combine(_folder, "node.cs")}(1,19): error CS0103: The name 'nope' does not exist in the current context\n", error);
        Assert.Equal(["df.yml", "node.cs"], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Build_lines_run_in_order_and_stop_at_the_first_that_fails()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "df.yml"), """
            nodes:
              - id: a
                path: made
                build: |
                  echo one > made
                  echo two >> made; exit 3
                  echo three >> made
            """);

        var (code, _, error) = await DoraRun.ToEnd(_folder, "build", "df.yml");

        Assert.Equal(1, code);
        Assert.Equal("one\ntwo\n", await File.ReadAllTextAsync(Path.Combine(_folder, "made")));
        Assert.Contains("the build line of a ended with exit code 3: echo two >> made; exit 3", error);
    }

    [GeneratedRegex(@"^`(?<name>[\w.]+)`:.*?```\w+\n(?<text>.*?)```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex NamedBlock();
}
