// SPDX-License-Identifier: Apache-2.0

using Dora.IntegrationTests.Faults;
using Dora.Platform.Processes;
using Dora.Protocol;

namespace Dora.IntegrationTests.Languages;

/// <summary>Nodes and operators of each language that are killed, crash, or are of another version. One more language is one more line for each test.</summary>
[Collection(LanguageCollection.Name)]
public sealed class LanguageFaultTests(PythonEnvironment python) : IClassFixture<PythonEnvironment>
{
    private const int KillCount = 8;

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("DORA_TEST_LONG") is { Length: > 0 };

    [Theory]
    [Fault(
        FaultGroup.Nodes,
        "A node in C, C++ or Python is killed while it sends and holds messages",
        "Nothing of it remains, no process, descriptor, memory or file; its neighbours hear of it and get no torn message; `restart_policy` brings it back")]
    [InlineData("C")]
    [InlineData("C++")]
    [InlineData("Python")]
    public async Task A_node_that_is_killed_while_it_sends_and_holds_messages_leaves_nothing_behind(string language)
    {
        Random random = new();
        await using var run = python.Run();
        run.Start($$"""
            - id: source
              path: {{DataflowRun.Program}}
              args: source --size 100000,1000000 --interval-us 2000
              outputs: [data]
            - id: keeper
              path: {{Node(language, "keeper")}}
              inputs:
                data: {source: source/data, queue_policy: backpressure}
              outputs: [data]
              restart_policy: on-failure
              restart_delay: 1ms
              max_restart_delay: 1ms
            - id: sink
              path: {{DataflowRun.Program}}
              args: sink {{run.ResultOf("sink")}}
              inputs:
                data: {source: keeper/data, queue_policy: backpressure}
            - id: watcher
              path: {{CPrograms.Node("watcher")}}
              inputs: {data: keeper/data}
            """);
        await run.Running();
        await Receives(run, 100);
        int[] neighbours = [await run.Started("source"), await run.Started("sink")];
        var before = Held(run, neighbours);
        Assert.True(before is { Others: > 0, Memory: > 0, Mapped: > 0 }, "nothing found: the check below would prove nothing");

        var kills = IsLong ? 10 * KillCount : KillCount;
        for (var i = 0; i < kills; i++)
            await Kill(i);
        await run.Started("keeper", kills);
        await Receives(run, 100);
        // A sender's pool may have grown by a segment; what a node leaves behind would come for each kill.
        await Until(() => Held(run, neighbours) is var now && now.Others <= before.Others && now.Memory <= 2 * before.Memory && now.Mapped <= 2 * before.Mapped,
            () => $"held {before} before {kills} kills, and {Held(run, neighbours)} after them");
        run.Stop();
        var report = await run.End(); // checks that no process and no file remains

        Assert.Equal(kills, report.Node("keeper").Restarts);
        Assert.Contains("killed (SIGKILL), not by dora", report.Log, StringComparison.Ordinal);
        Assert.Equal(kills, report.Log.Split("heard that keeper was restarted").Length - 1);
        Assert.Equal(0, run.Number("sink", "problems"));
        foreach (var edge in report.Edges())
            Assert.True(edge.Sent == edge.Received + edge.Dropped + edge.Lost, $"{edge}");

        async Task Kill(int number)
        {
            var process = await run.Started("keeper", number);
            await Receives(run, random.Next(1, 40)); // it is at work; where in it varies
            Signal.Send(process, Signals.Kill);
        }
    }

    [Theory]
    [Fault(
        FaultGroup.Nodes,
        "An operator in C or C++, or an extension that one in Python calls, crashes",
        "Its runtime ends, nothing else; the report names the operator and the signal; `restart_policy` applies")]
    [InlineData("C", "segv", "SIGSEGV")]
    [InlineData("C", "abort", "SIGABRT")]
    [InlineData("C", "overflow", "SIG")] // .NET's handler turns it into an abort, with a line that says so
    [InlineData("C++", "segv", "SIGSEGV")]
    [InlineData("C++", "throw", "SIGABRT")]
    [InlineData("Python", "segv", "SIGSEGV")]
    [InlineData("Python", "abort", "SIGABRT")]
    public async Task A_crash_in_an_operator_takes_its_runtime_only_and_the_report_names_operator_and_signal(string language, string how, string signal)
    {
        await using DataflowRun run = new(); // not the package's: under -X dev, Python's own handler of signals speaks first
        run.Start($$"""
            - id: runtime
              restart_policy: on-failure
              max_restarts: 1
              restart_delay: 10ms
              env: {CRASH: {{how}}, VIRTUAL_ENV: /usr}
              operators:
                - id: steady
                  shared-library: {{CPrograms.Operator("documented_operator")}}
                  inputs: {tick: dora/timer/millis/10}
                  outputs: [counter]
                - id: culprit
                  {{await Operator(language, run.Folder)}}
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

    [Theory]
    [Fault(
        FaultGroup.Starting,
        "A node in C, C++ or Python was built with dora's library of another version",
        "It is refused; the message names both versions and says which side to update")]
    [InlineData("C")]
    [InlineData("C++")]
    [InlineData("Python")]
    public async Task A_library_of_another_version_is_refused_with_both_versions_named(string language)
    {
        await using var run = python.Run();
        using OtherVersion other = new(run.Folder);
        var program = Node(language, "keeper");
        run.Start($$"""
            - id: node
              path: {{other.Wrap(language == "Python" ? $"{python.Interpreter} -u {program}" : program)}}
              inputs: {tick: dora/timer/millis/5}
              outputs: [data]
            """);

        var report = await run.End();

        Assert.True(report.Node("node").Failed);
        Assert.Contains($"node 'node' speaks protocol 9.0 (dora {OtherVersion.Product}), this daemon speaks protocol", report.Log, StringComparison.Ordinal);
        Assert.Contains($"(dora {ProtocolVersions.Product})", report.Log, StringComparison.Ordinal);
        Assert.Contains("rebuild node 'node' with the dora library of", report.Log, StringComparison.Ordinal);
    }

    /// <summary>The path of a node's program; the runs of <see cref="PythonEnvironment"/> start <c>.py</c> in that environment.</summary>
    private static string Node(string language, string name) => language switch
    {
        "C" => CPrograms.Node(name),
        "C++" => CppPrograms.Node(name),
        "Python" => PythonEnvironment.Program($"{name}.py"),
        _ => throw new ArgumentOutOfRangeException(nameof(language), language, null),
    };

    /// <summary>The line of a descriptor that names an operator that crashes as the environment says in <c>CRASH</c>.</summary>
    private static async Task<string> Operator(string language, string folder)
    {
        if (language != "Python")
            return $"shared-library: {(language == "C" ? CPrograms.Operator("crash_operator") : CppPrograms.Operator("crash_operator"))}";
        await File.WriteAllTextAsync(Path.Combine(folder, "crash.py"), $$"""
            import os
            import sys
            from dora import DoraStatus

            sys.path.append("{{CPrograms.PythonExtension("crash_extension")}}")
            import crash_extension

            class Operator:
                count = 0

                def on_event(self, event, send_output):
                    self.count += 1
                    if self.count == 3:
                        getattr(crash_extension, os.environ["CRASH"])()
                    send_output("out", b"")
                    return DoraStatus.CONTINUE
            """);
        return "python: crash.py";
    }

    /// <summary>Waits until the sink has got this many more messages.</summary>
    private static Task Receives(DataflowRun run, int count)
    {
        var seen = run.Number("sink", "received");
        return run.Wrote("sink", "received", received => received >= seen + count);
    }

    /// <summary>The memory files that the daemon has open, what else it has open but for logs, and the memory files that neighbours of a node have mapped.</summary>
    private static (int Memory, int Others, int Mapped) Held(DataflowRun run, int[] neighbours)
    {
        var open = Directory.EnumerateFiles($"/proc/{run.ProcessId}/fd").Select(file => new FileInfo(file).LinkTarget ?? "").ToArray();
        var memory = open.Count(target => target.StartsWith("/memfd:dora", StringComparison.Ordinal));
        return (
            memory,
            open.Length - memory - open.Count(target => target.StartsWith(run.Folder, StringComparison.Ordinal)),
            neighbours.Sum(pid => File.ReadLines($"/proc/{pid}/maps").Count(line => line.Contains("/memfd:dora", StringComparison.Ordinal))));
    }

    private static async Task Until(Func<bool> isSo, Func<string> what)
    {
        using CancellationTokenSource limit = new(DataflowRun.Patience);
        using PeriodicTimer looks = new(TimeSpan.FromMilliseconds(50));
        while (!isSo())
        {
            try
            {
                await looks.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail(what());
            }
        }
    }
}
