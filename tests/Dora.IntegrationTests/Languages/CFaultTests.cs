// SPDX-License-Identifier: Apache-2.0

using Dora.IntegrationTests.Faults;
using Dora.Platform.Processes;
using Dora.Protocol;

namespace Dora.IntegrationTests.Languages;

/// <summary>C programs that crash or are killed.</summary>
[Collection(LanguageCollection.Name)]
public sealed class CFaultTests
{
    [Theory]
    [Fault(FaultGroup.Nodes, "An operator in C or C++ crashes", "Its runtime ends, nothing else; the report names the operator and the signal; `restart_policy` applies")]
    [InlineData("segv", "SIGSEGV")]
    [InlineData("abort", "SIGABRT")]
    [InlineData("overflow", "SIG")] // .NET's handler turns it into an abort, with a line that says so
    public async Task A_crash_in_a_C_operator_takes_its_runtime_only_and_the_report_names_operator_and_signal(string how, string signal)
    {
        await using DataflowRun run = new();
        run.Start($$"""
            - id: runtime
              restart_policy: on-failure
              max_restarts: 1
              restart_delay: 10ms
              env: {CRASH: {{how}}}
              operators:
                - id: steady
                  shared-library: {{CPrograms.Operator("documented_operator")}}
                  inputs: {tick: dora/timer/millis/10}
                  outputs: [counter]
                - id: culprit
                  shared-library: {{CPrograms.Operator("crash_operator")}}
                  inputs: {tick: dora/timer/millis/10}
                  outputs: [out]
            - id: watcher
              path: {{CPrograms.Node("watcher")}}
              inputs: {out: runtime/culprit/out}
            - id: other
              path: {{CPrograms.Node("documented_node")}}
              inputs: {tick: dora/timer/millis/10}
              outputs: [message]
            - id: sink
              path: {{CPrograms.Node("documented_sink")}}
              inputs:
                message: {source: other/message, queue_policy: backpressure}
            """);

        var report = await run.End();

        Assert.Equal(1, report.ExitCode);
        var runtime = report.Node("runtime");
        Assert.True(runtime.Failed);
        Assert.Equal(1, runtime.Restarts);
        Assert.Matches($"{signal}.* while operator 'culprit' ran", runtime.Exit);
        Assert.Matches($"runtime +\\| .*{signal}.* while operator 'culprit' ran", report.Log);
        Assert.Matches($"heard that runtime failed: {signal}.* while operator 'culprit' ran", report.Log);
        Assert.Contains("heard that runtime was restarted", report.Log, StringComparison.Ordinal);

        // Whoever has nothing to do with it goes on.
        Assert.Contains("the sink got 10 messages", report.Log, StringComparison.Ordinal);
        foreach (var node in (string[])["watcher", "other", "sink"])
            Assert.False(report.Node(node).Failed);
    }

    [Fact]
    [Fault(FaultGroup.Nodes, "A node in C is killed while it holds messages", "Nothing of it remains; `restart_policy` brings it back")]
    public async Task A_killed_C_node_leaves_nothing_behind_and_is_started_again()
    {
        await using DataflowRun run = new();
        run.Start($$"""
            - id: node
              path: {{CPrograms.Node("endless")}}
              inputs: {tick: dora/timer/millis/5}
              outputs: [data]
              restart_policy: on-failure
              restart_delay: 10ms
            - id: watcher
              path: {{CPrograms.Node("watcher")}}
              inputs: {data: node/data}
            """);

        var node = await run.Started("node");
        await run.Running();
        Signal.Send(node, Signals.Kill);
        await run.Started("node", 1);
        await run.Saw("heard that node was restarted");
        run.Stop();
        var report = await run.End(); // checks that no process, file or memory remains

        Assert.Equal(1, report.Node("node").Restarts);
        Assert.Contains("killed (SIGKILL), not by dora", report.Log, StringComparison.Ordinal);
    }

    [Fact]
    [Fault(FaultGroup.Starting, "A node was built with dora's library of another version", "It is refused; the message names both versions and says which side to update")]
    public async Task A_library_of_another_version_is_refused_with_both_versions_named()
    {
        await using DataflowRun run = new();
        using OtherVersion other = new(run.Folder);
        run.Start($$"""
            - id: node
              path: {{other.Wrap(CPrograms.Node("endless"))}}
              inputs: {tick: dora/timer/millis/5}
              outputs: [data]
            """);

        var report = await run.End();

        Assert.True(report.Node("node").Failed);
        Assert.Contains($"node 'node' speaks protocol 9.0 (dora {OtherVersion.Product}), this daemon speaks protocol", report.Log, StringComparison.Ordinal);
        Assert.Contains($"(dora {ProtocolVersions.Product})", report.Log, StringComparison.Ordinal);
        Assert.Contains("rebuild node 'node' with the dora library of", report.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task C_nodes_that_misuse_nothing_are_clean_under_the_sanitizers()
    {
        await using DataflowRun run = new();
        Sanitizers.Configure(run);
        run.Start($$"""
            - id: self
              path: {{CPrograms.CheckedNode("misuse")}}
              inputs:
                loop: {source: self/loop, queue_size: 1, queue_policy: backpressure}
              outputs: [loop]
            - id: sender
              path: {{CPrograms.CheckedNode("sender")}}
              inputs: {go: receiver/go}
              outputs: [plain, loaned, arrow]
            - id: relay
              path: {{CPrograms.CheckedNode("relay")}}
              inputs:
                plain: {source: sender/plain, queue_policy: backpressure}
                arrow: {source: sender/arrow, queue_policy: backpressure}
              outputs: [plain, arrow]
            - id: receiver
              path: {{CPrograms.CheckedNode("receiver")}}
              inputs:
                plain: {source: sender/plain, queue_policy: backpressure}
                loaned: {source: sender/loaned, queue_policy: backpressure}
                arrow: {source: sender/arrow, queue_policy: backpressure}
                relayed_plain: {source: relay/plain, queue_policy: backpressure}
                relayed_arrow: {source: relay/arrow, queue_policy: backpressure}
              outputs: [go]
            """);

        Assert.Contains("all is as it was sent", (await run.End()).Succeeded().Log, StringComparison.Ordinal);
    }
}
