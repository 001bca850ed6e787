// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.IntegrationTests.Faults;

namespace Dora.IntegrationTests.Scale;

/// <summary>Many processes in one dataflow start, run and stop clean.</summary>
[Collection(FaultCollection.Name)]
public sealed class ScaleTests
{
    private const int Sinks = 99;
    private const int Messages = 50;

    [Fact]
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
}
