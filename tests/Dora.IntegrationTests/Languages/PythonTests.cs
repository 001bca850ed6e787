// SPDX-License-Identifier: Apache-2.0

using Dora.IntegrationTests.Faults;
using Dora.Platform.Processes;

namespace Dora.IntegrationTests.Languages;

/// <summary>The Python package: its own tests, and nodes in real dataflows with nodes in C#.</summary>
[Collection(LanguageCollection.Name)]
public sealed class PythonTests(PythonEnvironment python) : IClassFixture<PythonEnvironment>
{
    [Fact]
    public async Task Tests_of_the_package_pass() =>
        await python.Succeed(python.Interpreter, "-X", "dev", "-W", "error", "-m", "unittest", "discover", "--start-directory", Path.Combine(PythonEnvironment.Package, "tests"));

    [Fact]
    public async Task Source_distribution_holds_what_its_build_needs()
    {
        var folder = Directory.CreateTempSubdirectory("dora-sdist-").FullName;
        try
        {
            await python.Succeed("env", "--chdir", PythonEnvironment.Package, python.Interpreter, "setup.py", "--quiet", "sdist", "--dist-dir", folder);
            var files = await python.Succeed("tar", "--list", "--gzip", "--file", Path.Combine(folder, "dora-0.1.0.tar.gz"));
            foreach (var file in new[] { "include/dora/dora.h", "src/native.h", "src/node.c", "dora/_native.pyi", "dora/py.typed" })
                Assert.Contains($"dora-0.1.0/{file}\n", files, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("--loan")]
    public async Task Bytes_pass_through_a_python_node(string options)
    {
        await using var run = python.Run();
        run.Start($$$"""
              - id: source
                path: {{{DataflowRun.Program}}}
                args: source --count 200 --size 0,8,4096,4194304 --interval-us 0 --parameters 1
                outputs: [out]
              - id: relay
                path: {{{PythonEnvironment.Program("relay.py")}}}
                args: {{{(options.Length == 0 ? "--plain" : options)}}}
                inputs: {in: {source: source/out, queue_policy: backpressure}}
                outputs: [out]
              - id: sink
                path: {{{DataflowRun.Program}}}
                args: sink {{{run.ResultOf("sink")}}}
                inputs: {in: {source: relay/out, queue_policy: backpressure}}
            """);
        (await run.End()).Succeeded();
        Assert.Equal(200, run.Number("sink", "received"));
        Assert.Equal(50L * (8 + 4096 + (4 << 20)), run.Number("sink", "bytes"));
        Assert.Equal(0, run.Number("sink", "problems"));
    }

    [Fact]
    public async Task Arrow_arrays_pass_through_a_python_node()
    {
        await using var run = python.Run();
        run.Start($$$"""
              - id: source
                path: {{{DataflowRun.Program}}}
                args: arrow_source --count 20
                inputs: {tick: dora/timer/millis/5}
                outputs: [int64, float32, text]
              - id: relay
                path: {{{PythonEnvironment.Program("relay.py")}}}
                inputs:
                  int64: {source: source/int64, queue_policy: backpressure}
                  float32: {source: source/float32, queue_policy: backpressure}
                  text: {source: source/text, queue_policy: backpressure}
                outputs: [int64, float32, text]
              - id: sink
                path: {{{DataflowRun.Program}}}
                args: arrow_sink {{{run.ResultOf("sink")}}}
                inputs:
                  int64: {source: relay/int64, queue_policy: backpressure}
                  float32: {source: relay/float32, queue_policy: backpressure}
                  text: {source: relay/text, queue_policy: backpressure}
            """);
        (await run.End()).Succeeded();
        foreach (var input in new[] { "int64", "float32", "text" })
            Assert.Equal(20, run.Number("sink", $"received.{input}"));
        Assert.Equal(0, run.Number("sink", "problems"));
    }

    [Fact]
    public async Task Every_kind_of_data_and_metadata_passes_from_python_through_csharp_to_python()
    {
        await using var run = python.Run();
        run.Start($$$"""
              - id: source
                path: {{{PythonEnvironment.Program("kinds.py")}}}
                args: source
                inputs: {tick: dora/timer/millis/5}
                outputs: [out]
              - id: relay
                path: {{{DataflowRun.Program}}}
                args: relay
                inputs: {in: {source: source/out, queue_policy: backpressure}}
                outputs: [out]
              - id: sink
                path: {{{PythonEnvironment.Program("kinds.py")}}}
                args: sink
                inputs: {in: {source: relay/out, queue_policy: backpressure}}
            """);
        (await run.End()).Succeeded();
        Assert.Contains("kinds: all is right", run.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_million_messages_leave_no_object_memory_descriptor_or_mapping_behind()
    {
        const int Count = 1_000_000;
        await using var run = python.Run();
        run.Start($$$"""
              - id: source
                path: {{{DataflowRun.Program}}}
                args: source --count {{{Count}}} --size 64 --interval-us 0 --parameters 1
                outputs: [out]
              - id: node
                path: {{{PythonEnvironment.Program("behaviours.py")}}}
                args: many {{{Count}}}
                inputs: {in: {source: source/out, queue_policy: backpressure}}
                outputs: [out]
              - id: sink
                path: {{{DataflowRun.Program}}}
                args: sink {{{run.ResultOf("sink")}}}
                inputs: {in: {source: node/out, queue_policy: backpressure}}
            """);
        await run.Wrote("sink", "received", received => received >= Count, TimeSpan.FromMinutes(20)); // one needs half a minute with nothing else running
        (await run.End()).Succeeded();
        Assert.Contains("behaviour ends well", run.Log, StringComparison.Ordinal);
        Assert.Equal(Count, run.Number("sink", "received"));
        Assert.Equal(0, run.Number("sink", "problems"));
    }

    [Fact]
    public async Task Threads_share_a_node_and_each_message_is_received_once_and_sent_on()
    {
        const int Count = 2000;
        await using var run = python.Run();
        run.Start($$$"""
              - id: source
                path: {{{DataflowRun.Program}}}
                args: source --count {{{Count}}} --size 64 --interval-us 0 --parameters 1
                outputs: [out]
              - id: node
                path: {{{PythonEnvironment.Program("behaviours.py")}}}
                args: threads {{{Count}}}
                inputs: {in: {source: source/out, queue_policy: backpressure}}
                outputs: [out]
              - id: sink
                path: {{{PythonEnvironment.Program("behaviours.py")}}}
                args: counts {{{Count}}}
                inputs: {in: {source: node/out, queue_policy: backpressure}}
            """);
        (await run.End()).Succeeded();
        Assert.Contains("behaviour ends well", run.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("asynchronous", 500, "64")]
    [InlineData("converts", 5, "64")]
    [InlineData("in_place", 7, "8,64,4096,65536,1048576,4194304,41943040")]
    public async Task Messages_are_received(string behaviour, int count, string sizes)
    {
        await using var run = python.Run();
        run.Start($$$"""
              - id: source
                path: {{{DataflowRun.Program}}}
                args: source --count {{{count}}} --size {{{sizes}}} --interval-us 0
                outputs: [out]
              - id: node
                path: {{{PythonEnvironment.Program("behaviours.py")}}}
                args: {{{behaviour}}} {{{count}}}
                inputs: {in: {source: source/out, queue_policy: backpressure}}
            """);
        (await run.End()).Succeeded();
        Assert.Contains("behaviour ends well", run.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_knows_its_surroundings_and_writes_records()
    {
        await using var run = python.Run();
        run.Start($$$"""
              - id: node
                path: {{{PythonEnvironment.Program("behaviours.py")}}}
                args: surroundings
                description: waits forever
                inputs: {never: dora/timer/secs/86400}
                outputs: [out]
              - id: sink
                path: {{{DataflowRun.Program}}}
                args: sink {{{run.ResultOf("sink")}}}
                inputs: {in: node/out}
            """, "--log-level", "debug");
        (await run.End()).Succeeded();
        Assert.Contains("behaviour ends well", run.Log, StringComparison.Ordinal);
        foreach (var record in new[] { "info: record 1", "record 2 key=5", "warn: root: record 3", "error: of.module: record 4" })
            Assert.Contains(record, run.Log, StringComparison.Ordinal);
        Assert.Equal(1, run.Number("sink", "received"));
    }

    [Fact]
    public async Task An_environment_without_an_interpreter_is_told()
    {
        await using var run = python.Run();
        run.Environment["VIRTUAL_ENV"] = "/nowhere";
        run.Start($$$"""
              - id: node
                path: {{{PythonEnvironment.Program("relay.py")}}}
                inputs: {tick: dora/timer/millis/5}
                outputs: [out]
            """);
        var report = await run.End();
        Assert.NotEqual(0, report.ExitCode);
        Assert.Contains("VIRTUAL_ENV is /nowhere, where there is no bin/python3", report.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_does_not_want_to_wait_is_told_that_there_is_no_room()
    {
        await using var run = python.Run();
        run.Start($$$"""
              - id: node
                path: {{{PythonEnvironment.Program("behaviours.py")}}}
                args: tries
                inputs:
                  in: {source: node/out, queue_size: 1, queue_policy: backpressure}
                outputs: [out]
            """);
        (await run.End()).Succeeded();
        Assert.Contains("behaviour ends well", run.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_that_a_join_brings_together_are_one_event()
    {
        await using var run = python.Run();
        run.Start($$$"""
              - id: node
                path: {{{PythonEnvironment.Program("behaviours.py")}}}
                args: joins
                inputs: {a: node/a, b: node/b}
                outputs: [a, b]
                join: {mode: zip}
            """);
        (await run.End()).Succeeded();
        Assert.Contains("behaviour ends well", run.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_waits_for_the_inputs_that_it_chooses()
    {
        await using var run = python.Run();
        run.Start($$$"""
              - id: node
                path: {{{PythonEnvironment.Program("behaviours.py")}}}
                args: chooses
                inputs:
                  a: {source: node/a, queue_policy: backpressure}
                  b: {source: node/b, queue_policy: backpressure}
                  extra: {source: node/extra, queue_policy: backpressure}
                  never: node/never
                outputs: [a, b, extra, never]
            """);
        (await run.End()).Succeeded();
        Assert.Contains("behaviour ends well", run.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupting_a_node_that_waits_raises_KeyboardInterrupt()
    {
        await using var run = python.Run();
        run.Start($$$"""
              - id: node
                path: {{{PythonEnvironment.Program("behaviours.py")}}}
                args: waits
                inputs: {never: dora/timer/secs/86400}
            """);
        var pid = await run.Started("node");
        await run.Saw("waiting");
        Signal.Send(pid, Signals.Interrupt);
        (await run.End()).Succeeded();
        Assert.Contains("interrupted", run.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_node_leaves_nothing()
    {
        await using var run = python.Run();
        run.Start($$$"""
              - id: source
                path: {{{DataflowRun.Program}}}
                args: source --size 100000 --interval-us 100
                outputs: [out]
              - id: node
                path: {{{PythonEnvironment.Program("relay.py")}}}
                inputs: {in: source/out}
                outputs: [out]
              - id: sink
                path: {{{DataflowRun.Program}}}
                args: sink {{{run.ResultOf("sink")}}}
                inputs: {in: node/out}
            """);
        var pid = await run.Started("node");
        await run.Wrote("sink", "received", count => count > 10);
        Signal.Send(pid, Signals.Kill);
        await run.Saw("SIGKILL");
        run.Stop();
        var report = await run.End(); // no process and no file of it remains
        Assert.Contains("SIGKILL", report.Node("node").Exit, StringComparison.Ordinal);
        Assert.Equal(0, run.Number("sink", "problems"));
    }
}
