// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Types;

/// <summary>Field types of structs: whether they exist, and where two structs differ.</summary>
internal sealed class FieldChecks(TypeLibrary library)
{
    private const int MaxListDepth = 16;

    /// <summary>Null when the type of a field is known, else what is wrong with it.</summary>
    public string? Problem(string type)
    {
        string inner = type;
        for (int depth = 0; depth < MaxListDepth && inner.StartsWith("List<", StringComparison.Ordinal) && inner.EndsWith('>'); depth++) inner = inner[5..^1];
        if (StandardTypes.ArrowTypes.Contains(inner) || library.Find(inner) is not null) return null;
        string[] candidates = [.. library.WithShortName(inner)];
        return candidates.Length switch
        {
            1 => null,
            0 => $"there is no type '{inner}'{Diagnostics.Suggestion.DidYouMean(inner, StandardTypes.ArrowTypes.Concat(library.Names.Select(TypeLibrary.ShortName)))}",
            _ => $"'{inner}' could be {Diagnostics.Quoted.OneOf(candidates)}: write it in full",
        };
    }

    /// <summary>The first thing that a reader of one struct would miss in another; null when there is nothing to say.</summary>
    public string? Difference(string outputUrn, string inputUrn)
    {
        if (library.Find(outputUrn) is not { Fields.Length: > 0 } output || library.Find(inputUrn) is not { Fields.Length: > 0 } input) return null;
        foreach (var field in input.Fields)
        {
            var same = output.Fields.FirstOrDefault(f => f.Name == field.Name);
            if (same is null) return $"{outputUrn} has no field '{field.Name}'.";
            if (same.Type != field.Type) return $"The field '{field.Name}' is {same.Type} in {outputUrn}, but {field.Type} in {inputUrn}.";
        }

        return null;
    }
}
