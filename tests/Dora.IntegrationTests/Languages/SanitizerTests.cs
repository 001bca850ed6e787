// SPDX-License-Identifier: Apache-2.0

using Dora.IntegrationTests.Faults;

namespace Dora.IntegrationTests.Languages;

/// <summary>
/// Our C and C++ under AddressSanitizer, LeakSanitizer and UBSan: headers, test programs and the programs of the guide. Nodes run in real dataflows; operators
/// in a program that plays the runtime, because .NET's own would have to be built so, too. The C++ nodes with most of the API are in <see cref="CppNodeTests"/>.
/// </summary>
[Collection(LanguageCollection.Name)]
public sealed class SanitizerTests
{
    [Fact]
    public async Task C_nodes_that_use_and_misuse_everything_are_clean()
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

    [Fact]
    public async Task Nodes_in_the_documented_forms_and_those_that_keep_messages_are_clean()
    {
        await using DataflowRun run = new();
        Sanitizers.Configure(run);
        run.Start($$"""
            - id: source
              path: {{DataflowRun.Program}}
              args: source --count 200 --size 0,1,64,100000 --interval-us 0
              outputs: [data]
            - id: keeper-c
              path: {{CPrograms.CheckedNode("keeper")}}
              inputs:
                data: {source: source/data, queue_policy: backpressure}
              outputs: [data]
            - id: keeper-cpp
              path: {{CppPrograms.Node("keeper_checked")}}
              inputs:
                data: {source: keeper-c/data, queue_policy: backpressure}
              outputs: [data]
            - id: sink
              path: {{DataflowRun.Program}}
              args: sink {{run.ResultOf("sink")}}
              inputs:
                data: {source: keeper-cpp/data, queue_policy: backpressure}
            - id: watcher
              path: {{CPrograms.CheckedNode("watcher")}}
              inputs: {data: source/data}
            - id: node
              path: {{CPrograms.CheckedNode("documented_node")}}
              inputs: {tick: dora/timer/millis/10}
              outputs: [message]
            - id: documented
              path: {{CppPrograms.Node("documented_checked")}}
              inputs:
                message: {source: node/message, queue_policy: backpressure}
              outputs: [counter]
            - id: documented-sink
              path: {{CPrograms.CheckedNode("documented_sink")}}
              inputs:
                message: {source: node/message, queue_policy: backpressure}
            """);

        Assert.Contains("the sink got 10 messages", (await run.End()).Succeeded().Log, StringComparison.Ordinal);
        Assert.Equal(200, run.Number("sink", "received"));
        Assert.Equal(0, run.Number("sink", "problems"));
    }

    [Theory]
    [InlineData("documented_operator", 10)]
    [InlineData("helper_operator", 7)]
    [InlineData("C++", 8)]
    public async Task Operators_are_clean(string name, int outputs)
    {
        await using DataflowRun run = new();
        var output = await Host(run.Folder, name == "C++" ? CppPrograms.Operator("libcounter_operator_checked.so") : CPrograms.CheckedOperator(name));

        Assert.EndsWith($"\n{outputs} outputs\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("c.md", "gcc", "c", "-std=gnu11")]
    [InlineData("cpp.md", "g++", "cpp", "-std=c++17")]
    public async Task The_programs_of_the_guide_are_clean(string page, string compiler, string extension, string standard)
    {
        await using DataflowRun run = new();
        Sanitizers.Configure(run);
        await GuidePageTests.Extract(page, run.Folder);
        Compile("node", "node", link: true);
        Compile("sink", "sink", link: true);
        Compile("square", "libsquare.so", link: false);
        Compile("square", "libsquare-checked.so", link: false, Sanitizers.Options);
        run.Start($$"""
            - id: node
              path: node
              inputs: {tick: dora/timer/millis/20}
              outputs: [number]
            - id: runtime
              operators:
                - id: square
                  shared-library: square
                  inputs:
                    number: {source: node/number, queue_policy: backpressure}
                  outputs: [square]
            - id: sink
              path: sink
              inputs:
                square: {source: runtime/square/square, queue_policy: backpressure}
            """);

        Assert.Contains("got 81", (await run.End()).Succeeded().Log, StringComparison.Ordinal);
        Assert.EndsWith("\n10 outputs\n", await Host(run.Folder, Path.Combine(run.Folder, "libsquare-checked.so"), "numbers"), StringComparison.Ordinal);

        void Compile(string source, string output, bool link, params string[] options) => Tool.Run(
            compiler,
            [
                standard, "-g", "-O1", "-Wall", "-Wextra", "-Werror", $"-I{Sdk.Include}", $"{source}.{extension}", "-o", output, .. options,
                .. (string[])(link ? [$"-L{Sdk.Library}", "-ldora_node_api_c", $"-Wl,-rpath,{Sdk.Library}", .. Sanitizers.Options] : ["-shared", "-fPIC"]),
            ],
            folder: run.Folder);
    }

    /// <summary>Runs an operator's library in the program that plays the runtime.</summary>
    private static async Task<string> Host(string folder, string library, params string[] data)
    {
        var environment = Sanitizers.Environment(folder).Select(pair => $"{pair.Key}={pair.Value}");
        var (code, output, error) = await Task.Run(() => Tool.Try("env", [.. environment, CPrograms.CheckedNode("operator_host"), library, "10", .. data]));
        Assert.True(code == 0, $"{output}\n{error}");
        return output;
    }
}
