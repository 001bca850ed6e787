// SPDX-License-Identifier: Apache-2.0

using System.Text;

namespace Dora.Cli.Completion;

/// <summary>A script for fish.</summary>
internal static class FishCompletion
{
    public static string Write(IReadOnlyList<CommandWords> commands)
    {
        StringBuilder script = new("# dora completion for fish: dora completion fish | source\ncomplete -c dora -f\n");
        foreach (var command in commands)
        {
            var isRoot = command.Name.Length == 0;
            var where = isRoot ? "-n __fish_use_subcommand" : $"-n '__fish_seen_subcommand_from {command.Name}'";
            if (!isRoot)
                script.Append($"complete -c dora -n __fish_use_subcommand -a {command.Name} -d '{Quote(command.Description)}'\n");
            if (!isRoot && command.Values.Count > 0)
                script.Append($"complete -c dora {where} -a '{string.Join(' ', command.Values)}'\n");
            if (command.TakesDescriptor)
                script.Append($"complete -c dora {where} -k -a '(__fish_complete_suffix .yml .yaml; __fish_complete_directories (commandline -ct))'\n");
            foreach (var option in command.Options)
                script.Append($"complete -c dora {where}{Names(option)}{Value(option)} -d '{Quote(option.Description)}'\n");
        }

        return script.ToString();
    }

    private static string Names(OptionWords option) =>
        string.Concat(option.Names.Select(n => n.StartsWith("--", StringComparison.Ordinal) ? $" -l {n[2..]}" : $" -s {n[1..]}"));

    private static string Value(OptionWords option) =>
        !option.TakesValue ? "" : option.TakesFile ? " -r -F" : option.Values.Count > 0 ? $" -x -a '{string.Join(' ', option.Values)}'" : " -x";

    private static string Quote(string text) => text.Replace("\\", "\\\\").Replace("'", "\\'");
}
