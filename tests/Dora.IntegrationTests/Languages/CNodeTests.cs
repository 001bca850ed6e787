// SPDX-License-Identifier: Apache-2.0

using Dora.IntegrationTests.Faults;

namespace Dora.IntegrationTests.Languages;

/// <summary>C programs as nodes and operators of a dataflow, in the forms of dora's documentation and in ours.</summary>
[Collection(LanguageCollection.Name)]
public sealed class CNodeTests
{
    [Fact]
    public async Task Node_operator_and_sink_in_the_documented_form_run()
    {
        await using var run = Chain("documented_operator");

        var report = (await run.End()).Succeeded();

        for (var i = 0; i < 10; i++)
            Assert.Contains($"got {i + 1} after 'tick number {i}' on message", report.Log);
        Assert.Contains("message is closed", report.Log);
        Assert.Contains("the sink got 10 messages", report.Log);
        Assert.Contains("the operator is stopped", report.Log);
        Assert.Contains("the operator is dropped", report.Log);
        Assert.Contains("the node is done", report.Log);
        Assert.Equal(10, report.Edge("sink/message").Received);
    }

    [Fact]
    public async Task An_operator_in_the_helper_form_runs_and_is_replaced_after_each_error_that_it_returns()
    {
        await using var run = Chain("helper_operator");

        var report = (await run.End()).Succeeded();

        // Ten messages; each instance fails at its third.
        foreach (var (counter, tick) in ((int, int)[])[(1, 0), (2, 1), (1, 3), (2, 4), (1, 6), (2, 7), (1, 9)])
            Assert.Contains($"got {counter} after 'tick number {tick}' on message", report.Log);
        Assert.Equal(7, report.Edge("sink/message").Received);
        Assert.Contains("three is one too many", report.Log);
    }

    [Fact]
    public async Task Metadata_loans_Arrow_arrays_and_forwarded_messages_arrive_as_they_were_sent()
    {
        await using DataflowRun run = new();
        run.Start($$"""
            - id: sender
              path: {{CPrograms.Node("sender")}}
              inputs: {go: receiver/go}
              outputs: [plain, loaned, arrow]
            - id: relay
              path: {{CPrograms.Node("relay")}}
              inputs:
                plain: {source: sender/plain, queue_policy: backpressure}
                arrow: {source: sender/arrow, queue_policy: backpressure}
              outputs: [plain, arrow]
            - id: receiver
              path: {{CPrograms.Node("receiver")}}
              inputs:
                plain: {source: sender/plain, queue_policy: backpressure}
                loaned: {source: sender/loaned, queue_policy: backpressure}
                arrow: {source: sender/arrow, queue_policy: backpressure}
                relayed_plain: {source: relay/plain, queue_policy: backpressure}
                relayed_arrow: {source: relay/arrow, queue_policy: backpressure}
              outputs: [go]
            """);

        var report = (await run.End()).Succeeded();

        Assert.Contains("all is as it was sent", report.Log);
        Assert.Contains("this is a warning", report.Log);
    }

    [Fact]
    public async Task An_operator_reads_and_sends_metadata_and_Arrow_arrays_writes_in_place_forwards_and_logs()
    {
        await using DataflowRun run = new();
        run.Start($$"""
            - id: sender
              path: {{CPrograms.Node("sender")}}
              inputs: {go: receiver/go}
              outputs: [plain, loaned, arrow]
            - id: runtime
              operators:
                - id: relay
                  shared-library: {{CPrograms.Operator("relay_operator")}}
                  inputs:
                    plain: {source: sender/plain, queue_policy: backpressure}
                    arrow: {source: sender/arrow, queue_policy: backpressure}
                  outputs: [plain, arrow]
            - id: receiver
              path: {{CPrograms.Node("receiver")}}
              inputs:
                plain: {source: sender/plain, queue_policy: backpressure}
                loaned: {source: sender/loaned, queue_policy: backpressure}
                arrow: {source: sender/arrow, queue_policy: backpressure}
                relayed_plain: {source: runtime/relay/plain, queue_policy: backpressure}
                relayed_arrow: {source: runtime/relay/arrow, queue_policy: backpressure}
              outputs: [go]
            """);

        var report = (await run.End()).Succeeded();

        Assert.Contains("all is as it was sent", report.Log);
        Assert.Contains("kept 30, stopped: ", report.Log);
    }

    [Fact]
    public async Task Messages_that_a_join_brings_together_are_one_event_and_each_an_input()
    {
        await using DataflowRun run = new();
        run.Start($$"""
            - id: node
              path: {{CPrograms.Node("joined")}}
              inputs:
                a: {source: node/a, queue_policy: backpressure}
                b: {source: node/b, queue_policy: backpressure}
              outputs: [a, b]
              join: {mode: zip}
            """);

        Assert.Contains("sets are read", (await run.End()).Succeeded().Log);
    }

    [Fact]
    public async Task A_node_waits_for_the_inputs_that_it_chooses()
    {
        await using DataflowRun run = new();
        run.Start($$"""
            - id: node
              path: {{CPrograms.Node("chooser")}}
              inputs:
                a: {source: node/a, queue_policy: backpressure}
                b: {source: node/b, queue_policy: backpressure}
                extra: {source: node/extra, queue_policy: backpressure}
                never: node/never
              outputs: [a, b, extra, never]
            """);

        Assert.Contains("inputs are chosen", (await run.End()).Succeeded().Log);
    }

    [Fact]
    public async Task Every_misuse_is_an_error_with_a_text()
    {
        await using DataflowRun run = new();
        run.Start($$"""
            - id: self
              path: {{CPrograms.Node("misuse")}}
              inputs:
                loop: {source: self/loop, queue_size: 1, queue_policy: backpressure}
              outputs: [loop]
            """);

        var report = (await run.End()).Succeeded();

        Assert.Contains("every mistake is an error", report.Log);
    }

    [Fact]
    public void A_program_that_dora_did_not_start_is_told_so()
    {
        var (code, output, error) = Tool.Try(CPrograms.Node("outside"), []);

        Assert.True(code == 0, error);
        Assert.Contains("dora run", output);
        Assert.Contains(output.Trim(), error);
    }

    private static DataflowRun Chain(string op)
    {
        DataflowRun run = new();
        run.Start($$"""
            - id: node
              path: {{CPrograms.Node("documented_node")}}
              inputs: {tick: dora/timer/millis/10}
              outputs: [message]
            - id: runtime
              operators:
                - id: counter
                  shared-library: {{CPrograms.Operator(op)}}
                  inputs:
                    message: {source: node/message, queue_policy: backpressure}
                  outputs: [counter]
            - id: sink
              path: {{CPrograms.Node("documented_sink")}}
              inputs:
                message: {source: runtime/counter/counter, queue_policy: backpressure}
            """);
        return run;
    }
}
