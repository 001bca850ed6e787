// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using Dora.IntegrationTests.Cli;
using Dora.IntegrationTests.Faults;
using Dora.Testing;

namespace Dora.IntegrationTests.Languages;

/// <summary>Operators in Python, in real runtimes beside C# operators and nodes. They use Debian's Python, for its numpy.</summary>
[Collection(FaultCollection.Name)]
public sealed class PythonOperatorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dora-python-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Messages_of_all_sizes_pass_unharmed_between_CSharp_and_Python()
    {
        Write("relay.py", """
            from dora import DoraStatus

            class Operator:
                def on_event(self, event, send_output):
                    if event["type"] == "INPUT":
                        send_output("data", event["data"], event["metadata"])
                    return DoraStatus.CONTINUE
            """);
        var result = Path.Combine(_folder, "result");

        var (code, _, error) = await Run($$$"""
              - id: source
                path: {{{DataflowRun.Program}}}
                args: source --count 40 --interval-us 0 --size 0,8,4096,4194304 --parameters 1
                outputs: [data]
              - id: rt
                env: {VIRTUAL_ENV: /usr}
                operators:
                  - id: snake
                    python: relay.py
                    inputs: {data: {source: source/data, queue_policy: backpressure}}
                    outputs: [data]
                  - id: sharp
                    csharp: {{{DataflowRun.Operators}}}
                    inputs: {data: {source: rt/snake/data, queue_policy: backpressure}}
                    outputs: [data]
                  - id: last
                    python: {source: relay.py}
                    inputs: {data: {source: rt/sharp/data, queue_policy: backpressure}}
                    outputs: [data]
              - id: sink
                path: {{{DataflowRun.Program}}}
                args: sink --result {{{result}}}
                inputs: {data: {source: rt/last/data, queue_policy: backpressure}}
            """);

        Assert.True(code == 0, error);
        var lines = await File.ReadAllLinesAsync(result);
        Assert.Contains("received=40", lines);
        Assert.Contains($"bytes={10 * (8 + 4096 + 4194304)}", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("problem", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metadata_of_every_type_arrives_as_it_was_sent()
    {
        Write("send.py", """
            from datetime import datetime, timezone
            from dora import DoraStatus

            METADATA = {
                "yes": True, "no": False, "int": -(2**63), "float": 1.5, "text": "größer", "empty": "", "ints": [1, -2, 2**62],
                "floats": [0.5, 2.0], "texts": ["a", "ü"], "when": datetime(2024, 2, 29, 12, 30, 15, 123456, tzinfo=timezone.utc),
            }

            class Operator:
                def on_event(self, event, send_output):
                    send_output("data", b"x", METADATA)
                    return DoraStatus.STOP
            """);
        Write("check.py", """
            from datetime import datetime, timezone
            from dora import DoraStatus
            from send import METADATA

            class Operator:
                def on_event(self, event, send_output):
                    if event["type"] == "INPUT":
                        got = dict(event["metadata"])
                        age = (datetime.now(timezone.utc) - got.pop("timestamp")).total_seconds()
                        print("same", got == METADATA and [type(v) for v in got.values()] == [type(v) for v in METADATA.values()], 0 <= age < 300)
                        for wrong in ({1: 2}, {"a": object()}, {"a": 2**63}, {"a": [1, "b"]}, {"a": datetime.now()}):
                            try:
                                send_output("data", b"", wrong)
                            except (TypeError, ValueError) as e:
                                print(e)
                        if event["id"] == "near":
                            send_output("data", event["data"], event["metadata"])
                    return DoraStatus.CONTINUE
            """);

        var (code, output, error) = await Run($$$"""
              - id: one
                env: {VIRTUAL_ENV: /usr}
                operators:
                  - {id: send, python: send.py, inputs: {tick: dora/timer/millis/20}, outputs: [data]}
                  - {id: sharp, csharp: {{{DataflowRun.Operators}}}, inputs: {data: one/send/data}, outputs: [data]}
                  - {id: near, python: check.py, inputs: {near: one/sharp/data}, outputs: [data]}
              - id: two
                env: {VIRTUAL_ENV: /usr}
                operator: {id: far, python: check.py, inputs: {far: one/near/data}, outputs: [data]}
            """);

        Assert.True(code == 0, error);
        Assert.Contains("one | near: same True True\n", output);
        Assert.Contains("two | far: same True True\n", output);
        Assert.Contains("near: the keys of metadata are str, not int: 1\n", output);
        Assert.Contains("near: metadata['a'] is a object; metadata can be bool, int, float, str, datetime, and lists of int, float or str\n", output);
        Assert.Contains("near: metadata['a'] = 9223372036854775808 has more than 64 bits\n", output);
        Assert.Contains("near: metadata['a'] is a list of mixed or other types; lists are of int, of float or of str\n", output);
        Assert.Contains("near: metadata['a'] is a datetime without a time zone; use datetime.now(timezone.utc)\n", output);
    }

    [Fact]
    public async Task An_exception_restarts_only_its_operator_and_shows_Pythons_traceback()
    {
        Write("fails.py", """
            import sys
            from dora import DoraStatus

            count = 0  # of the module: outlives the instance

            class Operator:
                def __init__(self):
                    self.mine = 0

                def on_event(self, event, send_output):
                    global count
                    if event["type"] != "INPUT":
                        return DoraStatus.CONTINUE
                    count += 1
                    self.mine += 1
                    if count == 2:
                        self.explode(event)
                    if count == 4:
                        sys.exit(3)
                    if count == 5:
                        return None
                    print("count", count, "mine", self.mine)
                    return DoraStatus.STOP if count == 6 else DoraStatus.CONTINUE

                def explode(self, event):
                    raise ValueError("boom")
            """);
        Write("calm.py", """
            class Operator:
                def __init__(self):
                    print("made")

                def on_event(self, event, send_output):
                    return 0
            """);

        var (code, output, error) = await Run("""
              - id: rt
                env: {VIRTUAL_ENV: /usr}
                operators:
                  - {id: fails, python: fails.py, inputs: {tick: dora/timer/millis/20}, outputs: [done]}
                  - {id: calm, python: calm.py, inputs: {done: rt/fails/done}}
            """);

        Assert.True(code == 0, error);
        var file = Path.Combine(_folder, "fails.py");
        Assert.Contains("fails: count 1 mine 1\n", output);
        Assert.Contains("fails: count 3 mine 1\n", output);
        Assert.Contains("fails: count 6 mine 1\n", output);
        Assert.Single(output.Split('\n'), line => line.EndsWith("calm: made", StringComparison.Ordinal));
        Assert.Contains($"operator 'fails' failed: {file}:26: ValueError: boom", error);
        Assert.Contains("rt | error: fails: Traceback (most recent call last):\n", error);
        Assert.Contains($"rt | error: fails:   File \"{file}\", line 17, in on_event\n", error);
        Assert.Contains($"File \"{file}\", line 26, in explode", error);
        Assert.Contains($"operator 'fails' failed: {file}:19: SystemExit: 3 (sys.exit() ends this instance only", error);
        Assert.Contains("operator 'fails' failed: on_event returned None; it must end with 'return DoraStatus.CONTINUE'", error);
        Assert.DoesNotContain("   at Dora.", error);
        Assert.DoesNotContain("_dora_operators.py", error);
        Assert.DoesNotContain("PythonOperatorException", error);
    }

    [Theory]
    [InlineData("class Operator:\n    def on_event(self, event, send_output)\n        return 0\n", "{file}:2: SyntaxError: ")]
    [InlineData("import nosuchmodule\n", "{file}:1: ModuleNotFoundError: No module named 'nosuchmodule'")]
    [InlineData("class Operators:\n    pass\n", "{file} has no class 'Operator'; write one with a method on_event(self, event, send_output)")]
    [InlineData("class Operator:\n    pass\n", "{file}: 'Operator' is not a class with a method on_event(self, event, send_output)")]
    public async Task A_file_that_is_no_operator_is_refused_with_the_place_of_the_error(string source, string expected)
    {
        Write("wrong.py", source);

        var (code, _, error) = await Run("""
              - id: rt
                env: {VIRTUAL_ENV: /usr}
                operator: {id: wrong, python: wrong.py, inputs: {tick: dora/timer/millis/20}}
            """);

        Assert.Equal(1, code);
        Assert.Contains("operator 'wrong': ", error);
        Assert.Contains(expected.Replace("{file}", Path.Combine(_folder, "wrong.py")), error);
    }

    [Fact]
    public async Task Numpy_arrays_go_out_and_what_comes_in_may_be_kept()
    {
        Write("make.py", """
            import numpy as np
            from dora import DoraStatus

            class Operator:
                n = 0

                def on_event(self, event, send_output):
                    self.n += 1
                    picture = np.full((60, 80, 3), self.n, dtype=np.uint8)
                    send_output("picture", picture, {"shape": picture.shape, "n": np.int64(self.n)})
                    send_output("picture", picture[:, :, ::-1].transpose(1, 0, 2), {"shape": [80, 60, 3], "n": self.n})
                    send_output("numbers", np.full(7, self.n / 2, dtype=np.float32)[2:], {"n": self.n})
                    return DoraStatus.STOP if self.n == 20 else DoraStatus.CONTINUE
            """);
        Write("keep.py", """
            import numpy as np
            from dora import DoraStatus

            class Operator:
                def __init__(self):
                    self.kept = []
                    self.numbers = self.closed = 0

                def on_event(self, event, send_output):
                    if event["type"] == "INPUT":
                        if event["id"] == "numbers":
                            numbers = event["value"].to_numpy()
                            assert numbers.dtype == np.float32 and numbers.tolist() == [event["metadata"]["n"] / 2] * 5
                            assert np.asarray(event["value"]).sum() == numbers.sum() and event["value"].to_pylist() == numbers.tolist()
                            self.numbers += 1
                            return DoraStatus.CONTINUE
                        n, shape = event["metadata"]["n"], event["metadata"]["shape"]
                        view = np.frombuffer(event["data"], dtype=np.uint8)
                        assert not view.flags.writeable and not view.flags.owndata
                        self.kept.append((n, view.reshape(shape), event["data"][5:9], event["value"].to_numpy()))
                    elif event["type"] == "INPUT_CLOSED":
                        self.closed += 1
                        if self.closed < 2:
                            return DoraStatus.CONTINUE
                        same = all((a == n).all() and bytes(b) == bytes([n]) * 4 and (c == n).all() for n, a, b, c in self.kept)
                        print("kept", len(self.kept), same, self.numbers)
                        return DoraStatus.STOP
                    return DoraStatus.CONTINUE
            """);

        var (code, output, error) = await Run("""
              - id: one
                env: {VIRTUAL_ENV: /usr}
                operators:
                  - {id: make, python: make.py, inputs: {tick: dora/timer/millis/5}, outputs: [picture, numbers]}
                  - id: near
                    python: keep.py
                    inputs: &inputs
                      picture: {source: one/make/picture, queue_policy: backpressure}
                      numbers: {source: one/make/numbers, queue_policy: backpressure}
              - id: two
                env: {VIRTUAL_ENV: /usr}
                operator: {id: far, python: keep.py, inputs: *inputs}
            """);

        Assert.True(code == 0, error);
        Assert.Contains("one | near: kept 40 True 20\n", output);
        Assert.Contains("two | far: kept 40 True 20\n", output);
    }

    [Fact]
    public async Task Arrow_arrays_keep_their_types_through_Python()
    {
        Write("relay.py", """
            from dora import DoraStatus

            class Operator:
                def on_event(self, event, send_output):
                    if event["type"] == "INPUT":
                        schema, array = event["value"].__arrow_c_array__()  # capsules that nobody takes are dropped
                        send_output(event["id"], event["value"], {"passed": True})
                    return DoraStatus.CONTINUE
            """);
        Write("make.py", """
            import numpy as np
            from dora import DoraStatus

            class Operator:
                n = 0

                def on_event(self, event, send_output):
                    self.n += 1
                    send_output("int64", np.arange(self.n, self.n + 1000))
                    send_output("int64", np.arange(0, 2000).reshape(2, 1000).T.copy().T[1])  # no row of memory
                    return DoraStatus.STOP if self.n == 5 else DoraStatus.CONTINUE
            """);
        string[] results = [Path.Combine(_folder, "near"), Path.Combine(_folder, "far"), Path.Combine(_folder, "made")];

        var (code, _, error) = await Run($$$"""
              - id: source
                path: {{{DataflowRun.Program}}}
                args: arrow_source --count 5
                inputs: {tick: dora/timer/millis/20}
                outputs: [int64, float32, text]
              - id: rt
                env: {VIRTUAL_ENV: /usr}
                operators:
                  - id: first
                    python: relay.py
                    inputs: {int64: source/int64, float32: source/float32, text: source/text}
                    outputs: [int64, float32, text]
                  - id: second
                    python: relay.py
                    inputs: {int64: rt/first/int64, float32: rt/first/float32, text: rt/first/text}
                    outputs: [int64, float32, text]
                  - id: make
                    python: make.py
                    inputs: {tick: dora/timer/millis/20}
                    outputs: [int64]
              - id: near
                path: {{{DataflowRun.Program}}}
                args: arrow_sink --result {{{results[0]}}}
                inputs: {int64: rt/first/int64, float32: rt/first/float32, text: rt/first/text}
              - id: far
                path: {{{DataflowRun.Program}}}
                args: arrow_sink --result {{{results[1]}}}
                inputs: {int64: rt/second/int64, float32: rt/second/float32, text: rt/second/text}
              - id: made
                path: {{{DataflowRun.Program}}}
                args: arrow_sink --result {{{results[2]}}}
                inputs: {int64: rt/make/int64}
            """);

        Assert.True(code == 0, error);
        foreach (var result in results)
        {
            var lines = await File.ReadAllLinesAsync(result);
            Assert.Contains(lines, line => line.StartsWith("received.int64=", StringComparison.Ordinal));
            Assert.DoesNotContain(lines, line => line.StartsWith("problem", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Events_statuses_prints_and_logs_are_as_documented()
    {
        Write("talk.py", """
            import logging
            import sys
            import threading
            from dora import DoraStatus

            class Operator:
                def __init__(self):
                    print("in init", __name__, sys.prefix)

                def on_event(self, event, send_output):
                    print(event["type"], event.get("id"), end=" ")
                    print("two", "lines", sep="\n")
                    print("no end", end="")
                    logging.getLogger("part").warning("logged %d", 7)
                    if event["type"] == "INPUT":
                        assert set(event) == {"kind", "type", "id", "value", "data", "metadata"}
                        for wrong in (("nosuch", b""), ("out", "text"), ("out", None), (5, b"")):
                            try:
                                send_output(*wrong)
                            except (TypeError, ValueError) as e:
                                print(e)
                        thread = threading.Thread(target=self.send, args=(send_output,))
                        thread.start()
                        thread.join()
                        send_output("out", b"last")
                        return DoraStatus.STOP
                    return DoraStatus.CONTINUE

                def send(self, send_output):
                    try:
                        send_output("out", b"")
                    except RuntimeError as e:
                        print(e)
            """);
        Write("hear.py", """
            from dora import DoraStatus

            class Operator:
                def on_event(self, event, send_output):
                    print(event["type"], event.get("id"), bytes(event.get("data", b"")))
                    return DoraStatus.CONTINUE
            """);

        var (code, output, error) = await Run("""
              - id: rt
                env: {VIRTUAL_ENV: /usr}
                operators:
                  - {id: talk, python: talk.py, inputs: {tick: dora/timer/millis/20}, outputs: [out]}
                  - {id: hear, python: hear.py, inputs: {in: rt/talk/out}}
            """);

        Assert.True(code == 0, error);
        Assert.Contains("rt | talk: in init dora_operator_talk /usr\n", output);
        Assert.Contains("rt | talk: INPUT tick two\nrt | talk: lines\n", output);
        Assert.Contains("rt | talk: no end", output);
        Assert.Contains("talk.part: logged 7", error);
        Assert.Contains("Operator 'talk' has no output 'nosuch'; its outputs are: out", output);
        Assert.Contains("an output is bytes, not str: send text.encode()", output);
        Assert.Contains("an output is bytes, or something with the buffer protocol like a numpy array; this is a NoneType", output);
        Assert.Contains("the output's name is a str, not int", output);
        Assert.Contains("outputs can be sent only within on_event, and on the thread that called it", output);
        Assert.Contains("rt | hear: INPUT in b'last'\nrt | hear: INPUT_CLOSED in b''\nrt | hear: STOP ALL_INPUTS_CLOSED b''\n", output);
    }

    [Fact]
    public async Task The_virtual_environment_of_the_node_is_the_one_that_is_used()
    {
        var environment = Path.Combine(_folder, "venv");
        using (var made = Process.Start("/usr/bin/python3", ["-m", "venv", "--without-pip", environment])!)
        {
            await made.WaitForExitAsync().WaitAsync(DoraRun.Patience);
            Assert.Equal(0, made.ExitCode);
        }

        var packages = Directory.GetDirectories(environment, "site-packages", SearchOption.AllDirectories)[0];
        await File.WriteAllTextAsync(Path.Combine(packages, "only_here.py"), "word = 'found'\n");
        Write("where.py", """
            import sys
            import only_here
            from dora import DoraStatus

            class Operator:
                def on_event(self, event, send_output):
                    print(only_here.word, sys.prefix)
                    return DoraStatus.STOP_ALL
            """);

        var (code, output, error) = await Run($$$"""
              - id: rt
                env:
                  VIRTUAL_ENV: {{{environment}}}
                operator: {id: where, python: where.py, inputs: {tick: dora/timer/millis/20}}
            """);

        Assert.True(code == 0, error);
        Assert.Contains($"rt | where: found {environment}\n", output);
    }

    /// <summary>Without a runtime: a Python with a stand-in for what the runtime's process gives to it.</summary>
    [Fact]
    public async Task A_file_is_run_again_by_a_reload_and_a_broken_one_leaves_the_old()
    {
        Write("op.py", "");
        Write("reload.py", """
            import sys, types

            host = types.ModuleType("_dora_host")
            host.Payload = type("Payload", (), {})
            sys.modules["_dora_host"] = host
            sys.path.append(sys.argv[1])
            from _dora_operators import Program

            def write(text):
                with open(sys.argv[2], "w") as file:
                    file.write(text)

            def status(program):
                instance = program.create()
                return instance if isinstance(instance, str) else instance.on_other("STOP", "MANUAL", "")

            program = Program("op", sys.argv[2])
            for n in (1, 2):  # the same size, in the same second
                write(f"class Operator:\n    def on_event(self, event, send_output):\n        return {n}\n")
                print(program.load(), status(program))
            write("class Operator:\n    def on_event(self, event, send_output:\n        return 0\n")
            print(program.load().splitlines()[0], status(program))
            """);
        var library = Path.Combine(DoraExecutable.RepositoryRoot, "src", "Dora.Runtime.Host", "Python", "lib");
        var file = Path.Combine(_folder, "op.py");
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-B", Path.Combine(_folder, "reload.py"), library, file])
        {
            RedirectStandardOutput = true,
        })!;

        var output = await python.StandardOutput.ReadToEndAsync().WaitAsync(DoraRun.Patience);
        await python.WaitForExitAsync().WaitAsync(DoraRun.Patience);

        Assert.StartsWith($"None 1\nNone 2\n{file}:2: SyntaxError: ", output, StringComparison.Ordinal);
        Assert.EndsWith(" 2\n", output, StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Out, string Error)> Run(string nodes)
    {
        Write("dataflow.yml", $"nodes:\n{nodes}\n");
        return DoraRun.ToEnd(_folder, "run", "dataflow.yml");
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);
}
