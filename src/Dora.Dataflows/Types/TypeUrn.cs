// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Dora.Dataflows.Types;

/// <summary>A type's name: <c>std/media/v1/AudioFrame[sample_type=f32]</c>.</summary>
/// <param name="Base">Without parameters.</param>
/// <param name="Parameters">Those that are given; one that is not stands for any value.</param>
internal sealed record TypeUrn(string Base, ImmutableSortedDictionary<string, string> Parameters)
{
    private const int MaxLength = 256;

    /// <summary>Null, and what is wrong, for text that is no type name.</summary>
    public static TypeUrn? Parse(string text, out string problem)
    {
        problem = "";
        if (text.Length > MaxLength)
        {
            problem = $"it is longer than {MaxLength} characters";
            return null;
        }

        int bracket = text.IndexOf('[', StringComparison.Ordinal);
        string name = bracket < 0 ? text : text[..bracket];
        string[] parts = name.Split('/');
        if (parts.Length < 2 || parts.Any(p => p.Length == 0 || !p.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')))
            problem = "a type is written like 'std/media/v1/Image'";
        var parameters = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (problem.Length == 0 && bracket >= 0) problem = ParseParameters(text[bracket..], parameters);
        return problem.Length == 0 ? new TypeUrn(name, parameters.ToImmutable()) : null;
    }

    /// <summary>Whether values of parameters that both give are the same.</summary>
    public bool AgreesWith(TypeUrn other) =>
        Parameters.All(p => !other.Parameters.TryGetValue(p.Key, out string? value) || value == p.Value);

    public override string ToString() =>
        Parameters.IsEmpty ? Base : $"{Base}[{string.Join(",", Parameters.Select(p => $"{p.Key}={p.Value}"))}]";

    private static string ParseParameters(string bracketed, ImmutableSortedDictionary<string, string>.Builder parameters)
    {
        if (!bracketed.EndsWith(']')) return "the '[' is not closed at its end";
        foreach (string pair in bracketed[1..^1].Split(',', StringSplitOptions.TrimEntries))
        {
            string[] sides = pair.Split('=', StringSplitOptions.TrimEntries);
            if (sides.Length != 2 || sides.Any(s => s.Length == 0 || !s.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')))
                return "parameters are written like '[sample_type=f32,channels=2]'";
            if (!parameters.TryAdd(sides[0], sides[1])) return $"the parameter '{sides[0]}' is given twice";
        }

        return "";
    }
}
