// SPDX-License-Identifier: Apache-2.0

using System.Collections.Frozen;

namespace Dora.Dataflows.Diagnostics;

/// <summary>Everything that can be said about a descriptor, for <c>dora explain</c> and the documentation.</summary>
public static partial class DiagnosticCatalogue
{
    private static readonly FrozenDictionary<string, DiagnosticExplanation> ByCode =
        new[] { Reading(), Structure(), Values(), References(), OldForms(), Modules(), Types(), Joins(), NotSupportedYet() }
            .SelectMany(e => e)
            .ToFrozenDictionary(e => e.Code, StringComparer.OrdinalIgnoreCase);

    /// <summary>In the order of their codes.</summary>
    public static IEnumerable<DiagnosticExplanation> All => ByCode.Values.OrderBy(e => e.Code, StringComparer.Ordinal);

    /// <summary>Null for a code that does not exist; upper and lower case are the same.</summary>
    /// <param name="code">Such as <c>DF0107</c>.</param>
    public static DiagnosticExplanation? Find(string code) => ByCode.GetValueOrDefault(code);
}

/// <summary>What one code means.</summary>
/// <param name="Code"><c>DF0107</c>.</param>
/// <param name="Title">A few words.</param>
/// <param name="Explanation">A paragraph: when it appears, why, what to do.</param>
/// <param name="Wrong">YAML that causes it; empty where no YAML is to blame.</param>
/// <param name="Right">The same, mended.</param>
public sealed record DiagnosticExplanation(string Code, string Title, string Explanation, string Wrong, string Right);
