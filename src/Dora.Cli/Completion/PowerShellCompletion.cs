// SPDX-License-Identifier: Apache-2.0

using System.Text;

namespace Dora.Cli.Completion;

/// <summary>A script for PowerShell.</summary>
internal static class PowerShellCompletion
{
    public static string Write(IReadOnlyList<CommandWords> commands)
    {
        StringBuilder script = new("""
            # dora completion for PowerShell: dora completion pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName dora, ./dora -ScriptBlock {
                param($word, $ast, $position)
                $typed = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
                $command = @($typed | Where-Object { -not $_.StartsWith('-') -and $_ -ne $word })[0]
                $previous = @($typed | Where-Object { $_ -ne $word })[-1]
                $values = switch ("${command}:$previous") {

            """);
        foreach (var (command, option) in commands.SelectMany(c => c.Options.Where(o => o.Values.Count > 0).Select(o => (c, o))))
        {
            foreach (var name in option.Names)
                script.Append($"        '{command.Name}:{name}' {{ {Array(option.Values)} }}\n");
        }

        script.Append("    }\n    $words = if ($values) { $values } else { switch (\"$command\") {\n");
        foreach (var command in commands)
        {
            var words = command.Values.Concat(command.Options.SelectMany(o => o.Names));
            script.Append($"        '{command.Name}' {{ {Array(words)} }}\n");
        }

        script.Append("""
                } }
                $words | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }

            """);
        return script.ToString();
    }

    private static string Array(IEnumerable<string> words) => string.Join(", ", words.Select(w => $"'{w}'"));
}
