// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Descriptors;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Graph;
using Dora.Protocol;

namespace Dora.Dataflows.Resolving;

/// <summary>Turns one node of a descriptor into one of the graph.</summary>
internal sealed class NodeResolver(DataflowDescriptor dataflow, string baseDirectory, LoadOptions options, DiagnosticBag diagnostics)
{
    private readonly PathResolver _paths = new(baseDirectory, dataflow.Source, dataflow.AllowOutside, options, diagnostics);
    private readonly SourceResolver _sources = new(new OutputIndex(dataflow), diagnostics);
    private readonly EnvironmentResolver _environment = new(options, diagnostics);

    public GraphNode Resolve(NodeDescriptor node)
    {
        LogSettingsResolver logs = new(diagnostics);
        var operators = node.Operators.Select(o => Operator(o, isBuilt: !node.Build.IsEmpty || !o.Build.IsEmpty)).ToImmutableArray();
        return new GraphNode
        {
            Id = new NodeId(node.Id.Value),
            Module = node.Module,
            Name = node.Name,
            Description = node.Description,
            Kind = node.Form switch
            {
                NodeForm.Runtime => NodeKind.Runtime,
                NodeForm.Dynamic => NodeKind.Dynamic,
                _ => NodeKind.Custom,
            },
            Program = new ProgramResolver(_paths, options, diagnostics).Resolve(node),
            Build = node.Build,
            Environment = _environment.Resolve([.. dataflow.Environment, .. node.Environment]),
            WorkingDirectory = WorkingDirectory(node),
            Inputs = node.Form == NodeForm.Runtime ? OutsideInputs(node, operators) : Inputs(node.Ports),
            Outputs = [.. Outputs(node).Select(o => new DataId(o))],
            Operators = operators,
            Join = node.Join is { } join ? new JoinResolver(join, node.Label, diagnostics).Resolve(node.Ports) : null,
            Restart = SupervisionResolver.Restart(node, diagnostics),
            Health = SupervisionResolver.Health(node.Supervision),
            Logs = logs.Resolve(node),
            CpuAffinity = node.CpuAffinity,
            Threads = ThreadResolver.Resolve(node, diagnostics),
            IsRealTimeRequired = node.Realtime?.Value == "require",
            Wait = node.Wait switch
            {
                "block" => WaitStrategy.Block,
                "spin" => WaitStrategy.Spin,
                _ => WaitStrategy.Adaptive,
            },
            SharedMemoryPoolBytes = node.SharedMemoryPoolBytes,
        };
    }

    private GraphOperator Operator(OperatorDescriptor op, bool isBuilt)
    {
        var code = new OperatorResolver(_paths, options, diagnostics).Resolve(op, isBuilt);
        return new GraphOperator
        {
            Id = new OperatorId(op.Id.Value),
            Name = op.Name,
            Description = op.Description,
            Kind = code?.Kind ?? OperatorKind.CSharp,
            Source = code?.Source ?? "",
            Wasm = code?.Kind == OperatorKind.Wasm ? op.Wasm ?? new WasmLimits() : null,
            Build = op.Build,
            Inputs = Inputs(op.Ports),
            Outputs = [.. op.Ports.Outputs.Select(o => new DataId(o.Value))],
            Join = Join(op),
            Timing = Timing(op),
            Thread = op.Thread,
            State = StateResolver.Resolve(op, diagnostics),
        };
    }

    private TimingSettings Timing(OperatorDescriptor op)
    {
        var written = op.Timing;
        if (written is { OnMiss: not null, Deadline: null } && op.Mapping.Find("deadline") is null && op.Mapping.Find("on_miss") is { } unused)
            diagnostics.Warning("DF0130", unused.Key.Span, $"'on_miss' of {op.Label} does nothing: there is no 'deadline' to miss", fix: "add 'deadline'");
        return new TimingSettings
        {
            Priority = written.Priority ?? new TimingSettings().Priority,
            Deadline = written.Deadline,
            DeadlineFrom = written.IsFromSource ? DeadlineOrigin.Source : DeadlineOrigin.Arrival,
            OnMiss = written.OnMiss?.Value switch
            {
                "skip" => MissAction.Skip,
                "event" => MissAction.Event,
                "restart" => MissAction.Restart,
                _ => MissAction.Warn,
            },
            Budget = written.Budget,
        };
    }

    private JoinSettings? Join(OperatorDescriptor op)
    {
        if (op.Join is not { } join) return null;
        if (op.Implementations is [{ Key: { Value: not "csharp" } language }])
            diagnostics.Error(
                "DF0907", op.Mapping.Find("join")!.Key.Span,
                $"'join' of {op.Label} is not supported yet: joins of operators under {Quoted.Text(language.Value)}",
                fix: "write the operator in C# ('csharp: Operator.cs'), or make it a node of its own with 'path'");
        return new JoinResolver(join, op.Label, diagnostics).Resolve(op.Ports);
    }

    private ImmutableArray<GraphInput> Inputs(PortsDescriptor ports) => [.. ports.Inputs.Select(Input).OfType<GraphInput>()];

    private GraphInput? Input(InputDescriptor input)
    {
        if (input.QueueSize is { Value: 0 } zero)
            diagnostics.Warning(
                "DF0136", zero.Span,
                $"'queue_size' 0 of input {Quoted.Text(input.Id.Value)} is taken as 1",
                "A queue without a place could never pass anything on.",
                "write 1");
        if (_sources.Resolve(input) is not { } source) return null;
        return new GraphInput
        {
            Id = new DataId(input.Id.Value),
            Source = source,
            QueueSize = Math.Max(1, input.QueueSize?.Value ?? 10),
            QueuePolicy = input.QueuePolicy == "backpressure" ? QueuePolicy.BackPressure : QueuePolicy.DropOldest,
            InputTimeout = input.Timeout,
        };
    }

    /// <summary>Inputs of operators that do not read a sibling. What carries a sibling's output lines comes from outside, too: the daemon sends it.</summary>
    private static ImmutableArray<GraphInput> OutsideInputs(NodeDescriptor node, ImmutableArray<GraphOperator> operators)
    {
        HashSet<DataId> inside =
        [
            .. from op in node.Operators
               from output in op.Ports.Outputs.Select(o => o.Value).Except(OutputIndex.LogOutputs(op.Logs))
               select new DataId($"{op.Id.Value}/{output}"),
        ];
        NodeId self = new(node.Id.Value);
        return
        [
            .. from op in operators
               from input in op.Inputs
               where input.Source is not InputSource.Node { Output: var output } || output.Node != self || !inside.Contains(output.Output)
               select input with { Id = new DataId($"{op.Id.Value}/{input.Id.Value}") },
        ];
    }

    private static IEnumerable<string> Outputs(NodeDescriptor node) =>
        node.Form == NodeForm.Runtime
            ? node.Operators.SelectMany(o => OutputIndex.OutputsOf(o.Ports, o.Logs).Select(p => $"{o.Id.Value}/{p}"))
            : OutputIndex.OutputsOf(node.Ports, node.Logs);

    private string WorkingDirectory(NodeDescriptor node)
    {
        if ((node.WorkingDirectory ?? dataflow.WorkingDirectory) is not { } written) return baseDirectory;
        string subject = $"'working_directory' of {node.Label}";
        string full = _paths.Resolve(written, subject);
        if (node.Build.IsEmpty) _paths.RequireDirectory(written, full, subject);
        return full;
    }
}
