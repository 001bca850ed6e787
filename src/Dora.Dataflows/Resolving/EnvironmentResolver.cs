// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Text;
using Dora.Dataflows.Descriptors;
using Dora.Dataflows.Diagnostics;

namespace Dora.Dataflows.Resolving;

/// <summary>Puts values into <c>$NAME</c>, <c>${NAME}</c> and <c>${NAME:-default}</c>; <c>$$</c> is a dollar sign.</summary>
internal sealed class EnvironmentResolver(LoadOptions options, DiagnosticBag diagnostics)
{
    /// <summary>Later entries of one name win.</summary>
    public ImmutableSortedDictionary<string, string> Resolve(IEnumerable<VariableDescriptor> variables)
    {
        var resolved = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var variable in variables)
            resolved[variable.Name.Value] = variable.FromHost ? Lookup(variable, variable.Value.Value) : Expand(variable);
        return resolved.ToImmutable();
    }

    private string Expand(VariableDescriptor variable)
    {
        string text = variable.Value.Value;
        if (!text.Contains('$', StringComparison.Ordinal)) return text;
        StringBuilder expanded = new();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length) expanded.Append(text[i]);
            else if (text[i + 1] == '$') expanded.Append(text[i++]);
            else if (text[i + 1] == '{') i = ExpandBraces(variable, i + 2, expanded);
            else if (NameLength(text, i + 1) is > 0 and int length)
            {
                expanded.Append(Lookup(variable, text.Substring(i + 1, length)));
                i += length;
            }
            else expanded.Append('$');
        }

        return expanded.ToString();
    }

    /// <summary>Where to go on: the closing brace, or the end.</summary>
    private int ExpandBraces(VariableDescriptor variable, int start, StringBuilder expanded)
    {
        string text = variable.Value.Value;
        int end = text.IndexOf('}', start);
        int length = NameLength(text, start);
        string rest = end < 0 ? "" : text[(start + length)..Math.Max(end, start + length)];
        bool hasDefault = rest.StartsWith(":-", StringComparison.Ordinal);
        if (end < 0 || length == 0 || (rest.Length > 0 && !hasDefault))
        {
            string problem = end < 0 ? "the '{' is not closed" : "it is not '${NAME}' or '${NAME:-default}'";
            diagnostics.Error(
                "DF0123", variable.Value.Span,
                $"the value of {Quoted.Text(variable.Name.Value)} can't be expanded: {problem}",
                fix: "write '$$' for a dollar sign");
            return text.Length;
        }

        string name = text.Substring(start, length);
        expanded.Append(hasDefault ? Default(name, rest[2..]) : Lookup(variable, name));
        return end;
    }

    /// <summary>As in a shell, an empty value counts as none.</summary>
    private string Default(string name, string otherwise) =>
        options.Environment.TryGetValue(name, out string? value) && value.Length > 0 ? value : otherwise;

    private string Lookup(VariableDescriptor variable, string name)
    {
        if (options.Environment.TryGetValue(name, out string? value)) return value;
        if (!options.RequireVariables) return "";
        string didYouMean = Suggestion.DidYouMean(name, options.Environment.Keys);
        diagnostics.Error(
            "DF0122", variable.Value.Span,
            $"the value of {Quoted.Text(variable.Name.Value)} uses {Quoted.Text("$" + name)}, which is not set{didYouMean}",
            fix: $"set {name} before starting dora, or write '${{{name}:-default}}'; '$$' is a dollar sign");
        return "";
    }

    private static int NameLength(string text, int start)
    {
        int end = start;
        while (end < text.Length && (char.IsAsciiLetter(text[end]) || text[end] == '_' || (end > start && char.IsAsciiDigit(text[end])))) end++;
        return end - start;
    }
}
