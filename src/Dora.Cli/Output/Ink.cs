// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Output;

/// <summary>Colours text for one stream, or leaves it alone when that stream takes none.</summary>
internal sealed class Ink
{
    public static readonly Ink None = new(false);
    private static readonly Ink Colours = new(true);

    private Ink(bool isColoured) => IsColoured = isColoured;

    public bool IsColoured { get; }

    public static Ink When(bool coloured) => coloured ? Colours : None;

    public string Bold(string text) => Paint(text, "1");

    public string Dim(string text) => Paint(text, "2");

    public string Red(string text) => Paint(text, "1;31");

    public string Yellow(string text) => Paint(text, "33");

    public string Green(string text) => Paint(text, "32");

    public string Cyan(string text) => Paint(text, "36");

    /// <summary>A colour of the 256-colour palette.</summary>
    public string Palette(string text, int index) => Paint(text, $"38;5;{index}");

    private string Paint(string text, string code) => IsColoured && text.Length > 0 ? $"\e[{code}m{text}\e[0m" : text;
}
