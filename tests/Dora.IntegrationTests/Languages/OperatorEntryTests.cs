// SPDX-License-Identifier: Apache-2.0

using Dora.IntegrationTests.Faults;
using Dora.Testing;

namespace Dora.IntegrationTests.Languages;

/// <summary>What stands in an operator's entry means the same in every language.</summary>
[Collection(LanguageCollection.Name)]
public sealed class OperatorEntryTests
{
    private const string Python = """
        class Operator:
            def on_event(self, event, send_output):
                if event["type"] == "INPUT":
                    send_output("out", b"last words")
                    return STATUS
                return 0
        """;

    private const string C = """
        #include <dora/operator_api.h>
        DoraInitResult_t dora_init_operator(void) { return (DoraInitResult_t){0}; }
        DoraResult_t dora_drop_operator(void *context) { (void)context; return (DoraResult_t){NULL}; }
        OnEventResult_t dora_on_event(const RawEvent_t *event, const SendOutput_t *send_output, void *context)
        {
            OnEventResult_t result = {0};
            (void)context;
            if (event->input != NULL)
            {
                result.result = dora_send_operator_output(send_output, "out", (const uint8_t *)"last words", 10);
                result.status = STATUS;
            }
            return result;
        }
        """;

    private const string Wasm = """
        #include <dora/wasm_operator.h>
        static int on_event(const dora_event *event)
        {
            if (event->kind != DORA_EVENT_INPUT)
                return DORA_STATUS_CONTINUE;
            dora_send("out", "last words", 10);
            return STATUS;
        }
        DORA_OPERATOR(on_event)
        """;

    private const string Listener = """
        class Operator:
            def on_event(self, event, send_output):
                if event["type"] == "INPUT" and event["id"] == "words":
                    print("heard", bytes(event["data"]).decode())
                elif event["type"] == "INPUT_CLOSED":
                    print("closed", event["id"])
                    return 1
                return 0
        """;

    // Each is built by its own 'build' line, has a name and a description, and answers its first message with this status.
    private static readonly string[] Languages = ["csharp", "shared-library", "python", "wasm"];

    public static TheoryData<string, int> Cases => [.. from language in Languages from status in (int[])[1, 2] select (language, status)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Build_name_description_and_statuses_hold_in_every_language(string language, int status)
    {
        await using DataflowRun run = new();
        run.Environment["VIRTUAL_ENV"] = "/usr"; // Debian's Python, which has a library
        await File.WriteAllTextAsync(Path.Combine(run.Folder, "listener.py"), Listener);
        var (program, build) = await Write(run.Folder, language, status);
        var listens = status == 1 ? "{words: rt/subject/out}" : "{words: rt/subject/out, tick: dora/timer/secs/1}"; // the second ends only if all is stopped
        run.Start($$$"""
            - id: rt
              operators:
                - id: subject
                  name: The one that is tested
                  description: Answers its first message with a status
                  {{{language}}}: {{{program}}}
                  build: |
                    {{{build}}}
                    touch built
                  inputs: {tick: dora/timer/millis/20}
                  outputs: [out]
                - {id: listener, python: listener.py, inputs: {{{listens}}}}
            """, "--build");
        await run.Running(); // building takes its time

        var report = await run.End();

        Assert.True(report.ExitCode == 0, report.Log);
        Assert.True(File.Exists(Path.Combine(run.Folder, "built")));
        if (status == 1)
        {
            Assert.Contains("heard last words", report.Log);
            Assert.Contains("closed words", report.Log);
        }
        else
        {
            Assert.Contains("operator 'rt/subject' asked for it", report.Log);
        }
    }

    [Fact]
    public async Task Lines_that_operators_of_each_language_print_go_where_send_stdout_as_says()
    {
        await using DataflowRun run = new();
        run.Environment["VIRTUAL_ENV"] = "/usr";
        await File.WriteAllTextAsync(Path.Combine(run.Folder, "says.py"), """
            class Operator:
                def on_event(self, event, send_output):
                    print("python says")
                    return 1
            """);
        await File.WriteAllTextAsync(Path.Combine(run.Folder, "says.c"), C.Replace("STATUS", "1").Replace("OnEventResult_t result = {0};", "OnEventResult_t result = {0}; puts(\"c says\"); fflush(stdout);").Insert(0, "#include <stdio.h>\n"));
        Tool.Run("gcc", ["-shared", "-fPIC", $"-I{Headers}", Path.Combine(run.Folder, "says.c"), "-o", Path.Combine(run.Folder, "libsays.so")]);
        await File.WriteAllTextAsync(Path.Combine(run.Folder, "Says.cs"), CSharp(1).Replace("output.Send", "System.Console.WriteLine(\"csharp says\"); output.Send", StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(run.Folder, "hears.py"), """
            class Operator:
                def __init__(self):
                    self.heard = set()

                def on_event(self, event, send_output):
                    if event["type"] == "INPUT":
                        self.heard |= {word for word in ("python says", "c says", "csharp says") if word in bytes(event["data"]).decode()}
                        if len(self.heard) == 3:
                            print("heard all")
                            return 2
                    return 0
            """);
        run.Start("""
            - id: rt
              operators:
                - {id: sharp, csharp: Says.cs, inputs: {tick: dora/timer/millis/50}, outputs: [out], send_stdout_as: lines}
                - {id: plain, shared-library: says, inputs: {tick: dora/timer/millis/50}, outputs: [out]}
                - {id: snake, python: says.py, inputs: {tick: dora/timer/millis/50}}
            - id: other
              operator: {id: hears, python: hears.py, inputs: {lines: {source: rt/sharp/lines, queue_size: 100}}}
            """);
        await run.Running();

        var report = await run.End();

        Assert.True(report.ExitCode == 0, report.Log);
        Assert.Contains("heard all", report.Log);
    }

    private static string Headers => Path.Combine(DoraExecutable.RepositoryRoot, "bindings", "c", "include");

    private static string CSharp(int status) => $$"""
        #:project {{Path.Combine(DoraExecutable.RepositoryRoot, "src", "Dora.Operators", "Dora.Operators.csproj")}}
        using Dora.Operators;

        public sealed class Subject : IOperator
        {
            public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
            {
                if (e.Kind != OperatorEventKind.Input)
                    return DoraStatus.Continue;
                output.Send("out", "last words"u8);
                return (DoraStatus){{status}};
            }
        }
        """;

    private static async Task<(string Program, string Build)> Write(string folder, string language, int status)
    {
        var (file, text, program, build) = language switch
        {
            "csharp" => ("Subject.cs", CSharp(status), "Subject.cs", "true"),
            "shared-library" => ("subject.c", C, "made/subject", $"mkdir -p made && gcc -shared -fPIC -I{Headers} subject.c -o made/libsubject.so"),
            "python" => ("subject.py.in", Python, "subject.py", "cp subject.py.in subject.py"),
            _ => ("subject.c", Wasm, "subject.wasm", $"clang --target=wasm32 -O1 -mbulk-memory -nostdlib -Wl,--no-entry -I{Headers} subject.c -o subject.wasm"),
        };
        await File.WriteAllTextAsync(Path.Combine(folder, file), text.Replace("STATUS", $"{status}", StringComparison.Ordinal).Replace($"DORA_{status}_", "DORA_STATUS_", StringComparison.Ordinal));
        return (program, build);
    }
}
