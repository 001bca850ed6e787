// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Text;

namespace Dora.Dataflows.Parsing;

/// <summary>Splits a line into words as a shell does, without expanding anything.</summary>
internal static class ArgumentLine
{
    /// <param name="line">Words with <c>'…'</c>, <c>"…"</c> and backslashes.</param>
    /// <param name="words">The words.</param>
    /// <param name="problem">What is wrong.</param>
    public static bool TrySplit(string line, out ImmutableArray<string> words, out string problem)
    {
        var found = ImmutableArray.CreateBuilder<string>();
        StringBuilder? word = null;
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            bool escapes = c == '\\' && quote != '\'' && i + 1 < line.Length && (quote == '\0' || line[i + 1] is '"' or '\\');
            if (escapes) (word ??= new()).Append(line[++i]);
            else if (quote != '\0' && c == quote) quote = '\0';
            else if (quote != '\0') word!.Append(c);
            else if (c is '\'' or '"') (quote, word) = (c, word ?? new());
            else if (!char.IsWhiteSpace(c)) (word ??= new()).Append(c);
            else if (word is not null)
            {
                found.Add(word.ToString());
                word = null;
            }
        }

        if (word is not null) found.Add(word.ToString());
        words = found.ToImmutable();
        problem = quote == '\0' ? "" : $"the quote {quote} is not closed";
        return quote == '\0';
    }
}
