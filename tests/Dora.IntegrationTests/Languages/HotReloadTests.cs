// SPDX-License-Identifier: Apache-2.0

using Dora.IntegrationTests.Faults;
using Dora.Testing;

namespace Dora.IntegrationTests.Languages;

/// <summary><c>dora run --watch</c> with real processes and real compilers.</summary>
[Collection(LanguageCollection.Name)]
public sealed class HotReloadTests
{
    [Fact]
    [Fault(
        FaultGroup.Nodes,
        "The program of an operator in C#, Python or WebAssembly changes while messages flow (`--watch`)",
        "It is swapped between two messages and none is lost; a program that does not build or load changes nothing, and the error is shown")]
    public async Task Changed_operators_are_swapped_while_messages_flow_and_broken_ones_are_not()
    {
        await using DataflowRun run = new();
        run.Environment["VIRTUAL_ENV"] = "/usr"; // Debian's Python, which has a library
        Save(run, "sharp.cs", CSharp("1"));
        Save(run, "snake.py", Python("1"));
        SaveModule(run, "web.wasm", Wasm("1"));
        run.Start($$$"""
            - id: source
              path: {{{DataflowRun.Program}}}
              args: source --interval-us 2000 --size 64 --parameters 1
              outputs: [data]
            - id: rt
              operators:
                - {id: sharp, csharp: sharp.cs, inputs: {data: {source: source/data, queue_policy: backpressure}}, outputs: [data]}
                - {id: snake, python: snake.py, inputs: {data: {source: rt/sharp/data, queue_policy: backpressure}}, outputs: [data]}
                - {id: web, wasm: web.wasm, inputs: {data: {source: rt/snake/data, queue_policy: backpressure}}, outputs: [data]}
            - id: sink
              path: {{{DataflowRun.Program}}}
              args: sink {{{run.ResultOf("sink")}}}
              inputs: {data: {source: rt/web/data, queue_policy: backpressure}}
            """, "--watch");
        await run.Running();
        await run.Wrote("sink", "received", received => received > 10);

        Save(run, "sharp.cs", CSharp("2"));
        Save(run, "snake.py", Python("2"));
        SaveModule(run, "web.wasm", Wasm("2"));
        await run.Saw("sharp version 2");
        await run.Saw("snake version 2");
        await run.Saw("web version 2");
        var before = run.Number("sink", "received");
        await run.Wrote("sink", "received", received => received > before + 10);

        Save(run, "snake.py", "class Operator\n");
        await run.Saw("operator 'snake' was not reloaded, the old program goes on");
        Save(run, "web.wasm", "no module");
        await run.Saw("operator 'web' was not reloaded, the old program goes on");
        Save(run, "sharp.cs", CSharp("3\" + nosuch + \""));
        await run.Saw("the old programs go on");
        before = run.Number("sink", "received");
        await run.Wrote("sink", "received", received => received > before + 10);

        run.Stop();
        var report = await run.End();

        Assert.False(report.Node("rt").Failed, report.Log);
        Assert.Equal(0, report.Node("rt").Restarts);
        Assert.False(report.Node("sink").Failed, report.Log); // it fails at the first gap, and at every message that is not as it was sent
        Assert.Contains("error CS0103", report.Log);
        Assert.Contains("SyntaxError", report.Log);
        Assert.Contains("no WebAssembly module that can be used", report.Log);
    }

    [Fact]
    [Fault(
        FaultGroup.Nodes,
        "The program of a node changes while it runs (`--watch`)",
        "Its process ends in good order and one with the new program takes over, whatever `restart_policy` says; its readers go on with it")]
    public async Task A_changed_node_is_started_anew_and_its_readers_go_on()
    {
        await using DataflowRun run = new();
        SaveScript(run, "node.sh", $"echo node version 1; exec {DataflowRun.Program} source --interval-us 2000 --size 64 --parameters 1");
        run.Start($$$"""
            - id: source
              path: node.sh
              outputs: [data]
            - id: sink
              path: {{{DataflowRun.Program}}}
              args: sink {{{run.ResultOf("sink")}}}
              inputs: {data: {source: source/data, queue_policy: backpressure}}
            """, "--watch");
        await run.Running();
        await run.Wrote("sink", "received", received => received > 10);

        SaveScript(run, "node.sh", $"echo node version 2; exec {DataflowRun.Program} source --interval-us 2000 --size 64 --parameters 1");

        await run.Started("source", 1);
        await run.Saw("node version 2");
        await run.Wrote("sink", "event.NodeRestarted", restarts => restarts == 1);
        var before = run.Number("sink", "received");
        await run.Wrote("sink", "received", received => received > before + 10);
        run.Stop();
        var report = await run.End();

        Assert.Equal(1, report.Node("source").Restarts);
        Assert.False(report.Node("source").Failed, report.Log);
        Assert.Equal(0, run.Number("sink", "event.InputClosed"));
        Assert.Contains("its program changed", report.Log);
    }

    [Fact]
    public async Task With_build_lines_a_changed_source_is_built_and_one_that_does_not_build_changes_nothing()
    {
        await using DataflowRun run = new();
        Save(run, "web.c", Wasm("1"));
        run.Start($$$"""
            - id: rt
              operators:
                - id: web
                  wasm: made/web.wasm
                  build: mkdir -p made && clang --target=wasm32 -O1 -mbulk-memory -nostdlib -Wl,--no-entry -I{{{Headers}}} web.c -o made/web.wasm
                  inputs: {data: dora/timer/millis/20}
                  outputs: [data]
            """, "--watch", "--build");
        await run.Saw("web version 1");

        Save(run, "web.c", Wasm("2"));
        await run.Saw("web version 2");
        Save(run, "web.c", "int broken(void) { return nosuch; }");
        await run.Saw("the old programs go on");
        Save(run, "web.c", Wasm("3"));
        await run.Saw("web version 3");

        run.Stop();
        var report = await run.End();
        Assert.False(report.Node("rt").Failed, report.Log);
    }

    private static string Headers => Path.Combine(DoraExecutable.RepositoryRoot, "bindings", "c", "include");

    private static string CSharp(string version) => $$"""
        #:project {{Path.Combine(DoraExecutable.RepositoryRoot, "src", "Dora.Operators", "Dora.Operators.csproj")}}
        using Dora.Operators;

        public sealed class Relay : IOperator
        {
            public Relay() => System.Console.WriteLine("sharp version {{version}}");

            public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
            {
                if (e.Kind == OperatorEventKind.Input)
                    output.Forward("data", e);
                return DoraStatus.Continue;
            }
        }
        """;

    private static string Python(string version) => $"""
        class Operator:
            def __init__(self):
                print("snake version {version}")

            def on_event(self, event, send_output):
                if event["type"] == "INPUT":
                    send_output("data", event["data"], event["metadata"])
                return 0
        """;

    private static string Wasm(string version) => $$"""
        #include <dora/wasm_operator.h>
        static int init(void) { dora_log_message(DORA_LOG_INFO, "web version {{version}}"); return 0; }
        static int on_event(const dora_event *event)
        {
            if (event->kind == DORA_EVENT_INPUT)
                dora_forward("data");
            return DORA_STATUS_CONTINUE;
        }
        DORA_ON_INIT(init)
        DORA_OPERATOR(on_event)
        """;

    // As editors do: a new file, renamed over the old one.
    private static void Save(DataflowRun run, string name, string text)
    {
        var path = Path.Combine(run.Folder, name);
        File.WriteAllText(path + "~", text);
        File.Move(path + "~", path, overwrite: true);
    }

    private static void SaveScript(DataflowRun run, string name, string line)
    {
        var path = Path.Combine(run.Folder, name);
        File.WriteAllText(path + "~", $"#!/bin/sh\n{line}\n");
        File.SetUnixFileMode(path + "~", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Move(path + "~", path, overwrite: true);
    }

    private static void SaveModule(DataflowRun run, string name, string source)
    {
        var path = Path.Combine(run.Folder, name);
        File.WriteAllText(path + ".c", source);
        WasmPrograms.Compile(path + ".c", path + "~");
        File.Move(path + "~", path, overwrite: true);
    }
}
