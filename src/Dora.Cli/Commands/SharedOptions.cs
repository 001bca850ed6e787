// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;

namespace Dora.Cli.Commands;

/// <summary>Options and arguments that several commands take; each call makes a new one, so that every command has its own help text.</summary>
internal static class SharedOptions
{
    /// <summary>The one option that every command has.</summary>
    public static readonly Option<bool> Debug = new("--debug")
    {
        Description = "Show the details behind an error",
        Recursive = true,
    };

    public static Argument<string> Descriptor() => new("FILE") { Description = "The dataflow's YAML file" };

    /// <summary>For commands whose result another program may want to read.</summary>
    public static Option<string> Format(string description = "How the result is written")
    {
        var format = new Option<string>("--format") { Description = description, DefaultValueFactory = _ => "text" };
        return format.AcceptOnlyFromAmong("text", "json");
    }

    public static Option<bool> StrictTypes() => new("--strict-types") { Description = "Take findings about types as errors" };

    public static Option<bool> AllowShellNodes() =>
        new("--allow-shell-nodes") { Description = "Allow nodes that are shell lines (path: shell) to run" };
}
