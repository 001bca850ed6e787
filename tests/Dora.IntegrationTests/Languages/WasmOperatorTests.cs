// SPDX-License-Identifier: Apache-2.0

using Dora.IntegrationTests.Cli;
using Dora.IntegrationTests.Faults;
using Dora.Testing;

namespace Dora.IntegrationTests.Languages;

/// <summary>Operators in WebAssembly, in real runtimes beside operators in other languages.</summary>
[Collection(LanguageCollection.Name)]
public sealed class WasmOperatorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dora-wasm-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_example_with_operators_in_four_languages_in_one_runtime_runs_as_its_page_says()
    {
        var file = Path.Combine(DoraExecutable.RepositoryRoot, "examples", "wasm", "dataflow.yml");
        var (code, output, error) = await DoraRun.ToEnd(_folder, "run", file, "--build", "--env", "VIRTUAL_ENV=/usr");

        Assert.True(code == 0, error);
        for (var change = 1; change <= 20; change++)
            Assert.Contains($" degrees, change {change} in ", output);
        Assert.DoesNotContain("change 21 in", output);
    }

    [Fact]
    public async Task Messages_of_all_sizes_pass_unharmed_through_CSharp_C_Python_and_WebAssembly_in_one_runtime()
    {
        await using DataflowRun run = new();
        run.Environment["VIRTUAL_ENV"] = "/usr"; // Debian's Python, which has a library
        await File.WriteAllTextAsync(Path.Combine(run.Folder, "relay.py"), """
            from dora import DoraStatus

            class Operator:
                def on_event(self, event, send_output):
                    if event["type"] == "INPUT":
                        send_output("data", event["data"], event["metadata"])
                    return DoraStatus.CONTINUE
            """);
        run.Start($$$"""
            - id: source
              path: {{{DataflowRun.Program}}}
              args: source --count 40 --interval-us 0 --size 0,8,4096,4194304 --parameters 1
              outputs: [data]
            - id: rt
              operators:
                - id: sharp
                  csharp: {{{DataflowRun.Operators}}}
                  inputs: {data: {source: source/data, queue_policy: backpressure}}
                  outputs: [data]
                - id: web
                  wasm: {{{WasmPrograms.Operator("echo")}}}
                  inputs: {data: {source: rt/sharp/data, queue_policy: backpressure}}
                  outputs: [data]
                - id: snake
                  python: relay.py
                  inputs: {data: {source: rt/web/data, queue_policy: backpressure}}
                  outputs: [data]
                - id: last
                  wasm: {source: {{{WasmPrograms.Operator("echo")}}}, memory: 8MB, fuel: 100000}
                  inputs: {data: {source: rt/snake/data, queue_policy: backpressure}}
                  outputs: [data]
            - id: sink
              path: {{{DataflowRun.Program}}}
              args: sink {{{run.ResultOf("sink")}}}
              inputs: {data: {source: rt/last/data, queue_policy: backpressure}}
            """);

        var report = await run.End();

        Assert.True(report.ExitCode == 0, report.Log);
        var found = run.Read("sink");
        Assert.Equal("40", found["received"]);
        Assert.Equal($"{10 * (8 + 4096 + 4194304)}", found["bytes"]);
        Assert.DoesNotContain(found.Keys, key => key.StartsWith("problem", StringComparison.Ordinal));
    }

    [Fact]
    [Fault(
        FaultGroup.Nodes,
        "An operator in WebAssembly traps, loops for ever, eats memory, or hands out wild pointers",
        "Only that instance ends: its memory is dropped, a new one takes over, siblings go on; the log names the operator, the function and the trap")]
    public async Task What_a_module_does_wrong_hurts_its_operator_only()
    {
        await using DataflowRun run = new();
        run.Environment["VIRTUAL_ENV"] = "/usr";
        await File.WriteAllTextAsync(Path.Combine(run.Folder, "driver.py"), """
            from dora import DoraStatus

            class Operator:
                def __init__(self):
                    self.commands = iter("p d p l p g p o p m p p".split())

                def on_event(self, event, send_output):
                    if event["type"] == "INPUT":
                        command = next(self.commands, None)
                        if command is None:
                            return DoraStatus.STOP
                        send_output("command", command.encode(), {"command": command})
                    return DoraStatus.CONTINUE
            """);
        await File.WriteAllTextAsync(Path.Combine(run.Folder, "hear.py"), """
            from dora import DoraStatus

            class Operator:
                def __init__(self):
                    self.heard = []

                def on_event(self, event, send_output):
                    if event["type"] == "INPUT":
                        self.heard.append(bytes(event["data"]).decode() + (" ok" if event["metadata"].get("wasm", event["id"] != "answer") else ""))
                    elif event["type"] == "INPUT_CLOSED":
                        print(event["id"], "heard", self.heard)
                    return DoraStatus.CONTINUE
            """);
        run.Start($$$"""
            - id: rt
              operators:
                - {id: driver, python: driver.py, inputs: {tick: dora/timer/millis/5}, outputs: [command]}
                - id: web
                  wasm: {source: {{{WasmPrograms.Operator("misbehaves")}}}, memory: 4MB, timeout: 200ms}
                  inputs: {command: {source: rt/driver/command, queue_size: 100, queue_policy: backpressure}}
                  outputs: [answer]
                - id: calm
                  csharp: {{{DataflowRun.Operators}}}
                  inputs: {command: {source: rt/driver/command, queue_size: 100, queue_policy: backpressure}}
                  outputs: [data]
                - {id: answers, python: hear.py, inputs: {answer: {source: rt/web/answer, queue_policy: backpressure}} }
                - {id: commands, python: hear.py, inputs: {relayed: {source: rt/calm/data, queue_size: 100, queue_policy: backpressure}} }
            """);

        var report = await run.End();

        Assert.True(report.ExitCode == 0, report.Log);
        Assert.Contains("answers: answer heard ['pong 1 ok', 'pong 1 ok', 'pong 1 ok', 'pong 1 ok', 'pong 1 ok', 'pong 1 ok', 'pong 2 ok']", report.Log);
        Assert.Contains("commands: relayed heard ['p ok', 'd ok', 'p ok', 'l ok', 'p ok', 'g ok', 'p ok', 'o ok', 'p ok', 'm ok', 'p ok', 'p ok']", report.Log);
        Assert.Contains("operator 'web' failed: it divided by zero, in function 'divide'", report.Log);
        Assert.Contains("operator 'web' failed: it did not return within 0.2 s ('timeout'), in function 'spin'", report.Log);
        Assert.Contains("its memory has grown to its limit of 4194304 bytes ('memory'), in function 'devour'", report.Log);
        Assert.Matches("operator 'web' failed: the data for send_output: 64 bytes at address 4294967280 do not lie in its memory of [0-9]+ bytes, in function", report.Log);
        Assert.Contains("operator 'web' failed: parameter 'key' cannot be set: 1 bytes are no value of kind 99, in function", report.Log);
        Assert.Contains("   at divide (offset 0x", report.Log);
        Assert.DoesNotContain("   at Dora.", report.Log);
        Assert.DoesNotContain("WasmtimeException", report.Log);
    }

    [Fact]
    public async Task A_module_that_fails_again_and_again_fails_for_good_and_its_siblings_go_on()
    {
        await using DataflowRun run = new();
        var path = Path.Combine(run.Folder, "traps.wat");
        await File.WriteAllTextAsync(path, """
            (module (memory (export "memory") 1)
              (func (export "dora_abi_version") (result i32) (i32.const 1))
              (func (export "dora_alloc") (param i32) (result i32) (i32.const 1024))
              (func $always (export "dora_on_event") (param i32 i32 i32 i32 i32) (result i32) (unreachable)))
            """);
        run.Start($$$"""
            - id: source
              path: {{{DataflowRun.Program}}}
              args: source --count 20 --interval-us 1000 --size 8
              outputs: [data]
            - id: rt
              operators:
                - {id: web, wasm: traps.wat, inputs: {data: source/data}}
                - id: calm
                  csharp: {{{DataflowRun.Operators}}}
                  inputs: {data: {source: source/data, queue_policy: backpressure}}
                  outputs: [data]
            - id: sink
              path: {{{DataflowRun.Program}}}
              args: sink {{{run.ResultOf("sink")}}}
              inputs: {data: {source: rt/calm/data, queue_policy: backpressure}}
            """);

        var report = await run.End();

        Assert.Equal(1, report.ExitCode);
        Assert.Contains("operator 'web' failed for good", report.Log);
        Assert.Contains("dora-runtime: operator 'web' failed", report.Log);
        Assert.Equal("20", run.Read("sink")["received"]);
    }

    [Fact]
    public async Task A_module_that_wants_files_is_refused_and_the_import_is_named()
    {
        var path = Path.Combine(_folder, "wasi.wat");
        await File.WriteAllTextAsync(path, """
            (module (import "wasi_snapshot_preview1" "path_open" (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32))))
            """);
        await File.WriteAllTextAsync(Path.Combine(_folder, "dataflow.yml"), """
            nodes:
              - id: rt
                operator: {wasm: wasi.wat, inputs: {tick: dora/timer/millis/20}}
            """);

        var (code, _, error) = await DoraRun.ToEnd(_folder, "run", "dataflow.yml");

        Assert.Equal(1, code);
        Assert.Contains($"operator 'op': '{path}' cannot be used: it imports 'wasi_snapshot_preview1.path_open', but operators get no access to files", error);
    }

    [Fact]
    public async Task Without_such_an_operator_the_WebAssembly_library_is_not_loaded()
    {
        await using DataflowRun run = new();
        run.Environment["VIRTUAL_ENV"] = "/usr";
        await File.WriteAllTextAsync(Path.Combine(run.Folder, "look.py"), """
            from dora import DoraStatus

            class Operator:
                def on_event(self, event, send_output):
                    with open("/proc/self/maps") as maps:
                        print("loaded" if "libwasmtime" in maps.read() else "not loaded")
                    return DoraStatus.STOP
            """);
        run.Start($$$"""
            - {id: without, operator: {python: look.py, inputs: {tick: dora/timer/millis/20}} }
            - id: with
              operators:
                - {id: look, python: look.py, inputs: {tick: dora/timer/millis/20}}
                - {id: web, wasm: {{{WasmPrograms.Operator("echo")}}}, inputs: {data: dora/timer/secs/1}, outputs: [data]}
            """, "--stop-after", "5s");

        var report = await run.End();

        Assert.Matches(@"without \| (op: )?not loaded", report.Log);
        Assert.Contains("with    | look: loaded", report.Log);
    }
}
