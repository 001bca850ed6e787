// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Diagnostics;

/// <summary>Finds the name that was probably meant.</summary>
public static class Suggestion
{
    /// <summary>Names longer than this are not compared: the cost is the product of both lengths.</summary>
    private const int MaxLength = 80;

    /// <summary>With thousands of candidates, only so many are compared.</summary>
    private const int MaxCandidates = 2000;

    /// <summary><c>; did you mean 'x'?</c>, or nothing.</summary>
    public static string DidYouMean(string written, IEnumerable<string> candidates) =>
        Closest(written, candidates) is { } name ? $"; did you mean {Quoted.Text(name)}?" : "";

    /// <summary>The candidate that differs least: only in case, <c>-</c> and <c>_</c>, by its ending, or by edits in a third of its letters.</summary>
    public static string? Closest(string written, IEnumerable<string> candidates)
    {
        if (written.Length is 0 or > MaxLength) return null;
        string? best = null;
        int bestDistance = Math.Max(1, (written.Length + 1) / 3) + 1;
        foreach (string candidate in candidates.Take(MaxCandidates))
        {
            if (candidate.Length > MaxLength || candidate == written) continue;
            int distance = SameWord(candidate, written) ? 0 : IsStart(candidate, written) ? 1 : Bounded(candidate, written, bestDistance);
            if (distance >= bestDistance) continue;
            (best, bestDistance) = (candidate, distance);
        }

        return best;
    }

    /// <summary>'warning' for 'warn', 'service' for 'service-server'.</summary>
    private static bool IsStart(string a, string b) =>
        Math.Min(a.Length, b.Length) >= 4 && (a.StartsWith(b, StringComparison.OrdinalIgnoreCase) || b.StartsWith(a, StringComparison.OrdinalIgnoreCase));

    private static int Bounded(string candidate, string written, int bound) =>
        Math.Abs(candidate.Length - written.Length) >= bound ? bound : Distance(written, candidate);

    private static bool SameWord(string a, string b) => Fold(a).Equals(Fold(b), StringComparison.OrdinalIgnoreCase);

    private static string Fold(string name) => name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);

    /// <summary>Optimal string alignment: insertions, deletions, replacements and swaps of neighbours.</summary>
    private static int Distance(string a, string b)
    {
        Span<int> twoAgo = stackalloc int[b.Length + 1];
        Span<int> before = stackalloc int[b.Length + 1];
        Span<int> row = stackalloc int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++) before[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                bool same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
                int least = Math.Min(Math.Min(before[j], row[j - 1]) + 1, before[j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) least = Math.Min(least, twoAgo[j - 2] + 1);
                row[j] = least;
            }

            var free = twoAgo;
            twoAgo = before;
            before = row;
            row = free;
        }

        return before[b.Length];
    }
}
