// SPDX-License-Identifier: Apache-2.0

using System.Text;

namespace Dora.Cli.Completion;

/// <summary>A script for zsh's completion system, descriptions included.</summary>
internal static class ZshCompletion
{
    public static string Write(IReadOnlyList<CommandWords> commands)
    {
        StringBuilder script = new("""
            #compdef dora
            # dora completion for zsh: source <(dora completion zsh)
            _dora() {
              local -a commands
              commands=(

            """);
        foreach (var command in commands.Skip(1))
            script.Append($"    '{command.Name}:{Quote(command.Description)}'\n");
        script.Append("  )\n  if (( CURRENT == 2 )); then\n    _describe -t commands command commands\n    _arguments");
        foreach (var option in commands[0].Options)
            script.Append(" \\\n      ").Append(Spec(option));
        script.Append("\n    return\n  fi\n  local chosen=$words[2]\n  shift words; (( CURRENT-- ))\n  case $chosen in\n");
        foreach (var command in commands.Skip(1))
        {
            script.Append($"    {command.Name})\n      _arguments");
            foreach (var option in command.Options)
                script.Append(" \\\n        ").Append(Spec(option));
            if (command.TakesDescriptor)
                script.Append(" \\\n        '1:dataflow:_files -g \"*.(yml|yaml)\"'");
            else if (command.Values.Count > 0)
                script.Append($" \\\n        '1:value:({string.Join(' ', command.Values)})'");
            script.Append(" ;;\n");
        }

        script.Append("  esac\n}\ncompdef _dora dora ./dora\n");
        return script.ToString();
    }

    private static string Spec(OptionWords option)
    {
        var value = !option.TakesValue ? "" : option.TakesFile ? ":path:_files" : $":value:({string.Join(' ', option.Values)})";
        var names = option.Names.Count == 1 ? $"'{option.Names[0]}" : $"{{{string.Join(',', option.Names)}}}'";
        return $"{names}[{Quote(option.Description)}]{value}'";
    }

    private static string Quote(string text) => text.Replace("'", "'\\''").Replace("[", "\\[").Replace("]", "\\]").Replace(":", "\\:");
}
