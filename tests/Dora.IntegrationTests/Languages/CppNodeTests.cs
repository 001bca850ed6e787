// SPDX-License-Identifier: Apache-2.0

using Dora.IntegrationTests.Faults;

namespace Dora.IntegrationTests.Languages;

/// <summary>C++ programs as nodes and operators of a dataflow, built by CMake against the installed package.</summary>
[Collection(LanguageCollection.Name)]
public sealed class CppNodeTests
{
    [Theory]
    [InlineData("sender", "receiver")]
    [InlineData("sender", "receiver20")] // C++20: views are std::span, too
    [InlineData("sender_checked", "receiver_checked")] // under AddressSanitizer and UBSan, leaks included
    public async Task Messages_metadata_loans_and_Arrow_arrays_arrive_as_they_were_sent(string sender, string receiver)
    {
        await using DataflowRun run = new();
        Sanitizers.Configure(run);
        run.Start($$"""
            - id: sender
              path: {{CppPrograms.Node(sender)}}
              inputs: {go: receiver/go}
              outputs: [plain, loaned, arrow]
            - id: receiver
              path: {{CppPrograms.Node(receiver)}}
              inputs:
                plain: {source: sender/plain, queue_policy: backpressure}
                loaned: {source: sender/loaned, queue_policy: backpressure}
                arrow: {source: sender/arrow, queue_policy: backpressure}
              outputs: [go]
            """);

        var report = (await run.End()).Succeeded();

        Assert.Contains("all is as it was sent", report.Log);
        Assert.Contains("all is sent", report.Log);
    }

    [Fact]
    public async Task A_node_waits_for_the_inputs_that_it_chooses()
    {
        await using DataflowRun run = new();
        run.Start($$"""
            - id: node
              path: {{CppPrograms.Node("chooser")}}
              inputs:
                a: {source: node/a, queue_policy: backpressure}
                b: {source: node/b, queue_policy: backpressure}
              outputs: [a, b]
            """);

        Assert.Contains("inputs are chosen", (await run.End()).Succeeded().Log);
    }

    [Fact]
    public async Task Operator_class_documented_form_and_a_program_without_exceptions_run()
    {
        await using DataflowRun run = new();
        run.Start($$"""
            - id: node
              path: {{CPrograms.Node("documented_node")}}
              inputs: {tick: dora/timer/millis/10}
              outputs: [message]
            - id: runtime
              operators:
                - id: counter
                  shared-library: {{CppPrograms.Operator("counter_operator")}}
                  inputs:
                    message: {source: node/message, queue_policy: backpressure}
                  outputs: [counter]
                - id: documented
                  shared-library: {{CppPrograms.Operator("documented_operator")}}
                  inputs:
                    message: {source: node/message, queue_policy: backpressure}
                  outputs: [status]
            - id: sink
              path: {{CPrograms.Node("documented_sink")}}
              inputs:
                message: {source: runtime/counter/counter, queue_policy: backpressure}
            - id: documented
              path: {{CppPrograms.Node("documented")}}
              inputs:
                message: {source: node/message, queue_policy: backpressure}
              outputs: [counter]
            - id: plain
              path: {{CppPrograms.Node("no_exceptions")}}
              inputs:
                message: {source: node/message, queue_policy: backpressure}
            """);

        var report = (await run.End()).Succeeded();

        foreach (var (counter, tick) in ((int, int)[])[(1, 0), (2, 1), (1, 3), (2, 4), (1, 6), (2, 7), (3, 8), (4, 9)])
            Assert.Contains($"got {counter} after 'tick number {tick}' on message", report.Log);
        Assert.Contains("failed: two is thrown", report.Log);
        Assert.Contains("failed: five is returned", report.Log);
        Assert.Contains("destroyed at 4", report.Log);
        Assert.Contains("received `message` of 13 bytes (internal counter: 2)", report.Log);
        Assert.Contains("failed: three is one too many", report.Log);
        Assert.Contains("the documented operator is gone", report.Log);
        Assert.Contains("the counter is 10", report.Log);
        Assert.Contains("got 10", report.Log);
    }

    [Fact]
    public async Task Metadata_Arrow_arrays_logging_and_draining_in_the_documented_form_work()
    {
        await using DataflowRun run = new();
        run.Start($$"""
            - id: self
              path: {{CppPrograms.Node("documented_metadata")}}
              inputs:
                in: {source: self/out, queue_policy: backpressure}
              outputs: [out]
            """);

        Assert.Contains("all documented functions work", (await run.End()).Succeeded().Log);
    }

    [Fact]
    public async Task A_node_that_libdora_is_linked_into_needs_no_library_and_runs()
    {
        var program = CppPrograms.Node("documented_static");
        Assert.DoesNotContain("libdora", Tool.Run("ldd", [program]), StringComparison.Ordinal);
        await using DataflowRun run = new();
        run.Start($$"""
            - id: node
              path: {{program}}
              inputs: {tick: dora/timer/millis/10}
              outputs: [message]
            - id: sink
              path: {{CPrograms.Node("documented_sink")}}
              inputs:
                message: {source: node/message, queue_policy: backpressure}
            """);

        Assert.Contains("the sink got 10 messages", (await run.End()).Succeeded().Log);
    }

    [Fact]
    public void The_archive_links_with_nothing_but_the_mathematics_library()
    {
        var folder = Directory.CreateTempSubdirectory("dora-static-").FullName;
        try
        {
            var program = Path.Combine(folder, "outside");
            var archive = Path.Combine(Sdk.PrefixWithStatic, "lib", "libdora_node_api_c.a");
            Tool.Run("gcc", [Path.Combine(Sdk.Sources("c"), "outside.c"), $"-I{Sdk.Include}", archive, "-lm", "-o", program]);
            Assert.Contains("dora run", Tool.Run(program, []), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
