// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Descriptors;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Graph;
using Dora.Protocol;

namespace Dora.Dataflows.Types;

/// <summary>Compares the types along every edge, infers those that are not written, and puts them into the graph.</summary>
/// <remarks>Findings are warnings, or errors where types are strict.</remarks>
internal sealed class TypeChecker
{
    private readonly DataflowDescriptor _dataflow;
    private readonly DiagnosticBag _diagnostics;
    private readonly Severity _severity;
    private readonly TypeLibrary _library;
    private readonly FieldChecks _fields;
    private readonly TypeCompatibility _compatibility;
    private readonly Dictionary<OutputId, TypeUrn> _outputs = [];

    private TypeChecker(DataflowDescriptor dataflow, string baseDirectory, LoadOptions options, DiagnosticBag diagnostics)
    {
        (_dataflow, _diagnostics) = (dataflow, diagnostics);
        _severity = options.StrictTypes || dataflow.StrictTypes ? Severity.Error : Severity.Warning;
        string displayDirectory = Path.GetDirectoryName(dataflow.Source.DisplayPath) ?? "";
        _library = new TypeLibrary(new UserTypeReader(diagnostics).Read(baseDirectory, displayDirectory));
        _fields = new FieldChecks(_library);
        _compatibility = new TypeCompatibility(dataflow.TypeRules.Select(Rule).OfType<(TypeUrn, TypeUrn)>());
    }

    /// <summary>The graph with types where any are written; else the same graph, and no file is looked at.</summary>
    public static DataflowGraph Check(DataflowDescriptor dataflow, DataflowGraph graph, LoadOptions options, DiagnosticBag diagnostics)
    {
        bool isTyped = dataflow.TypeRules.Length > 0 || dataflow.Nodes.SelectMany(Ports).Any(p => p.Ports != PortsDescriptor.None && HasTypes(p.Ports));
        return isTyped ? new TypeChecker(dataflow, graph.BaseDirectory, options, diagnostics).Check(graph) : graph;
    }

    private static bool HasTypes(PortsDescriptor ports) =>
        ports.InputTypes.Length + ports.OutputTypes.Length + ports.OutputMetadata.Length > 0 || ports.Pattern is not null;

    /// <summary>Of a node that is a program, or of each operator; ids of ports start with <c>Prefix</c>.</summary>
    private static IEnumerable<(string Prefix, string Owner, PortsDescriptor Ports)> Ports(NodeDescriptor node) =>
        node.Form == NodeForm.Runtime
            ? node.Operators.Select(o => ($"{o.Id.Value}/", o.Label, o.Ports))
            : [("", node.Label, node.Ports)];

    private DataflowGraph Check(DataflowGraph graph)
    {
        foreach (var node in _dataflow.Nodes)
        {
            foreach (var (prefix, owner, ports) in Ports(node)) ReadOutputs(new NodeId(node.Id.Value), prefix, owner, ports);
        }

        return graph with { Nodes = [.. graph.Nodes.Zip(_dataflow.Nodes, Typed)] };
    }

    private GraphNode Typed(GraphNode node, NodeDescriptor descriptor)
    {
        Dictionary<DataId, string> inputs = [];
        foreach (var (prefix, owner, ports) in Ports(descriptor)) ReadInputs(node, prefix, owner, ports, inputs);
        return node with
        {
            Inputs = WithTypes(node.Inputs, prefix: ""),
            Operators = [.. node.Operators.Select(o => o with { Inputs = WithTypes(o.Inputs, $"{o.Id}/") })],
            OutputTypes = _outputs.Where(o => o.Key.Node == node.Id).ToImmutableDictionary(o => o.Key.Output, o => o.Value.ToString()),
            OutputMetadata = PatternChecks.Metadata(Ports(descriptor).Select(p => (p.Prefix, p.Ports))),
        };

        ImmutableArray<GraphInput> WithTypes(ImmutableArray<GraphInput> of, string prefix) =>
            [.. of.Select(i => i with { Type = inputs.GetValueOrDefault(new DataId(prefix + i.Id)) })];
    }

    private void ReadOutputs(NodeId node, string prefix, string owner, PortsDescriptor ports)
    {
        HashSet<string> outputs = [.. ports.Outputs.Select(o => o.Value)];
        foreach (var (port, type) in ports.OutputTypes)
        {
            if (!outputs.Contains(port.Value)) ReportPort(port, "output", owner, outputs);
            else if (Resolve(type) is { } urn) _outputs[new OutputId(node, new DataId(prefix + port.Value))] = urn;
        }

        PatternChecks.Check(ports, owner, outputs, Report);
    }

    private void ReadInputs(GraphNode node, string prefix, string owner, PortsDescriptor ports, Dictionary<DataId, string> types)
    {
        string[] ids = [.. ports.Inputs.Select(i => i.Id.Value)];
        Dictionary<string, TypeUrn> written = new(StringComparer.Ordinal);
        foreach (var (port, type) in ports.InputTypes)
        {
            if (!ids.Contains(port.Value)) ReportPort(port, "input", owner, ids);
            else if (Resolve(type) is { } urn && written.TryAdd(port.Value, urn)) CheckEdge(node, prefix, port.Value, urn, type.Span);
        }

        foreach (string id in ids)
        {
            var type = written.GetValueOrDefault(id) ?? SourceType(node, prefix, id);
            if (type is not null) types[new DataId(prefix + id)] = type.ToString();
        }
    }

    private void CheckEdge(GraphNode node, string prefix, string input, TypeUrn expected, SourceSpan span)
    {
        if (SourceType(node, prefix, input) is not { } actual || _compatibility.CanRead(actual, expected)) return;
        string source = Source(node, prefix, input)!.ToString()!;
        string? difference = _fields.Difference(actual.Base, expected.Base);
        Report(
            "DF0403", span,
            $"input {Quoted.Text(input)} expects {Quoted.Text(expected.ToString())}, but {Quoted.Text(source)} is {Quoted.Text(actual.ToString())}",
            difference,
            "change one of the types, convert in between, or add a rule to 'type_rules'");
    }

    private TypeUrn? SourceType(GraphNode node, string prefix, string input) => Source(node, prefix, input) switch
    {
        InputSource.Node { Output: var output } => _outputs.GetValueOrDefault(output),
        InputSource.Timer => TypeUrn.Parse(StandardTypes.Tick, out _),
        InputSource.Logs => TypeUrn.Parse(StandardTypes.Text, out _),
        _ => null,
    };

    private static InputSource? Source(GraphNode node, string prefix, string input)
    {
        var inputs = prefix.Length == 0 ? node.Inputs : node.Operators.First(o => $"{o.Id}/" == prefix).Inputs;
        return inputs.FirstOrDefault(i => i.Id.Value == input)?.Source;
    }

    private (TypeUrn From, TypeUrn To)? Rule(TypeRuleDescriptor rule) =>
        (Resolve(rule.From), Resolve(rule.To)) is ({ } from, { } to) ? (from, to) : null;

    /// <summary>Null when it was reported.</summary>
    private TypeUrn? Resolve(Located<string> written)
    {
        if (TypeUrn.Parse(written.Value, out string problem) is not { } urn)
        {
            string[] full = [.. _library.WithShortName(written.Value)];
            Report(
                "DF0401", written.Span,
                $"{Quoted.Text(written.Value)} is no type: {problem}{(full.Length == 1 ? $"; did you mean {Quoted.Text(full[0])}?" : "")}",
                null,
                null);
            return null;
        }

        if (_library.Find(urn.Base) is not { } definition)
        {
            string[] sameName = [.. _library.WithShortName(TypeLibrary.ShortName(urn.Base))];
            string didYouMean = sameName.Length == 1 ? $"; did you mean {Quoted.Text(sameName[0])}?" : _diagnostics.DidYouMean(urn.Base, _library.Names);
            Report(
                "DF0402", written.Span,
                $"there is no type {Quoted.Text(urn.Base)}{didYouMean}",
                null,
                "define it in a file of the folder 'types' beside the dataflow");
            return null;
        }

        foreach (var field in definition.Fields)
        {
            string? wrong = _fields.Problem(field.Type);
            if (wrong is not null)
                Report("DF0405", written.Span, $"the field {Quoted.Text(field.Name)} of {Quoted.Text(urn.Base)} can't be read: {wrong}", null, null);
        }

        return urn;
    }

    private void ReportPort(Located<string> port, string noun, string owner, IReadOnlyCollection<string> known) =>
        Report(
            "DF0404", port.Span,
            $"'{noun}_types' of {owner} names {Quoted.Text(port.Value)}, which is no {noun} of it{_diagnostics.DidYouMean(port.Value, known)}",
            null,
            null);

    private void Report(string code, SourceSpan span, string message, string? cause, string? fix) =>
        _diagnostics.Add(code, _severity, span, message, cause, fix);
}
