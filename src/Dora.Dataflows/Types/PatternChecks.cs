// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Descriptors;
using Dora.Dataflows.Diagnostics;
using Dora.Protocol;

namespace Dora.Dataflows.Types;

/// <summary>Metadata keys that outputs promise, by themselves or through a pattern.</summary>
internal static class PatternChecks
{
    internal delegate void Reporter(string code, SourceSpan span, string message, string? cause, string? fix);

    public static void Check(PortsDescriptor ports, string owner, IReadOnlyCollection<string> outputs, Reporter report)
    {
        if (ports.Pattern is { } pattern && outputs.Count == 0 && KeysOf(pattern.Value).Length > 0)
        {
            report(
                "DF0407", pattern.Span,
                $"the pattern {Quoted.Text(pattern.Value)} of {owner} does nothing: there is no output",
                null,
                "add the output that carries it, or remove the pattern");
        }

        foreach (var (output, _) in ports.OutputMetadata)
        {
            if (outputs.Contains(output.Value)) continue;
            string didYouMean = Suggestion.DidYouMean(output.Value, outputs);
            report("DF0404", output.Span, $"'output_metadata' of {owner} names {Quoted.Text(output.Value)}, which is no output of it{didYouMean}", null, null);
        }
    }

    /// <summary>Keys by output, sorted; outputs that promise nothing are left out.</summary>
    public static ImmutableDictionary<DataId, ImmutableArray<string>> Metadata(IEnumerable<(string Prefix, PortsDescriptor Ports)> owners)
    {
        var promised = ImmutableDictionary.CreateBuilder<DataId, ImmutableArray<string>>();
        foreach (var (prefix, ports) in owners)
        {
            string[] implied = KeysOf(ports.Pattern?.Value);
            foreach (var output in ports.Outputs)
            {
                var written = ports.OutputMetadata.Where(m => m.Output.Value == output.Value).SelectMany(m => m.Keys);
                ImmutableArray<string> keys = [.. implied.Concat(written).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
                if (!keys.IsEmpty) promised[new DataId(prefix + output.Value)] = keys;
            }
        }

        return promised.ToImmutable();
    }

    private static string[] KeysOf(string? pattern) => pattern switch
    {
        "service-server" or "service-client" => ["request_id"],
        "action-server" => ["goal_id", "goal_status"],
        "action-client" => ["goal_id"],
        _ => [],
    };
}
