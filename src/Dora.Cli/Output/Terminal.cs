// SPDX-License-Identifier: Apache-2.0

using Spectre.Console;

namespace Dora.Cli.Output;

/// <summary>Where a command writes. Standard output carries data, standard error carries talk.</summary>
/// <remarks>Lines may come from several threads: both writers are synchronised, a line is written by one call.</remarks>
internal sealed class Terminal
{
    /// <summary>Data: what another program may read.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Talk: progress, diagnostics, tables for people.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>How to colour <see cref="Out"/>.</summary>
    public Ink OutInk { get; init; } = Ink.None;

    /// <summary>How to colour <see cref="Error"/>.</summary>
    public Ink ErrorInk { get; init; } = Ink.None;

    /// <summary>Whether <see cref="Error"/> is a terminal whose last line can be rewritten.</summary>
    public bool ErrorIsInteractive { get; init; }

    /// <summary>Columns of <see cref="Error"/>.</summary>
    public int Width { get; init; } = 120;

    /// <summary>The process's own streams; NO_COLOR and TERM=dumb are obeyed, FORCE_COLOR colours pipes as well.</summary>
    public static Terminal Standard()
    {
        var plain = IsSet("NO_COLOR") || Environment.GetEnvironmentVariable("TERM") == "dumb";
        var forced = IsSet("FORCE_COLOR");
        var errorIsTerminal = !Console.IsErrorRedirected;
        return new Terminal
        {
            Out = Console.Out,
            Error = Console.Error,
            OutInk = Ink.When(!plain && (forced || !Console.IsOutputRedirected)),
            ErrorInk = Ink.When(!plain && (forced || errorIsTerminal)),
            ErrorIsInteractive = errorIsTerminal && !plain,
            Width = errorIsTerminal ? WidthOfConsole() : 120,
        };
    }

    /// <summary>Spectre's view of <see cref="Error"/>, for tables.</summary>
    public IAnsiConsole ErrorTables() => Tables(Error, ErrorInk);

    /// <summary>Spectre's view of <see cref="Out"/>, for commands whose data is a table.</summary>
    public IAnsiConsole OutTables() => Tables(Out, OutInk);

    private IAnsiConsole Tables(TextWriter writer, Ink ink)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = ink.IsColoured ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = ink.IsColoured ? ColorSystemSupport.EightBit : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = Width;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }

    // https://no-color.org: present and not empty.
    private static bool IsSet(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));

    private static int WidthOfConsole()
    {
        try
        {
            return Math.Clamp(Console.WindowWidth, 40, 240);
        }
        catch (IOException) // a terminal that tells no size
        {
            return 80;
        }
    }
}
