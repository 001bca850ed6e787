// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Yaml;
using Dora.Protocol;

namespace Dora.Dataflows.Modules;

/// <summary>Where things stand in the tree of a node, whichever form it has.</summary>
internal static class NodeTree
{
    /// <summary>The mappings that may have <c>inputs</c> and <c>outputs</c>: of the node, of <c>custom</c>, of each operator.</summary>
    public static IEnumerable<YamlMapping> PortOwners(YamlMapping node)
    {
        yield return node;
        if (node.Value("custom") is YamlMapping custom) yield return custom;
        foreach (var (_, op) in Operators(node)) yield return op;
    }

    public static IEnumerable<(string Id, YamlMapping Operator)> Operators(YamlMapping node)
    {
        if (node.Value("operator") is YamlMapping single) yield return (NodeList.IdOf(single) ?? OperatorId.Single.Value, single);
        if (node.Value("operators") is not YamlSequence list) yield break;
        foreach (var op in list.Items.OfType<YamlMapping>())
        {
            if (NodeList.IdOf(op) is { } id) yield return (id, op);
        }
    }

    /// <summary>Outputs as others name them: <c>output</c> or <c>operator/output</c>.</summary>
    public static IEnumerable<(string Port, string Source)> Outputs(YamlMapping node)
    {
        foreach (string output in Ports(node)) yield return (output, output);
        if (node.Value("custom") is YamlMapping custom)
        {
            foreach (string output in Ports(custom)) yield return (output, output);
        }

        foreach (var (id, op) in Operators(node))
        {
            foreach (string output in Ports(op)) yield return (output, $"{id}/{output}");
        }
    }

    /// <summary>A copy of the node in which each mapping that may have ports went through a function.</summary>
    public static YamlMapping RewritePortOwners(YamlMapping node, Func<YamlMapping, YamlMapping> rewrite)
    {
        node = rewrite(node);
        if (node.Value("custom") is YamlMapping custom) node = node.With("custom", rewrite(custom));
        if (node.Value("operator") is YamlMapping single) node = node.With("operator", rewrite(single));
        if (node.Value("operators") is YamlSequence list)
            node = node.With("operators", new YamlSequence(list.Span, [.. list.Items.Select(o => o is YamlMapping op ? rewrite(op) : o)]));
        return node;
    }

    private static IEnumerable<string> Ports(YamlMapping owner)
    {
        if (owner.Value("outputs") is YamlSequence list)
        {
            foreach (var output in list.Items.OfType<YamlScalar>()) yield return output.Text;
        }

        foreach (string key in new[] { "send_stdout_as", "send_logs_as" })
        {
            if (owner.Value(key) is YamlScalar { Kind: ScalarKind.Text } output) yield return output.Text;
        }
    }
}
