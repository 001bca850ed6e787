// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Pictures;

/// <summary>How much room text takes. We draw without a browser, so this is an estimate on the wide side.</summary>
internal static class TextSize
{
    public const double LineHeight = 15;

    /// <summary>Sans-serif at 13 px, bold.</summary>
    public static double Title(string text) => text.Length * 7.8;

    /// <summary>Sans-serif at 11 px.</summary>
    public static double Small(string text) => text.Length * 6.3;

    /// <summary>A label longer than this is cut; its tooltip has it all.</summary>
    public static string Cut(string text, int maxLength) => text.Length <= maxLength ? text : text[..(maxLength - 1)] + "…";
}
