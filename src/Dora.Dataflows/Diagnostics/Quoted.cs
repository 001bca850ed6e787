// SPDX-License-Identifier: Apache-2.0

using System.Text;

namespace Dora.Dataflows.Diagnostics;

/// <summary>Makes text from a descriptor safe and short enough for a message.</summary>
internal static class Quoted
{
    private const int MaxLength = 80;

    /// <summary><c>'text'</c>, shortened in the middle when long.</summary>
    public static string Text(string text)
    {
        string shown = text.Length <= MaxLength ? text : $"{Cut(text, 0, 50)}…{Cut(text, text.Length - 20, text.Length)}";
        return $"'{OneLine(shown)}'";
    }

    /// <summary><c>'a', 'b' or 'c'</c>; after ten names the rest is counted.</summary>
    public static string OneOf(IEnumerable<string> names)
    {
        string[] all = [.. names];
        string[] shown = [.. all.Take(10).Select(Text)];
        if (shown.Length == 0) return "nothing";
        if (all.Length > shown.Length) return $"{string.Join(", ", shown)} and {all.Length - shown.Length} more";
        return shown.Length == 1 ? shown[0] : $"{string.Join(", ", shown[..^1])} or {shown[^1]}";
    }

    /// <summary>The text with control characters (line ends, escape sequences, bidirectional overrides) written as <c>\u001b</c>.</summary>
    public static string OneLine(string text)
    {
        if (!text.Any(MustEscape)) return text;
        StringBuilder escaped = new(text.Length + 16);
        foreach (char c in text)
        {
            if (c == '\n') escaped.Append("\\n");
            else if (MustEscape(c)) escaped.Append($"\\u{(int)c:x4}");
            else escaped.Append(c);
        }

        return escaped.ToString();
    }

    private static bool MustEscape(char c) =>
        char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    private static string Cut(string text, int start, int end)
    {
        if (start > 0 && char.IsLowSurrogate(text[start])) start++;
        if (end < text.Length && char.IsLowSurrogate(text[end])) end--;
        return text[start..end];
    }
}
