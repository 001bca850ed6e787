// SPDX-License-Identifier: Apache-2.0

using System.Text;

namespace Dora.Cli.Completion;

/// <summary>A script for bash that needs nothing but bash.</summary>
internal static class BashCompletion
{
    public static string Write(IReadOnlyList<CommandWords> commands)
    {
        StringBuilder script = new("""
            # dora completion for bash: source <(dora completion bash)
            _dora() {
                local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= word= words= options= files=
                COMPREPLY=()
                for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                    case $word in -*) ;; *) command=$word; break ;; esac
                done
                case $command:$previous in

            """);
        foreach (var (command, option) in commands.SelectMany(c => c.Options.Where(o => o.TakesValue).Select(o => (c, o))))
        {
            var source = option.TakesFile ? "-f" : $"-W '{string.Join(' ', option.Values)}'";
            foreach (var name in option.Names)
                script.Append($"        {command.Name}:{name}) COMPREPLY=($(compgen {source} -- \"$current\")); return ;;\n");
        }

        script.Append("    esac\n    case $command in\n");
        foreach (var command in commands)
        {
            var options = string.Join(' ', command.Options.SelectMany(o => o.Names));
            var files = command.TakesDescriptor ? " files=1" : "";
            script.Append($"        '{command.Name}') words='{string.Join(' ', command.Values)}' options='{options}'{files} ;;\n");
        }

        script.Append("""
                esac
                if [[ $current == -* ]]; then
                    COMPREPLY=($(compgen -W "$options" -- "$current"))
                    return
                fi
                COMPREPLY=($(compgen -W "$words" -- "$current"))
                if [[ -n $files ]]; then
                    local IFS=$'\n' # names may hold spaces
                    compopt -o filenames 2> /dev/null
                    COMPREPLY+=($(compgen -d -- "$current"; compgen -f -- "$current" | grep -E '\.ya?ml$'))
                fi
            }
            complete -F _dora dora ./dora

            """);
        return script.ToString();
    }
}
