// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Text;

namespace Dora.Daemon.Logs;

/// <summary>Makes text out of bytes, and text harmless to a terminal.</summary>
public static class LogText
{
    /// <summary>Decodes UTF-8; bytes that are none become <c>\xNN</c>.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes))
            return Encoding.UTF8.GetString(bytes);
        var text = new StringBuilder(bytes.Length + 16);
        Span<char> characters = stackalloc char[2];
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == System.Buffers.OperationStatus.Done)
                text.Append(characters[..rune.EncodeToUtf16(characters)]);
            else
            {
                foreach (var odd in bytes[..consumed])
                    text.Append(CultureInfo.InvariantCulture, $"\\x{odd:x2}");
            }
            bytes = bytes[consumed..];
        }
        return text.ToString();
    }

    /// <summary>
    /// Takes colours out, turns tabs into spaces, and writes every other control character, and those that reorder or break lines,
    /// as <c>\xNN</c> or <c>\uNNNN</c>.
    /// </summary>
    public static string Escape(string text)
    {
        var first = text.AsSpan().IndexOfAny(Suspects);
        if (first < 0)
            return text;
        var safe = new StringBuilder(text.Length + 16).Append(text, 0, first);
        for (var i = first; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\t')
                safe.Append("    ");
            else if (c == '\x1b' && ColourLength(text.AsSpan(i)) is > 0 and var length)
                i += length - 1;
            else if (!Suspects.Contains(c))
                safe.Append(c);
            else if (c < 0x100)
                safe.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
            else
                safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }
        return safe.ToString();
    }

    // Controls of C0 and C1, DEL, bidirectional overrides and isolates, line and paragraph separators.
    private static readonly System.Buffers.SearchValues<char> Suspects = System.Buffers.SearchValues.Create(
        [.. Range('\0', '\x1f'), .. Range('\x7f', '\x9f'), .. Range('\u202a', '\u202e'), .. Range('\u2066', '\u2069'), '\u2028', '\u2029', '\u200e', '\u200f']);

    private static IEnumerable<char> Range(char first, char last)
    {
        for (int c = first; c <= last; c++)
            yield return (char)c;
    }

    // ESC [ numbers m: sets colours and nothing else. Length, or 0 if it is another sequence.
    private static int ColourLength(ReadOnlySpan<char> text)
    {
        if (text.Length < 3 || text[1] != '[')
            return 0;
        var length = 2;
        while (length < text.Length && (char.IsAsciiDigit(text[length]) || text[length] is ';' or ':'))
            length++;
        return length < text.Length && text[length] == 'm' ? length + 1 : 0;
    }
}
