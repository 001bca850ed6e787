// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Diagnostics;

namespace Dora.Dataflows.Yaml;

/// <summary>Says a syntax error of the YAML library in words for people, and points to where it comes from.</summary>
internal static class SyntaxMessage
{
    /// <param name="at">Where the library noticed.</param>
    /// <param name="libraryMessage">What it said; may be empty.</param>
    /// <param name="openBracket">The innermost bracket that was open.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void Report(SourceSpan at, string libraryMessage, SourceSpan? openBracket, DiagnosticBag diagnostics)
    {
        string message = Core(libraryMessage);
        if (TabNear(at) is { } tab)
            Report(tab, "a tab, where YAML allows only spaces", "indent with spaces");
        else if (openBracket is { } bracket && (message.Length == 0 || IsAtEnd(at) || message.Contains("flow", StringComparison.Ordinal)))
            Report(
                bracket, $"the bracket that opens here is not closed before line {at.Line + 1}",
                "close it, and put commas between the items");
        else if (message.Contains("invalid mapping", StringComparison.Ordinal))
            Report(at, "a ':' can't stand here", "let the keys of one mapping start in the same column, and quote text that holds ': '");
        else
            Report(at, message, "look at this line and the one before: indentation, a missing ':', '-' or quote");

        void Report(SourceSpan span, string problem, string fix) =>
            diagnostics.Error("DF0004", span, problem.Length > 0 ? $"not well-formed YAML: {problem}" : "not well-formed YAML", fix: fix);
    }

    /// <summary>The library notices a tab at the end of the value before it.</summary>
    private static SourceSpan? TabNear(SourceSpan at)
    {
        for (int line = at.Line; line <= at.Line + 1; line++)
        {
            string text = at.Source.Line(line);
            int tab = text.AsSpan().IndexOfAnyExcept(' ');
            if (tab >= 0 && text[tab] == '\t') return new SourceSpan(at.Source, line, tab + 1, tab + 2);
        }

        return null;
    }

    private static bool IsAtEnd(SourceSpan at) => at.Source.Line(at.Line + 1).Length == 0 && at.Source.Line(at.Line + 2).Length == 0;

    /// <summary>The library sometimes puts positions before its message, which we print ourselves.</summary>
    private static string Core(string message)
    {
        int end = message.LastIndexOf("): ", StringComparison.Ordinal);
        string core = (end >= 0 ? message[(end + 3)..] : message).Trim().TrimEnd('.');
        return core.Length > 0 ? char.ToLowerInvariant(core[0]) + core[1..] : "";
    }
}
