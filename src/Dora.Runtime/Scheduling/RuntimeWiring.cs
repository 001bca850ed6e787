// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol.Messages;
using Dora.Runtime.Mailbox;
using Dora.Runtime.State;
using Dora.Runtime.Outputs;
using Dora.Runtime.Port;
using Dora.Runtime.Timing;

namespace Dora.Runtime.Scheduling;

/// <summary>The operators of a node with their inputs and outputs connected; nothing runs yet.</summary>
internal sealed class RuntimeWiring
{
    private const uint PriorityMax = 99;

    private readonly Dictionary<string, OperatorCell> _byId = [];

    private RuntimeWiring(RuntimeClock clock) => Clock = clock;

    public RuntimeClock Clock { get; }

    /// <summary>Whether any operator asks for its turn before others.</summary>
    public bool HasOrder { get; private set; }

    public IEnumerable<OperatorCell> Cells => _byId.Values;

    /// <summary>Inputs that other nodes feed, by <c>operator/input</c>.</summary>
    public Dictionary<string, OperatorInput> NodeInputs { get; } = [];

    /// <summary>Loads every operator's program and connects them as the node's configuration says.</summary>
    /// <exception cref="OperatorLoadException">A program cannot be loaded, or the configuration contradicts itself.</exception>
    public static RuntimeWiring Create(INodePort port, OperatorLoader load, TimeProvider time, OperatorStates? states = null)
    {
        var wiring = new RuntimeWiring(new RuntimeClock(time, port.NowNs));
        var nodeOutputs = port.Config.Outputs.Select(output => output.OutputId).ToHashSet();
        foreach (var config in port.Config.Operators)
        {
            var cell = new OperatorCell(config.OperatorId, load(config), RestartBudget.Default(time))
            {
                Number = wiring._byId.Count + 1,
                Priority = (int)Math.Min(config.Priority, PriorityMax),
                Thread = config.Thread,
                Timing = OperatorTiming.Of(config, wiring.Clock),
                Join = config.Join is { } join ? new OperatorJoin(join, config.Inputs, wiring.Clock) : null,
                State = states?.Of(config.OperatorId),
            };
            wiring.AddCell(port, config, cell, nodeOutputs);
            wiring.HasOrder |= config.DeadlineNs > 0 || config.Priority != port.Config.Operators[0].Priority;
        }

        var nodeInputs = port.Config.Inputs.Select(input => input.InputId).ToHashSet();
        foreach (var config in port.Config.Operators)
        {
            foreach (var input in config.Inputs)
            {
                wiring.AddInput(port.Config.NodeId, wiring._byId[config.OperatorId], input, nodeInputs);
            }
        }

        SinkDistance.Assign(wiring._byId.Values);
        return wiring;
    }

    /// <summary>The order that its operators ask for: first come, first served where none asks for any.</summary>
    public IReadyQueue CreateReadyQueue() => HasOrder ? new OrderedReadyQueue(Clock) : new FifoReadyQueue();

    private void AddCell(INodePort port, OperatorConfig config, OperatorCell cell, HashSet<string> nodeOutputs)
    {
        if (!_byId.TryAdd(config.OperatorId, cell))
        {
            throw new OperatorLoadException(config.OperatorId, "two operators of the node have this id");
        }

        foreach (var name in config.Outputs)
        {
            var nodeOutput = $"{config.OperatorId}/{name}";
            cell.Outputs[name] = new OutputRoute(name, nodeOutputs.Contains(nodeOutput) ? port.GetOutput(nodeOutput) : null);
        }
    }

    // An input is either one of the node's or fed by a sibling; the daemon knows which and lists the former.
    private void AddInput(string nodeId, OperatorCell cell, InputConfig config, HashSet<string> nodeInputs)
    {
        var nodeInput = $"{cell.Id}/{config.InputId}";
        var isLossless = config.QueuePolicy == QueuePolicy.Backpressure;
        var capacity = (int)Math.Clamp(config.QueueSize, 1, OperatorInput.OverfullMax);
        var place = cell.Join?.PlaceOf(config.InputId) ?? -1;
        OperatorInput input;
        if (nodeInputs.Contains(nodeInput))
        {
            input = new OperatorInput(config.InputId, cell, capacity, isLossless)
            {
                NodeInputId = nodeInput,
                JoinPlace = place,
                SourceNode = config.Source.Split('/')[0],
            };
            NodeInputs.Add(nodeInput, input);
        }
        else
        {
            var (producer, route) = FindSibling(nodeId, cell, config);
            input = new OperatorInput(config.InputId, cell, capacity, isLossless) { Producer = producer, JoinPlace = place };
            route.Siblings.Add(input);
        }

        cell.Inputs.Add(input);
    }

    // Sources are written "node/operator/output", or without the node.
    private (OperatorCell Producer, OutputRoute Route) FindSibling(string nodeId, OperatorCell cell, InputConfig config)
    {
        var source = config.Source.StartsWith(nodeId + "/", StringComparison.Ordinal) ? config.Source[(nodeId.Length + 1)..] : config.Source;
        var parts = source.Split('/');
        if (parts.Length == 2 && _byId.TryGetValue(parts[0], out var producer) && producer.Outputs.TryGetValue(parts[1], out var route))
        {
            return (producer, route);
        }

        throw new OperatorLoadException(
            cell.Id, $"input '{config.InputId}' reads '{config.Source}', which is neither an input of node '{nodeId}' nor an output of one of its operators");
    }
}
