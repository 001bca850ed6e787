// SPDX-License-Identifier: Apache-2.0

using System.Text.RegularExpressions;
using Dora.IntegrationTests.Cli;
using Dora.Testing;

namespace Dora.IntegrationTests.Languages;

/// <summary>The programs of the guide's pages, built and run as the pages say.</summary>
[Collection(LanguageCollection.Name)]
public sealed partial class GuidePageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dora-guide-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("c.md")]
    [InlineData("cpp.md")]
    [InlineData("rust.md")]
    public async Task The_complete_dataflow_of_the_page_builds_and_runs(string page)
    {
        await Extract(page, _folder);
        Environment.SetEnvironmentVariable("PKG_CONFIG_PATH", Path.Combine(Sdk.Library, "pkgconfig")); // no other test looks at these
        Environment.SetEnvironmentVariable("CMAKE_PREFIX_PATH", Sdk.Prefix);

        var built = await DoraRun.ToEnd(_folder, "build", "dataflow.yml");
        Assert.True(built.ExitCode == 0, built.Error);
        var (code, output, error) = await DoraRun.ToEnd(_folder, "run", "dataflow.yml");

        Assert.True(code == 0, error);
        for (var i = 0; i < 10; i++)
            Assert.Contains($"got {i * i}\n", output);
    }

    /// <summary>Writes the files that a page shows.</summary>
    internal static async Task Extract(string page, string folder)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(DoraExecutable.RepositoryRoot, "docs", "guide", page));
        text = text.Replace("/path/to/dora", DoraExecutable.RepositoryRoot, StringComparison.Ordinal);
        foreach (Match file in NamedBlock().Matches(text))
            await File.WriteAllTextAsync(Path.Combine(folder, file.Groups["name"].Value), file.Groups["text"].Value);
    }

    [GeneratedRegex(@"^`(?<name>[\w.]+)`:.*?```\w+\n(?<text>.*?)```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex NamedBlock();
}
