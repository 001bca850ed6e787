// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.IntegrationTests.Faults;

namespace Dora.IntegrationTests.Scale;

/// <summary>Many processes in one dataflow, and many operators in one process, start, run and stop clean.</summary>
[Collection(FaultCollection.Name)]
public sealed class ScaleTests
{
    private const int Sinks = 99;
    private const int Messages = 50;
    private const int Operators = 1000;

    [Fact]
    [Fault(FaultGroup.Size, "A dataflow has a hundred nodes", "It starts, runs and stops clean")]
    public async Task A_hundred_nodes_start_run_and_stop_clean()
    {
        await using DataflowRun run = new();
        var nodes = new StringBuilder($$"""
              - id: source
                path: {{DataflowRun.Program}}
                args: source --output data --count {{Messages}} --interval-us 20000
                outputs: [data]

            """);
        for (var i = 0; i < Sinks; i++)
        {
            nodes.Append($$"""
                  - id: sink{{i}}
                    path: {{DataflowRun.Program}}
                    args: sink
                    inputs:
                      data: {source: source/data, queue_size: {{Messages}} }

                """);
        }

        run.Start(nodes.ToString());
        var report = (await run.End()).Succeeded();

        Assert.All(Enumerable.Range(0, Sinks), i => Assert.Equal(new EdgeReport(Messages, Messages, 0), report.Edge($"sink{i}/data")));
    }

    [Fact]
    [Fault(FaultGroup.Size, "A runtime has a thousand operators", "All of them answer, and end with their source")]
    public async Task A_thousand_operators_in_one_runtime_all_answer_and_end_with_their_source()
    {
        const int Rounds = 3;
        await using DataflowRun run = new();
        run.Start(ThousandOperators(run, $"source --output data --count {Rounds}"));
        var report = (await run.End()).Succeeded();

        Assert.All(Enumerable.Range(0, Operators), i => Assert.Equal(Rounds, run.Number("sink", $"received.op{i}")));
        Assert.Equal(Rounds * Operators, run.Number("sink", "received"));
        Assert.Equal(0, run.Number("sink", "problems"));
        Assert.False(report.Node("many").Failed);
        // Every other operator hears a sibling: what is counted in the process is in the report like any other edge.
        Assert.All(Enumerable.Range(0, Operators), i => Assert.Equal(new EdgeReport(Rounds, Rounds, 0), report.Edge($"many/op{i}/data")));
    }

    [Fact]
    [Fault(FaultGroup.Size, "A thousand operators are stopped while they work", "They end in good order")]
    public async Task A_thousand_operators_in_one_runtime_stop_clean_while_they_work()
    {
        await using DataflowRun run = new();
        run.Start(ThousandOperators(run, "source --output data --interval-us 100000"));
        await run.Running();
        await run.Wrote("sink", found => Enumerable.Range(0, Operators).All(i => found.ContainsKey($"received.op{i}")), "an answer of each operator");

        run.Stop();
        var report = await run.End();

        Assert.Equal(130, report.ExitCode);
        Assert.Equal(0, run.Number("sink", "problems"));
        Assert.All(["source", "many", "sink"], node => Assert.Equal(new NodeReport(false, "exit code 0", 0), report.Node(node)));
    }

    /// <summary>The even operators hear the source, each odd one the sibling before it; all of them answer to the sink.</summary>
    private static string ThousandOperators(DataflowRun run, string source)
    {
        var operators = new StringBuilder();
        var answers = new StringBuilder();
        for (var i = 0; i < Operators; i++)
        {
            var heard = i % 2 == 0 ? "source/data" : $"many/op{i - 1}/data";
            operators.Append($$"""
                  - id: op{{i}}
                    csharp: {{DataflowRun.Operators}}
                    inputs:
                      data: {source: {{heard}}, queue_policy: backpressure}
                    outputs: [data]

                """);
            answers.Append($"    op{i}: {{source: many/op{i}/data, queue_policy: backpressure}}\n");
        }

        return $$"""
            - id: source
              path: {{DataflowRun.Program}}
              args: {{source}}
              outputs: [data]
            - id: many
              operators:
            {{operators}}
            - id: sink
              path: {{DataflowRun.Program}}
              args: sink {{run.ResultOf("sink")}}
              inputs:
            {{answers}}
            """;
    }
}
