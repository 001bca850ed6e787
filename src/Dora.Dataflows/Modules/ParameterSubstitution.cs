// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Modules;

/// <summary>Puts a module's parameters into <c>$PARAM_NAME</c>, <c>${PARAM_NAME}</c> and <c>${PARAM_NAME:-default}</c>.</summary>
internal sealed class ParameterSubstitution(ModuleInstance instance, DiagnosticBag diagnostics)
{
    private const string Marker = "PARAM_";

    /// <param name="node">A scalar, or a list or mapping of scalars.</param>
    /// <param name="escapesDollar">Whether the text is expanded again later, so that a dollar sign in a value must be doubled.</param>
    public YamlNode Apply(YamlNode node, bool escapesDollar) => node switch
    {
        YamlScalar scalar => Apply(scalar, escapesDollar),
        YamlSequence list => new YamlSequence(list.Span, [.. list.Items.Select(i => Apply(i, escapesDollar))]),
        YamlMapping mapping => new YamlMapping(mapping.Span, [.. mapping.Entries.Select(e => e with { Value = Apply(e.Value, escapesDollar) })]),
        _ => node,
    };

    private YamlScalar Apply(YamlScalar scalar, bool escapesDollar)
    {
        string text = scalar.Text;
        if (!text.Contains('$', StringComparison.Ordinal)) return scalar;
        StringBuilder result = new();
        for (int i = 0; i < text.Length; i++)
        {
            int name = text[i] != '$' || i + 1 >= text.Length ? -1 : text[i + 1] == '{' ? i + 2 : i + 1;
            if (text[i] == '$' && i + 1 < text.Length && text[i + 1] == '$')
            {
                result.Append("$$");
                i++;
            }
            else if (name < 0 || string.CompareOrdinal(text, name, Marker, 0, Marker.Length) != 0) result.Append(text[i]);
            else i = Substitute(scalar, i, name, escapesDollar, result);
        }

        return result.ToString() == text ? scalar : new YamlScalar(scalar.Span, result.ToString(), isPlain: false);
    }

    /// <summary>The index of the last character that was used up.</summary>
    private int Substitute(YamlScalar scalar, int dollar, int start, bool escapesDollar, StringBuilder result)
    {
        string text = scalar.Text;
        int end = start;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_')) end++;
        string name = text[(start + Marker.Length)..end];
        int last = end - 1;
        string? otherwise = null;
        if (text[start - 1] == '{')
        {
            int brace = text.IndexOf('}', end);
            string rest = brace < 0 ? "?" : text[end..brace];
            if (rest.Length > 0 && !rest.StartsWith(":-", StringComparison.Ordinal))
            {
                result.Append(text[dollar]); // malformed: reported where the environment is expanded
                return dollar;
            }

            otherwise = rest.Length > 0 ? rest[2..] : null;
            last = brace;
        }

        string? value = instance.Parameters.TryGetValue(name.ToUpperInvariant(), out var parameter) ? parameter.Text : null;
        if (value is not null) result.Append(escapesDollar ? value.Replace("$", "$$", StringComparison.Ordinal) : value);
        else if (otherwise is not null) result.Append(otherwise);
        else if (instance.KeepsUnknownParameters) result.Append(escapesDollar ? "" : text[dollar..(last + 1)]);
        else ReportMissing(scalar, name);
        return last;
    }

    private void ReportMissing(YamlScalar scalar, string name)
    {
        string didYouMean = Suggestion.DidYouMean(name, instance.Parameters.Keys);
        diagnostics.Error(
            "DF0312", scalar.Span,
            $"{Quoted.Text(scalar.Text)} uses the parameter {Quoted.Text(name)}, which {Quoted.Text(instance.Path ?? "")} does not give{didYouMean}",
            fix: $"add '{name.ToLowerInvariant()}: …' to its params, or write '${{PARAM_{name}:-default}}'");
    }
}
