// SPDX-License-Identifier: Apache-2.0

using Dora.IntegrationTests.Faults;

namespace Dora.IntegrationTests.Languages;

/// <summary>The Python package: its own tests, and nodes in real dataflows with nodes in C#.</summary>
[Collection(LanguageCollection.Name)]
public sealed class PythonTests(PythonEnvironment python) : IClassFixture<PythonEnvironment>
{
    [Fact]
    public async Task Tests_of_the_package_pass() =>
        await python.Succeed(python.Interpreter, "-X", "dev", "-W", "error", "-m", "unittest", "discover", "--start-directory", Path.Combine(PythonEnvironment.Package, "tests"));

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
}
