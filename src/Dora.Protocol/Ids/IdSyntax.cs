// SPDX-License-Identifier: Apache-2.0

namespace Dora.Protocol;

/// <summary>The one place that knows what a name may look like: names become file names, socket messages and YAML paths.</summary>
internal static class IdSyntax
{
    public const int LengthMax = 64;

    /// <summary>Null when <paramref name="id"/> is <c>[A-Za-z0-9_.-]{1,64}</c> without a leading dot; else why not, as a clause.</summary>
    public static string? WhyNotSegment(ReadOnlySpan<char> id)
    {
        if (id.IsEmpty)
        {
            return "it is empty";
        }

        if (id.Length > LengthMax)
        {
            return $"it has {id.Length} characters, at most {LengthMax} are allowed";
        }

        if (id[0] == '.')
        {
            return "it starts with a dot";
        }

        foreach (var c in id)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.'))
            {
                return $"it contains {Describe(c)}; letters, digits, '_', '-' and '.' are allowed";
            }
        }

        return null;
    }

    /// <summary>A node may not take the name under which the daemon itself publishes.</summary>
    public static string? WhyNotNode(ReadOnlySpan<char> id) =>
        id is "dora" ? "'dora' is reserved for timers and logs" : WhyNotSegment(id);

    /// <summary>One segment, or two with a slash between them: an operator's port.</summary>
    public static string? WhyNotData(ReadOnlySpan<char> id)
    {
        var slash = id.IndexOf('/');
        if (slash < 0)
        {
            return WhyNotSegment(id);
        }

        if (id[(slash + 1)..].Contains('/'))
        {
            return "it contains more than one '/'";
        }

        return WhyNotSegment(id[..slash]) is { } before ? $"before the '/', {before}"
            : WhyNotSegment(id[(slash + 1)..]) is { } after ? $"after the '/', {after}"
            : null;
    }

    private static string Describe(char c) => c switch
    {
        ' ' => "a space",
        '/' => "'/'",
        < ' ' or > '~' => $"U+{(int)c:X4}",
        _ => $"'{c}'",
    };
}
