// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using Dora.Testing;

namespace Dora.IntegrationTests.Cli;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("dora va", "validate")]
    [InlineData("dora graph --merm", "--mermaid")]
    [InlineData("dora validate --format ", "json text")]
    [InlineData("dora completion f", "fish")]
    [InlineData("dora validate data", "data flow.yml")]
    [InlineData("dora validate sub", "subfolder")]
    [InlineData("dora --deb", "--debug")]
    public async Task Bash_completes(string typed, string offered)
    {
        var folder = Directory.CreateTempSubdirectory("dora-completion-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "data flow.yml"), "");
            await File.WriteAllTextAsync(Path.Combine(folder, "data.txt"), "");
            Directory.CreateDirectory(Path.Combine(folder, "subfolder"));

            Assert.Equal(offered, await Complete(folder, typed));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What bash would offer with the cursor at the end.</summary>
    private static async Task<string> Complete(string folder, string typed)
    {
        var script = $"""
            set -u
            source <('{DoraExecutable.Path}' completion bash)
            IFS=' ' read -ra COMP_WORDS <<< '{typed}'
            [[ '{typed}' == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((''${"{#COMP_WORDS[@]}"} - 1))
            _dora
            printf '%s' "${"{COMPREPLY[*]}"}"
            """.Replace("''$", "$");
        using var bash = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", script])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, error) = (bash.StandardOutput.ReadToEndAsync(), bash.StandardError.ReadToEndAsync());
        await bash.WaitForExitAsync().WaitAsync(DoraRun.Patience);
        Assert.Equal("", await error);
        Assert.Equal(0, bash.ExitCode);
        return await output;
    }
}
