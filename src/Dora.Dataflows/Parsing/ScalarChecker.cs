// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Keys;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Parsing;

/// <summary>The part of <see cref="ShapeChecker"/> that looks at single values and at the names of entries.</summary>
internal sealed class ScalarChecker(DiagnosticBag diagnostics)
{
    public void Check(YamlScalar scalar, ValueShape shape, string subject)
    {
        bool isText = shape is TextShape or IdShape or SourceShape or ChoiceShape;
        if (scalar.IsNull || (isText && scalar.Kind != ScalarKind.Text))
        {
            ReportKind(scalar, shape, subject, isText);
            return;
        }

        switch (shape)
        {
            case TextShape { MayBeEmpty: false } when string.IsNullOrWhiteSpace(scalar.Text):
                diagnostics.Error("DF0103", scalar.Span, $"{subject} is empty", fix: "give it a value or remove the key");
                break;
            case IdShape id:
                CheckId(scalar, id.Of, subject);
                break;
            case BooleanShape when scalar.Kind != ScalarKind.Boolean:
                ReportKind(scalar, shape, subject, isText: false);
                break;
            case IntegerShape integer:
                CheckInteger(scalar, integer, subject);
                break;
            case ChoiceShape choice when !choice.Words.Contains(scalar.Text):
                diagnostics.Error(
                    "DF0110", scalar.Span,
                    $"{subject} must be {shape.Expected}, but this is {Quoted.Text(scalar.Text)}{Suggestion.DidYouMean(scalar.Text, choice.Words)}");
                break;
            case DurationShape duration:
                CheckDuration(scalar, duration, subject);
                break;
            case ByteSizeShape:
                if (!Quantity.TryBytes(scalar.Text, out _, out string problem))
                    diagnostics.Error(
                        "DF0113", scalar.Span,
                        $"{subject} must be {shape.Expected}, but {Quoted.Text(scalar.Text)} {problem}");
                break;
        }
    }

    /// <summary>The name of an entry of a mapping whose keys the user chooses.</summary>
    public void CheckMapKey(YamlScalar key, MapShape map, string subject)
    {
        switch (map.Keys)
        {
            case MapKeys.Id:
                CheckId(key, $"the {map.Of}'s id", $"a key in {subject}");
                break;
            case MapKeys.EnvironmentVariable when EnvironmentRules.NameProblem(key.Text) is { } problem:
                diagnostics.Error(
                    "DF0120", key.Span,
                    $"{Quoted.Text(key.Text)} in {subject} can't name an environment variable: {problem}");
                break;
            case MapKeys.EnvironmentVariable when EnvironmentRules.DeniedBecause(key.Text) is { } why:
                diagnostics.Error(
                    "DF0121", key.Span,
                    $"{subject} may not set {Quoted.Text(key.Text)}",
                    why,
                    "remove it; if it is needed, set it in the environment that dora is started from");
                break;
            case MapKeys.Parameter when key.Text.Length is 0 or > IdRules.MaxLength || !key.Text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'):
                diagnostics.Error(
                    "DF0104", key.Span,
                    $"a parameter's name has letters, digits and '_' only, but this is {Quoted.Text(key.Text)}");
                break;
        }
    }

    private void CheckId(YamlScalar scalar, string of, string subject)
    {
        if (IdRules.Problem(scalar.Text) is { } problem)
            diagnostics.Error(
                "DF0104", scalar.Span,
                $"{subject} can't be {Quoted.Text(scalar.Text)}: {problem}",
                "Ids become parts of paths, keys and environment values.",
                $"use letters, digits, '_', '-' and '.', for example {Quoted.Text(IdRules.Repaired(scalar.Text))}");
        else if (of == "a node id" && scalar.Text == "dora")
            diagnostics.Error(
                "DF0104", scalar.Span,
                "a node can't be called 'dora'",
                "That name stands for timers and logs in sources.",
                "choose another id");
    }

    private void CheckInteger(YamlScalar scalar, IntegerShape integer, string subject)
    {
        bool fits = scalar.IsPlain && PlainScalar.TryInteger(scalar.Text, out long value) && value >= integer.Min && value <= integer.Max;
        if (!fits) diagnostics.Error("DF0111", scalar.Span, $"{subject} must be {integer.Expected}, but this is {scalar.Describe()}");
    }

    private void CheckDuration(YamlScalar scalar, DurationShape duration, string subject)
    {
        if (!Quantity.TryDuration(scalar.Text, out var value, out string problem))
            diagnostics.Error("DF0112", scalar.Span, $"{subject} must be {duration.Expected}, but {Quoted.Text(scalar.Text)} {problem}");
        else if (value == TimeSpan.Zero && !duration.MayBeZero)
            diagnostics.Error("DF0112", scalar.Span, $"{subject} must be longer than zero", fix: duration.InsteadOfZero);
    }

    private void ReportKind(YamlScalar scalar, ValueShape shape, string subject, bool isText)
    {
        string? fix = scalar.IsNull ? "give it a value or remove the key"
            : isText ? $"quote it if text is meant: \"{scalar.Text}\""
            : shape is BooleanShape && scalar.Text.ToLowerInvariant() is "yes" or "no" or "on" or "off" or "true" or "false" ? "write true or false, without quotes"
            : null;
        diagnostics.Error("DF0103", scalar.Span, $"{subject} must be {shape.Expected}, but this is {scalar.Describe()}", fix: fix);
    }
}
