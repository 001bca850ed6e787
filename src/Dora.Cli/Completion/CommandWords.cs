// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using System.CommandLine.Completions;

namespace Dora.Cli.Completion;

/// <summary>What can be typed, taken from the command tree itself, so that the scripts cannot go stale.</summary>
/// <param name="Name">Empty for what stands before any command.</param>
/// <param name="Description">One line.</param>
/// <param name="Options">Its own and those of every command.</param>
/// <param name="TakesDescriptor">It is followed by a YAML file.</param>
/// <param name="Values">Fixed words that it is followed by; for the root its commands.</param>
internal sealed record CommandWords(
    string Name, string Description, IReadOnlyList<OptionWords> Options, bool TakesDescriptor, IReadOnlyList<string> Values)
{
    /// <summary>The root first, then every visible command.</summary>
    public static IReadOnlyList<CommandWords> Of(RootCommand root)
    {
        List<CommandWords> commands = [.. root.Subcommands.Where(c => !c.Hidden).Select(c => Of(c, root))];
        return [Of(root, root) with { Values = [.. commands.Select(c => c.Name)] }, .. commands];
    }

    private static CommandWords Of(Command command, RootCommand root)
    {
        var options = command == root ? root.Options : command.Options.Concat(root.Options.Where(o => o.Recursive));
        return new CommandWords(
            command == root ? "" : command.Name,
            command.Description ?? "",
            [.. options.Where(o => !o.Hidden).Select(OptionWords.Of)],
            command.Arguments.Any(a => a.Name == "FILE"),
            [.. command.Arguments.SelectMany(a => a.GetCompletions(CompletionContext.Empty)).Select(c => c.Label)]);
    }
}

/// <summary>One option.</summary>
/// <param name="Names">Long form first.</param>
/// <param name="Description">One line.</param>
/// <param name="TakesValue">A word must follow.</param>
/// <param name="TakesFile">That word is a path.</param>
/// <param name="Values">Fixed words that may follow.</param>
internal sealed record OptionWords(IReadOnlyList<string> Names, string Description, bool TakesValue, bool TakesFile, IReadOnlyList<string> Values)
{
    public static OptionWords Of(Option option)
    {
        var takesValue = option.Arity.MinimumNumberOfValues > 0;
        return new OptionWords(
            [option.Name, .. option.Aliases.Where(a => a != option.Name && a.StartsWith('-') && a != "-?").Order(StringComparer.Ordinal)],
            option.Description ?? "",
            takesValue,
            option.Name == "--output",
            takesValue ? [.. option.GetCompletions(CompletionContext.Empty).Select(c => c.Label)] : []);
    }
}
