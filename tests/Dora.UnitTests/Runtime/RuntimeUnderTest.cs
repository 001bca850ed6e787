// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Protocol.Messages;
using Dora.Runtime;
using Dora.Runtime.Mailbox;
using Dora.Runtime.Port;
using Dora.Runtime.Scheduling;
using Dora.Runtime.State;

namespace Dora.UnitTests.Runtime;

internal delegate DoraStatus Handler(in OperatorEvent e, OutputSender output);

/// <summary>Builds a runtime on a <see cref="FakeNode"/> from handlers, and runs it on a thread of its own.</summary>
internal sealed class RuntimeUnderTest
{
    private static readonly TimeSpan RunMax = TimeSpan.FromSeconds(120);

    private readonly Dictionary<string, Func<Dora.Operators.OperatorState?, IOperator>> _factories = [];
    private RuntimeWiring? _wiring;

    public FakeNode Node { get; } = new();
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The operator's input queue after the run.</summary>
    public OperatorInput Input(string op, string input) => _wiring!.Cells.Single(c => c.Id == op).Inputs.Single(i => i.Name == input);

    /// <summary>Adds an operator; inputs are "name=source", a source being "op/output" of a sibling or "node:output" of another node.</summary>
    public RuntimeUnderTest Add(string id, string inputs, string outputs, Func<IOperator> create, uint queueSize = 10, bool lossless = false)
    {
        var config = new OperatorConfig { OperatorId = id, Kind = "csharp", Priority = 50 };
        foreach (var (name, source) in inputs.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(i => i.Split('=')).Select(p => (p[0], p[1])))
        {
            var isNode = source.Contains(':', StringComparison.Ordinal);
            var input = new InputConfig
            {
                InputId = name,
                Source = isNode ? source.Replace(':', '/') : $"runtime/{source}",
                QueueSize = queueSize,
                QueuePolicy = lossless ? QueuePolicy.Backpressure : QueuePolicy.DropOldest,
            };
            config.Inputs.Add(input);
            if (isNode)
            {
                var nodeInput = input.Clone();
                nodeInput.InputId = $"{id}/{name}";
                Node.Config.Inputs.Add(nodeInput);
            }
        }

        foreach (var output in outputs.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            config.Outputs.Add(output);
            Node.Config.Outputs.Add(new OutputConfig { OutputId = $"{id}/{output}" });
        }

        Node.Config.Operators.Add(config);
        _factories.Add(id, _ => create());
        return this;
    }

    /// <summary>Adds an operator that keeps state; <see cref="FakeNode.Config"/> says in which folder.</summary>
    public RuntimeUnderTest AddStateful(string id, string inputs, string outputs, StateConfig state, Func<Dora.Operators.OperatorState, IOperator> create)
    {
        Add(id, inputs, outputs, () => throw new InvalidOperationException("its state is missing"), queueSize: 1_000);
        Node.Config.Operators[^1].State = state;
        _factories[id] = view => create(view!);
        return this;
    }

    public RuntimeUnderTest Add(string id, string inputs, string outputs, Handler handler, uint queueSize = 10, bool lossless = false) =>
        Add(id, inputs, outputs, () => new HandlerOperator(handler), queueSize, lossless);

    /// <summary>The configuration of an operator that was added, to say more about it.</summary>
    public OperatorConfig ConfigOf(string op) => Node.Config.Operators.Single(o => o.OperatorId == op);

    public RuntimeResult Run()
    {
        var run = Task.Factory.StartNew(
            () =>
            {
                using var states = OperatorStates.Open(Node.Config, message => Node.Log(LogLevel.Warn, "", message));
                _wiring = RuntimeWiring.Create(Node, config => new Factory(_factories[config.OperatorId]), Time, states);
                return OperatorRuntime.Run(Node, _wiring);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Assert.True(Task.WhenAny(run, Task.Delay(RunMax)).Result == run, "the runtime did not end");
        return run.GetAwaiter().GetResult();
    }

    public IEnumerable<OperatorState> ReportsOf(string op) => Node.Reports.Where(r => r.Operator == op).Select(r => r.State);

    public sealed class HandlerOperator(Handler handler) : IOperator
    {
        public DoraStatus OnEvent(in OperatorEvent e, OutputSender output) => handler(e, output);
    }

    private sealed class Factory(Func<Dora.Operators.OperatorState?, IOperator> create) : IOperatorFactory
    {
        public IOperator Create() => create(null);

        public IOperator Create(Dora.Operators.OperatorState state) => create(state);

        public void Reload(string? source = null)
        {
        }
    }
}
