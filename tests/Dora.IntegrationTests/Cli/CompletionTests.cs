// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using Dora.Testing;

namespace Dora.IntegrationTests.Cli;

/// <summary>The completion scripts, each run by its own shell. PowerShell can't be had from Debian: its script is checked for its words only.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dora-completion-").FullName;

    public CompletionTests()
    {
        File.WriteAllText(Path.Combine(_folder, "data flow.yml"), "");
        File.WriteAllText(Path.Combine(_folder, "data.txt"), "");
        Directory.CreateDirectory(Path.Combine(_folder, "subfolder"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

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
        // What bash would offer with the cursor at the end.
        var script = $"""
            set -u
            source <('{DoraExecutable.Path}' completion bash)
            IFS=' ' read -ra COMP_WORDS <<< '{typed}'
            [[ '{typed}' == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((''${"{#COMP_WORDS[@]}"} - 1))
            _dora
            printf '%s' "${"{COMPREPLY[*]}"}"
            """.Replace("''$", "$");

        Assert.Equal(offered, await Run("bash", ["-c", script]));
    }

    [Theory]
    [InlineData("dora va", "validate")]
    [InlineData("dora graph --merm", "--mermaid")]
    [InlineData("dora validate --format ", "json text")]
    [InlineData("dora completion f", "fish")]
    [InlineData("dora validate data", "data flow.yml")]
    [InlineData("dora validate sub", "subfolder/")]
    [InlineData("dora --deb", "--debug")]
    public async Task Fish_completes(string typed, string offered)
    {
        var lines = await Run("fish", ["-c", $"'{DoraExecutable.Path}' completion fish | source; complete --do-complete '{typed}'"]);

        // Each candidate on a line, a description after a tab.
        Assert.Equal(offered, string.Join(' ', lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')[0])));
    }

    [Theory]
    [InlineData("dora va", "dora validate ")]
    [InlineData("dora graph --merm", "dora graph --mermaid ")]
    [InlineData("dora validate --format j", "dora validate --format json ")]
    [InlineData("dora completion f", "dora completion fish ")]
    [InlineData("dora validate data", @"dora validate data\ flow.yml ")]
    [InlineData("dora validate sub", "dora validate subfolder/")]
    [InlineData("dora --deb", "dora --debug ")]
    public async Task Zsh_completes(string typed, string completed)
    {
        // zsh completes only while a line is edited, on a terminal: a key there completes, writes the line to a file and ends the shell.
        await File.WriteAllTextAsync(Path.Combine(_folder, ".zshrc"), $$"""
            autoload -Uz compinit; compinit -u -D
            source <('{{DoraExecutable.Path}}' completion zsh)
            finish() { zle complete-word; print -rn -- "$BUFFER" > "$ZDOTDIR/.completed"; exit 0 }
            zle -N finish; bindkey '^T' finish
            """);

        await Run("zsh", ["-i"], onTerminal: true, typed + "\x14");

        Assert.Equal(completed, await File.ReadAllTextAsync(Path.Combine(_folder, ".completed")));
    }

    [Fact]
    public async Task The_script_for_PowerShell_names_every_command_that_the_others_know()
    {
        var (_, script, _) = await DoraRun.ToEnd(_folder, "completion", "pwsh");

        Assert.Contains("Register-ArgumentCompleter -Native -CommandName dora", script, StringComparison.Ordinal);
        Assert.All(["'validate'", "'run'", "'--mermaid'", "'json', 'text'"], word => Assert.Contains(word, script, StringComparison.Ordinal));
        Assert.Equal(script.Count(c => c == '{'), script.Count(c => c == '}'));
    }

    private async Task<string> Run(string shell, string[] arguments, bool onTerminal = false, string typed = "")
    {
        var path = Array.Find([$"/bin/{shell}", $"/usr/bin/{shell}"], File.Exists);
        Assert.SkipWhen(path is null, $"{shell} is not installed");
        ProcessStartInfo start = onTerminal
            ? new("/usr/bin/script", ["-q", "-e", "-c", string.Join(' ', arguments.Prepend(path)), "/dev/null"])
            : new(path, arguments);
        start.WorkingDirectory = _folder;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.Environment["HOME"] = start.Environment["ZDOTDIR"] = start.Environment["XDG_CONFIG_HOME"] = start.Environment["XDG_DATA_HOME"] = _folder;
        start.Environment["TERM"] = "xterm";
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(typed);
        await process.StandardInput.FlushAsync();
        await process.WaitForExitAsync().WaitAsync(DoraRun.Patience);
        Assert.Equal("", await error);
        Assert.True(process.ExitCode == 0, $"{shell} ended with {process.ExitCode}: {await output}");
        return await output;
    }
}
