// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Keys;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Descriptors;

/// <summary>Reads <c>join</c>, of nodes and operators alike.</summary>
internal static class JoinReader
{
    /// <summary>Null when there is none, or none with a mode; the latter has been reported.</summary>
    public static JoinDescriptor? Read(KeyReader owner)
    {
        if (owner.Nested("join") is not { } mapping) return null;
        KeyReader join = new(mapping, JoinKeys.Settings);
        if (join.PlainText("mode") is not { } mode || !IsMode(mode)) return null;
        var window = join.Nested("window") is { } w ? new KeyReader(w, JoinKeys.Window) : (KeyReader?)null;
        return new JoinDescriptor
        {
            Mapping = mapping,
            Mode = mode,
            Inputs = join.Value("inputs") is YamlSequence ? [.. join.List("inputs").OfType<YamlScalar>().Select(KeyReader.LocatedText)] : null,
            Collected = [.. join.Map("collect").Select(entry => KeyReader.LocatedText(entry.Key))],
            Tolerance = join.Duration("tolerance"),
            Stamp = join.Text("stamp"),
            Timeout = join.Duration("timeout"),
            OnTimeout = join.PlainText("on_timeout"),
            Trigger = join.Text("trigger"),
            MaxAge = join.Duration("max_age"),
            WindowCount = window?.Integer("count"),
            WindowDuration = window?.Duration("duration"),
        };
    }

    private static bool IsMode(string text) =>
        JoinKeys.Settings.Find("mode")!.Shape is ChoiceShape { Words: var words } && words.Contains(text);
}
