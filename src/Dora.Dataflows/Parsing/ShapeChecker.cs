// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Keys;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Parsing;

/// <summary>Compares a tree with the keys that are known: every unknown key, missing key and wrong value, each at its place.</summary>
/// <remarks>What it lets through, readers may take without looking; what it reports, they skip in silence.</remarks>
internal sealed class ShapeChecker(DiagnosticBag diagnostics)
{
    private readonly ScalarChecker _scalars = new(diagnostics);

    /// <param name="node">The value.</param>
    /// <param name="shape">What it should look like.</param>
    /// <param name="subject">What it is, for messages: <c>'queue_size' of input 'image'</c>.</param>
    public void Check(YamlNode node, ValueShape shape, string subject)
    {
        switch (shape)
        {
            case AnythingShape:
                break;
            case EitherShape either:
                CheckEither(node, either, subject);
                break;
            case KeysShape keys when node is YamlMapping mapping:
                CheckKeys(mapping, keys.Keys, Owner(mapping, keys.Keys, subject));
                break;
            case MapShape map when node is YamlMapping mapping:
                CheckMap(mapping, map, subject);
                break;
            case ListShape list when node is YamlSequence sequence:
                CheckList(sequence, list, subject);
                break;
            case KeysShape or MapShape or ListShape:
                ReportKind(node, shape, subject);
                break;
            default:
                if (node is YamlScalar scalar) _scalars.Check(scalar, shape, subject);
                else ReportKind(node, shape, subject);
                break;
        }
    }

    /// <param name="mapping">The mapping.</param>
    /// <param name="keys">The keys that it may have.</param>
    /// <param name="owner">Whose keys they are, for messages: <c>node 'camera'</c>.</param>
    public void CheckKeys(YamlMapping mapping, KeySet keys, string owner)
    {
        HashSet<Key> seen = [];
        foreach (var (written, value) in mapping.Entries)
        {
            if (keys.Find(written.Text) is not { } key)
            {
                ReportUnknown(written, keys, owner);
                continue;
            }

            if (!seen.Add(key))
            {
                diagnostics.Error(
                    "DF0014", written.Span,
                    $"{owner} has both {Quoted.Text(key.Name)} and {Quoted.Text(key.OldName!.Name)}, which are the same key",
                    fix: $"keep {Quoted.Text(key.Name)}");
                continue;
            }

            CheckAge(written, key);
            if (key.NotYet is { } notYet && !(value is YamlScalar scalar && scalar.Text == notYet.Except))
            {
                string message = $"{Quoted.Text(key.Name)} of {owner} is not supported yet: {notYet.What}";
                diagnostics.Error(notYet.Code, written.Span, message, fix: notYet.Fix);
            }

            Check(value, key.Shape, $"{Quoted.Text(written.Text)} of {owner}");
        }

        foreach (var missing in keys.Keys.Where(k => k.IsRequired && !seen.Contains(k)))
            diagnostics.Error(
                "DF0102", mapping.Span,
                $"{owner} lacks the key {Quoted.Text(missing.Name)}",
                fix: $"add '{missing.Name}: …', {missing.Shape.Expected}");
    }

    private void CheckAge(YamlScalar written, Key key)
    {
        if (key.Old is { } old) diagnostics.Warning(old.Code, written.Span, old.Message, fix: old.Fix);
        if (key.OldName is { Code: { } code } oldName && oldName.Name == written.Text)
            diagnostics.Warning(
                code, written.Span,
                $"{Quoted.Text(oldName.Name)} is an old spelling of {Quoted.Text(key.Name)}",
                fix: $"write {Quoted.Text(key.Name)}");
    }

    private void CheckEither(YamlNode node, EitherShape either, string subject)
    {
        foreach (var shape in either.Shapes)
        {
            bool fits = shape switch
            {
                KeysShape or MapShape => node is YamlMapping,
                ListShape => node is YamlSequence,
                _ => node is YamlScalar { IsNull: false },
            };
            if (!fits) continue;
            Check(node, shape, subject);
            return;
        }

        ReportKind(node, either, subject);
    }

    private void CheckMap(YamlMapping mapping, MapShape map, string subject)
    {
        foreach (var (key, value) in mapping.Entries)
        {
            _scalars.CheckMapKey(key, map, subject);
            Check(value, map.Value, $"{map.Of} {Quoted.Text(key.Text)}");
        }
    }

    private void CheckList(YamlSequence sequence, ListShape list, string subject)
    {
        if (list.Old is { } old) diagnostics.Warning(old.Code, sequence.Span, old.Message, fix: old.Fix);
        if (sequence.Items.Count == 0 && !list.MayBeEmpty) diagnostics.Error("DF0133", sequence.Span, $"{subject} is empty");
        for (int i = 0; i < sequence.Items.Count; i++) Check(sequence.Items[i], list.Item, $"{list.Of} {i + 1} of {subject}");
    }

    /// <summary>An entry with an id goes by that, others by what the place is called.</summary>
    private static string Owner(YamlMapping mapping, KeySet keys, string subject) =>
        keys.Find("id") is not null && mapping.Value("id") is YamlScalar { IsNull: false } id ? $"{keys.Noun} {Quoted.Text(id.Text)}" : subject;

    private void ReportUnknown(YamlScalar written, KeySet keys, string owner)
    {
        string message = $"unknown key {Quoted.Text(written.Text)} in {owner}{Suggestion.DidYouMean(written.Text, keys.Names)}";
        string? elsewhere = KnownElsewhere(written.Text, keys);
        diagnostics.Error("DF0101", written.Span, message, cause: elsewhere);
    }

    private static string? KnownElsewhere(string name, KeySet here)
    {
        var other = new[] { NodeKeys.Node, OperatorKeys.Operator, DataflowKeys.Dataflow }.FirstOrDefault(s => s != here && s.Find(name) is not null);
        return other is null ? null : $"There is such a key, but it belongs to the {other.Noun}.";
    }

    private void ReportKind(YamlNode node, ValueShape shape, string subject)
    {
        string? fix = node is YamlScalar { IsNull: true } ? "give it a value or remove the key" : null;
        diagnostics.Error("DF0103", node.Span, $"{subject} must be {shape.Expected}, but this is {node.Describe()}", fix: fix);
    }
}
