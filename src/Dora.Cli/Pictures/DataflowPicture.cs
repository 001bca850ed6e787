// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Graph;

namespace Dora.Cli.Pictures;

/// <summary>What a picture of a dataflow shows: boxes and arrows, no coordinates yet.</summary>
/// <param name="Title">The descriptor's file name.</param>
/// <param name="Boxes">Nodes, operators inside their runtime node, and virtual sources; in the descriptor's order.</param>
/// <param name="Arrows">One for each pair of boxes and direction, with all that flows along it.</param>
internal sealed record DataflowPicture(string Title, IReadOnlyList<Box> Boxes, IReadOnlyList<Arrow> Arrows)
{
    /// <summary>Boxes that stand by themselves and those inside runtime nodes.</summary>
    public IEnumerable<Box> AllBoxes => Boxes.SelectMany(b => b.Inner.Prepend(b));

    public static DataflowPicture Of(DataflowGraph graph)
    {
        List<Box> sources = [];
        List<(string From, string To, Flow Flow)> flows = [];
        var nodes = graph.Nodes.Select(n => BoxOf(n, graph.BaseDirectory)).ToList();
        foreach (var node in graph.Nodes)
        {
            foreach (var (target, input) in Inputs(node))
                flows.Add((SourceBox(input.Source, graph, sources), target, new Flow(OutputName(input.Source), input.Id.Value, input.QueuePolicy)));
        }

        var arrows = flows
            .GroupBy(f => (f.From, f.To))
            .Select(g => new Arrow(g.Key.From, g.Key.To, [.. g.Select(f => f.Flow)]));
        return new DataflowPicture(Path.GetFileName(graph.SourcePath), [.. sources, .. nodes], [.. arrows]);
    }

    /// <summary>Every input with the id of the box that it belongs to.</summary>
    private static IEnumerable<(string Target, GraphInput Input)> Inputs(GraphNode node) => node.Kind == NodeKind.Runtime
        ? node.Operators.SelectMany(o => o.Inputs.Select(i => (OperatorBox(node, o.Id.Value), i)))
        : node.Inputs.Select(i => (node.Id.Value, i));

    private static Box BoxOf(GraphNode node, string baseDirectory) => new(node.Id.Value, node.Id.Value, Subtitle(node, baseDirectory), KindOf(node))
    {
        Tooltip = node.Description ?? node.Name ?? "",
        Inner =
        [
            .. node.Operators.Select(o => new Box(OperatorBox(node, o.Id.Value), o.Id.Value, Path.GetFileName(o.Source), BoxKind.Operator)
            {
                Tooltip = o.Description ?? o.Name ?? "",
            }),
        ],
    };

    private static BoxKind KindOf(GraphNode node) => node.Kind switch
    {
        NodeKind.Runtime => BoxKind.Runtime,
        NodeKind.Dynamic => BoxKind.Dynamic,
        _ => BoxKind.Node,
    };

    private static string Subtitle(GraphNode node, string baseDirectory) => (node.Kind, node.Program) switch
    {
        (NodeKind.Runtime, _) => node.Operators.Length == 1 ? "runtime, 1 operator" : $"runtime, {node.Operators.Length} operators",
        (NodeKind.Dynamic, _) => "started by hand",
        (_, { Kind: ProgramKind.Shell }) => "shell",
        (_, { } program) when Path.IsPathRooted(program.Source) => Path.GetRelativePath(baseDirectory, program.Source),
        (_, { } program) => program.Source,
        _ => "",
    };

    private static string OutputName(InputSource source) => source is InputSource.Node { Output: var output } ? LastPart(output.Output.Value) : "";

    /// <summary>The box an input reads from; virtual sources get their box when they are first met.</summary>
    private static string SourceBox(InputSource source, DataflowGraph graph, List<Box> sources)
    {
        if (source is InputSource.Node { Output: var output })
        {
            var node = graph.Nodes.FirstOrDefault(n => n.Id == output.Node);
            return node?.Kind == NodeKind.Runtime && output.Output.Value.Split('/') is [var op, _] ? OperatorBox(node, op) : output.Node.Value;
        }

        var text = source.ToString()!;
        if (sources.All(s => s.Id != text))
        {
            var (title, kind) = source is InputSource.Timer timer ? ($"every {Every(timer.Interval)}", BoxKind.Timer) : (text, BoxKind.Logs);
            sources.Add(new Box(text, title, kind == BoxKind.Timer ? text : "log lines", kind));
        }

        return text;
    }

    private static string Every(TimeSpan interval) => interval switch
    {
        { TotalSeconds: >= 1 } => $"{interval.TotalSeconds:0.###} s",
        { TotalMilliseconds: >= 1 } => $"{interval.TotalMilliseconds:0.###} ms",
        _ => $"{interval.TotalMicroseconds:0.###} µs",
    };

    private static string OperatorBox(GraphNode node, string op) => $"{node.Id}/{op}";

    private static string LastPart(string id) => id[(id.LastIndexOf('/') + 1)..];
}

internal enum BoxKind
{
    Node,
    Runtime,
    Operator,
    Dynamic,
    Timer,
    Logs,
}

/// <summary>A node, an operator or a virtual source.</summary>
internal sealed record Box(string Id, string Title, string Subtitle, BoxKind Kind)
{
    public string Tooltip { get; init; } = "";

    /// <summary>Operators of a runtime node.</summary>
    public IReadOnlyList<Box> Inner { get; init; } = [];
}

/// <summary>Everything that flows from one box to another.</summary>
internal sealed record Arrow(string From, string To, IReadOnlyList<Flow> Flows);

/// <summary>One output read as one input; <paramref name="Output"/> is empty for virtual sources.</summary>
internal sealed record Flow(string Output, string Input, QueuePolicy Policy)
{
    /// <summary><c>image</c> when both ends agree, <c>frames → image</c> when not.</summary>
    public string Label => Output.Length == 0 || Output == Input ? Input : $"{Output} → {Input}";
}
