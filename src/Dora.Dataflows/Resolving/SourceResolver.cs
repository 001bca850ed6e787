// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Descriptors;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Graph;
using Dora.Dataflows.Parsing;
using Dora.Protocol;

namespace Dora.Dataflows.Resolving;

/// <summary>Finds what an input reads, or says why there is no such thing.</summary>
internal sealed class SourceResolver(OutputIndex index, DiagnosticBag diagnostics)
{
    /// <summary>Null when it was reported, here or before.</summary>
    public InputSource? Resolve(InputDescriptor input)
    {
        string text = input.Source.Value;
        switch (SourceSyntax.Parse(text))
        {
            case SourceSyntax.Timer timer:
                return new InputSource.Timer(TimeSpan.FromTicks(Math.Max(1, (timer.IntervalNs + 50) / 100)), timer.IntervalNs, text);
            case SourceSyntax.Logs { Node: null } logs:
                return new InputSource.Logs(logs.MinLevel, null, text);
            case SourceSyntax.Logs logs:
                if (index.Node(logs.Node) is not null) return new InputSource.Logs(logs.MinLevel, new NodeId(logs.Node), text);
                ReportUnknownNode(input, logs.Node);
                return null;
            case SourceSyntax.Output output:
                return Output(input, output);
            case SourceSyntax.Port:
                Report("DF0311", input, "but only the nodes of a module have ports", fix: "write 'node/output'");
                return null;
            case SourceSyntax.Bad bad:
                Report(bad.Code, input, $"but {bad.Problem}", bad.Fix);
                return null;
            default:
                throw new InvalidOperationException("a new kind of source");
        }
    }

    private InputSource.Node? Output(InputDescriptor input, SourceSyntax.Output source)
    {
        if (index.Node(source.Node) is not { } node) return WithoutNode(input, source);
        if (node.Form == NodeForm.Runtime) return OfRuntime(input, source, node);
        if (node.Form == NodeForm.Unknown || !node.HasKnownOutputs) return null;
        if (source.Operator is not null)
        {
            Report("DF0129", input, $"but {Quoted.Text(source.Node)} has no operators", $"write '{source.Node}/{source.Name}'");
            return null;
        }

        if (index.OutputsOf(node).Contains(source.Name)) return Found(source.Node, source.Name);
        ReportUnknownOutput(input, Quoted.Text(source.Node), source.Name, index.OutputsOf(node));
        return null;
    }

    /// <summary>Early documentation names operators without their node.</summary>
    private InputSource.Node? WithoutNode(InputDescriptor input, SourceSyntax.Output source)
    {
        if (source.Operator is null && index.OnlyHostOf(source.Node) is { } host)
        {
            string full = $"{host.Id.Value}/{source.Node}/{source.Name}";
            diagnostics.Warning(
                "DF0208", input.Source.Span,
                $"{Quoted.Text(input.Source.Value)} names an operator without its node, which is an old form",
                fix: $"write '{full}'");
            return OfRuntime(input, new SourceSyntax.Output(host.Id.Value, source.Node, source.Name), host);
        }

        ReportUnknownNode(input, source.Node);
        return null;
    }

    private InputSource.Node? OfRuntime(InputDescriptor input, SourceSyntax.Output source, NodeDescriptor node)
    {
        if (!node.HasKnownOutputs) return null;
        var named = source.Operator is null
            ? node.Operators.Length == 1 ? node.Operators[0] : null
            : node.Operators.FirstOrDefault(o => o.Id.Value == source.Operator);
        if (named is null)
        {
            ReportOperator(input, source, node);
            return null;
        }

        var outputs = OutputIndex.OutputsOf(named.Ports, named.Logs);
        if (outputs.Contains(source.Name)) return Found(source.Node, $"{named.Id.Value}/{source.Name}");
        ReportUnknownOutput(input, Quoted.Text($"{source.Node}/{named.Id.Value}"), source.Name, outputs);
        return null;
    }

    private void ReportOperator(InputDescriptor input, SourceSyntax.Output source, NodeDescriptor node)
    {
        if (source.Operator is { } name)
        {
            Report(
                "DF0129", input,
                $"but {Quoted.Text(source.Node)} has no operator {Quoted.Text(name)}{diagnostics.DidYouMean(name, node.Operators.Select(o => o.Id.Value))}",
                null);
            return;
        }

        var owner = node.Operators.FirstOrDefault(o => OutputIndex.OutputsOf(o.Ports, o.Logs).Contains(source.Name));
        string which = owner is null ? "<operator>" : owner.Id.Value;
        Report(
            "DF0127", input,
            $"but {Quoted.Text(source.Node)} has several operators, so it must say which",
            $"write '{source.Node}/{which}/{source.Name}'");
    }

    private void ReportUnknownNode(InputDescriptor input, string node)
    {
        if (index.IsUnreadable(node)) return;
        Report("DF0106", input, $"but there is no node {Quoted.Text(node)}{diagnostics.DidYouMean(node, index.NodeNames)}", null);
    }

    private void ReportUnknownOutput(InputDescriptor input, string owner, string output, IEnumerable<string> outputs)
    {
        string[] known = [.. outputs];
        string? fix = known.Length == 0 ? $"add 'outputs: [{output}]' to {owner}" : $"its outputs are {Quoted.OneOf(known)}";
        Report("DF0107", input, $"but {owner} has no output {Quoted.Text(output)}{diagnostics.DidYouMean(output, known)}", fix);
    }

    private void Report(string code, InputDescriptor input, string problem, string? fix) =>
        diagnostics.Error(
            code, input.Source.Span,
            $"input {Quoted.Text(input.Id.Value)} reads {Quoted.Text(input.Source.Value)}, {problem}",
            fix: fix);

    private static InputSource.Node Found(string node, string output) => new(new OutputId(new NodeId(node), new DataId(output)));
}
