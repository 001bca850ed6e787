// SPDX-License-Identifier: Apache-2.0

using Dora.IntegrationTests.Cli;
using Dora.IntegrationTests.Faults;
using Dora.Platform.Processes;
using Dora.Protocol;

namespace Dora.IntegrationTests.Languages;

/// <summary>The Rust crates: their own tests, the documentation's programs, and nodes in real dataflows.</summary>
[Collection(LanguageCollection.Name)]
public sealed class RustTests
{
    [Theory]
    [InlineData("oldest")]
    [InlineData("usual")]
    public void Tests_of_the_crates_pass(string which)
    {
        var toolchain = which == RustToolchain.Oldest.Name ? RustToolchain.Oldest : RustToolchain.Usual;
        _ = Sdk.Prefix;
        toolchain.Run(RustPrograms.Crates, "test", "--quiet", "--locked", "--target-dir", Target(toolchain));
    }

    [Fact]
    public void Crates_are_documented_without_a_warning()
    {
        Tool.Run("env", ["RUSTDOCFLAGS=-D warnings", .. RustToolchain.Usual.Command, "doc", "--quiet", "--no-deps", "--locked", "--target-dir", Target(RustToolchain.Usual)],
            folder: RustPrograms.Crates);
        if (RustToolchain.Usual.Has("clippy")) // rustup's component; Debian has it apart, and of its own version
            RustToolchain.Usual.Run(RustPrograms.Crates, "clippy", "--quiet", "--locked", "--all-targets", "--target-dir", Target(RustToolchain.Usual),
                "--", "-D", "clippy::correctness", "-D", "clippy::suspicious", "-D", "clippy::perf"); // a new version's taste shall fail no test
    }

    [Fact]
    public async Task Node_operator_and_sink_of_the_early_documentation_build_and_run_as_they_are()
    {
        _ = Sdk.Prefix;
        RustPrograms.ForgetVersions();
        var folder = Path.Combine(RustPrograms.Workspace, "examples", "documented");

        var built = await DoraRun.ToEnd(folder, "build", "dataflow.yml");
        Assert.True(built.ExitCode == 0, built.Error);
        var (code, output, error) = await DoraRun.ToEnd(folder, "run", "dataflow.yml");

        Assert.True(code == 0, error);
        Assert.Contains("tick 99, sending 0x", output, StringComparison.Ordinal);
        Assert.Contains("sink received message: operator received random value 0x", output, StringComparison.Ordinal);
        Assert.Contains("`random` input was closed -> exiting", output, StringComparison.Ordinal);
        Assert.Contains("Input `message` was closed", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_kind_of_data_and_metadata_passes_through_Rust_and_csharp()
    {
        await using DataflowRun run = new();
        run.Start($$"""
            - id: source
              path: {{RustPrograms.Behaviours}}
              args: kinds_source
              inputs: {tick: dora/timer/millis/5}
              outputs: [out]
            - id: forwarder
              path: {{RustPrograms.Behaviours}}
              args: forwarder
              inputs:
                in: {source: source/out, queue_policy: backpressure}
              outputs: [out]
            - id: relay
              path: {{DataflowRun.Program}}
              args: relay
              inputs:
                in: {source: forwarder/out, queue_policy: backpressure}
              outputs: [out]
            - id: sink
              path: {{RustPrograms.Behaviours}}
              args: kinds_sink
              inputs:
                in: {source: relay/out, queue_policy: backpressure}
            """);
        Assert.Contains("kinds: all is right", (await run.End()).Succeeded().Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_without_blocking_a_thread_loses_nothing()
    {
        const int Count = 4000;
        await using DataflowRun run = new();
        run.Start($$"""
            - id: source
              path: {{DataflowRun.Program}}
              args: source --count {{Count}} --size 64 --interval-us 300
              outputs: [out]
            - id: node
              path: {{RustPrograms.Behaviours}}
              args: asynchronous {{Count}}
              inputs:
                in: {source: source/out, queue_policy: backpressure}
            - id: leaves
              path: {{RustPrograms.Behaviours}}
              args: leaves
              inputs: {never: dora/timer/secs/86400}
            """);
        var report = (await run.End()).Succeeded();
        Assert.Contains("asynchronous: all is right", report.Log, StringComparison.Ordinal);
        Assert.Contains("the events are dropped", report.Log, StringComparison.Ordinal);
        Assert.Contains("left: ", report.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_loan_that_is_pushed_back_can_be_sent_later()
    {
        await using DataflowRun run = new();
        run.Start($$"""
            - id: node
              path: {{RustPrograms.Behaviours}}
              args: pushed_back
              inputs:
                loop: {source: node/loop, queue_size: 3, queue_policy: backpressure}
              outputs: [loop]
            """);
        Assert.Contains("pushed back: all is right", (await run.End()).Succeeded().Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_knows_its_surroundings_and_writes_records()
    {
        await using DataflowRun run = new();
        run.Start($$"""
            - id: node
              path: {{RustPrograms.Behaviours}}
              args: surroundings
              description: waits forever
              inputs: {never: dora/timer/secs/86400}
              outputs: [out]
            - id: sink
              path: {{RustPrograms.Behaviours}}
              args: counter 400
              inputs:
                in: {source: node/out, queue_policy: backpressure}
            """, "--log-level", "debug");
        await run.Saw("surroundings: all is right");
        await run.Saw("counted 400");
        run.Stop();
        var report = await run.End();
        Assert.False(report.Node("node").Failed);
        foreach (var record in (string[])["error: record 1", "debug: record 2", "warn: my::module: record 3"])
            Assert.Contains(record, report.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_dora_did_not_start_is_told_so()
    {
        var (code, _, error) = Tool.Try(RustPrograms.Behaviours, ["holder"]);
        Assert.NotEqual(0, code);
        Assert.Contains("dora run", error, StringComparison.Ordinal);
    }

    [Fact]
    [Fault(FaultGroup.Nodes, "A node in Rust is killed while it holds messages", "Nothing of it remains; its subscribers are told; `restart_policy` brings it back")]
    public async Task A_killed_node_leaves_nothing_behind_and_is_started_again()
    {
        await using DataflowRun run = new();
        run.Start($$"""
            - id: source
              path: {{DataflowRun.Program}}
              args: source --size 100000 --interval-us 500
              outputs: [out]
            - id: node
              path: {{RustPrograms.Behaviours}}
              args: holder
              inputs: {in: source/out}
              outputs: [out]
              restart_policy: on-failure
              restart_delay: 10ms
              max_restarts: 1
            - id: watcher
              path: {{RustPrograms.Behaviours}}
              args: watcher
              inputs: {in: node/out}
            - id: sink
              path: {{DataflowRun.Program}}
              args: sink {{run.ResultOf("sink")}}
              inputs: {in: node/out}
            """);

        var first = await run.Started("node");
        await run.Wrote("sink", "received", count => count > 10);
        var memfds = run.OpenMemfds();
        Signal.Send(first, Signals.Kill);
        var second = await run.Started("node", 1);
        await run.Saw("heard that node was restarted");
        var before = run.Number("sink", "received");
        await run.Wrote("sink", "received", count => count > before + 10);
        Assert.InRange(run.OpenMemfds(), 0, memfds); // those of the first are closed
        Signal.Send(second, Signals.Kill);
        await run.Saw("heard that node failed: killed (SIGKILL)");
        await run.Saw("in is closed");
        run.Stop();
        var report = await run.End(); // checks that no process, file or memory remains

        Assert.Equal(1, report.Node("node").Restarts);
        Assert.Contains("SIGKILL", report.Node("node").Exit, StringComparison.Ordinal);
        Assert.False(report.Node("watcher").Failed);
        Assert.Equal(0, run.Number("sink", "problems"));
    }

    [Fact]
    public async Task A_library_of_another_version_is_refused_with_both_versions_named()
    {
        await using DataflowRun run = new();
        using OtherVersion other = new(run.Folder);
        run.Start($$"""
            - id: node
              path: {{other.Wrap($"{RustPrograms.Behaviours} holder")}}
              inputs: {in: dora/timer/millis/5}
              outputs: [out]
            """);

        var report = await run.End();

        Assert.True(report.Node("node").Failed);
        Assert.Contains($"node 'node' speaks protocol 9.0 (dora {OtherVersion.Product}), this daemon speaks protocol", report.Log, StringComparison.Ordinal);
        Assert.Contains($"(dora {ProtocolVersions.Product})", report.Log, StringComparison.Ordinal);
        Assert.Contains("rebuild node 'node' with the dora library of", report.Log, StringComparison.Ordinal);
    }

    private static string Target(RustToolchain toolchain) => Path.Combine(RustPrograms.Crates, "target", toolchain.Name);
}
