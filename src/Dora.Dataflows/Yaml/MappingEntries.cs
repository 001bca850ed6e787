// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Diagnostics;

namespace Dora.Dataflows.Yaml;

/// <summary>Turns keys and values in turn into entries: unique text keys, <c>&lt;&lt;</c> merged in.</summary>
internal static class MappingEntries
{
    public static List<YamlEntry> Build(List<YamlNode> keysAndValues, DiagnosticBag diagnostics)
    {
        List<YamlEntry> entries = new(keysAndValues.Count / 2);
        Dictionary<string, YamlScalar> firstByKey = new(StringComparer.Ordinal);
        List<YamlEntry> merges = [];
        for (int i = 0; i + 1 < keysAndValues.Count; i += 2)
        {
            var value = keysAndValues[i + 1];
            if (keysAndValues[i] is not YamlScalar { IsNull: false } key)
            {
                diagnostics.Error("DF0013", keysAndValues[i].Span, $"a key must be text, but this is {keysAndValues[i].Describe()}");
                continue;
            }

            if (key is { IsPlain: true, Text: "<<" }) merges.Add(new YamlEntry(key, value));
            else if (firstByKey.TryAdd(key.Text, key)) entries.Add(new YamlEntry(key, value));
            else ReportDuplicate(key, firstByKey[key.Text], diagnostics);
        }

        foreach (var merge in merges) Merge(merge, entries, firstByKey, diagnostics);
        return entries;
    }

    /// <summary>Keys written here win over merged ones, earlier merges over later ones.</summary>
    private static void Merge(YamlEntry merge, List<YamlEntry> entries, Dictionary<string, YamlScalar> firstByKey, DiagnosticBag diagnostics)
    {
        IReadOnlyList<YamlNode> sources = merge.Value is YamlSequence list ? list.Items : [merge.Value];
        foreach (var source in sources)
        {
            if (source is not YamlMapping mapping)
            {
                diagnostics.Error(
                    "DF0011", merge.Key.Span,
                    $"'<<' merges mappings, but this is {source.Describe()}",
                    fix: "write '<<: *anchor' where the anchor is on a mapping, or a list of such aliases");
                continue;
            }

            foreach (var entry in mapping.Entries)
            {
                if (firstByKey.TryAdd(entry.Key.Text, entry.Key)) entries.Add(entry);
            }
        }
    }

    private static void ReportDuplicate(YamlScalar key, YamlScalar first, DiagnosticBag diagnostics) =>
        diagnostics.Error(
            "DF0014", key.Span,
            $"the key {Quoted.Text(key.Text)} is written twice; the first is on line {first.Span.Line}",
            "Only one of the two could count.",
            "remove or rename one of them");
}
