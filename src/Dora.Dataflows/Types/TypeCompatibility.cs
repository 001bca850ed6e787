// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Types;

/// <summary>Whether an input of one type may read an output of another.</summary>
internal sealed class TypeCompatibility
{
    /// <summary>Conversions in a row.</summary>
    public const int MaxSteps = 3;

    private readonly Dictionary<string, List<TypeUrn>> _conversions = new(StringComparer.Ordinal);

    public TypeCompatibility(IEnumerable<(TypeUrn From, TypeUrn To)> rules)
    {
        var widenings = StandardTypes.Widenings.Select(w => (TypeUrn.Parse(w.From, out _)!, TypeUrn.Parse(w.To, out _)!));
        foreach (var (from, to) in widenings.Concat(rules))
        {
            if (!_conversions.TryGetValue(from.Base, out var targets)) _conversions[from.Base] = targets = [];
            targets.Add(to);
        }
    }

    public bool CanRead(TypeUrn output, TypeUrn input)
    {
        if (input.Base == StandardTypes.Bytes) return true;
        HashSet<string> reached = [output.Base];
        List<TypeUrn> frontier = [output];
        for (int step = 0; step <= MaxSteps; step++)
        {
            if (frontier.Any(t => t.Base == input.Base && t.AgreesWith(input))) return true;
            frontier = [.. frontier.SelectMany(t => _conversions.GetValueOrDefault(t.Base) ?? []).Where(t => reached.Add(t.Base))];
        }

        return false;
    }
}
