// SPDX-License-Identifier: Apache-2.0

using Dora.IntegrationTests.Cli;

namespace Dora.IntegrationTests.Faults;

/// <summary>Faults 22, 27, 28, 29 and 30: a start that can't succeed ends with one cause, and leaves nothing.</summary>
[Collection(FaultCollection.Name)]
public sealed class StartFailureTests
{
    private const int Failed = 1;
    private const int InvalidDescriptor = 4;
    private const int Interrupted = 130;

    private static readonly string Good =
        $"- {{id: good, path: {DataflowRun.Program}, args: sleeps_per_message --ms 0, inputs: {{tick: dora/timer/millis/50}}}}";

    [Fact]
    [Fault(FaultGroup.Starting, "The program of a node is missing", "Its name and what to do, before anything starts")]
    public Task Fault_28_a_missing_program_is_named_with_what_to_do() =>
        IsRefused("- {id: gone, path: ./nothing}", "'path' of node 'gone': the file './nothing' does not exist", "fix: mend the path");

    [Fact]
    [Fault(FaultGroup.Starting, "The program of a node is not executable", "Its name and what to do, before anything starts")]
    public Task Fault_28_a_file_that_is_not_executable_is_named_with_what_to_do() =>
        IsRefused("- {id: plain, path: ./plain}", "'path' of node 'plain': the file './plain' is not executable", "fix: run 'chmod +x ./plain'");

    [Fact]
    [Fault(FaultGroup.Starting, "`working_directory` is missing", "Its name and what to do, before anything starts")]
    public Task Fault_28_a_missing_working_directory_is_named_with_what_to_do() =>
        IsRefused("- {id: homeless, path: /bin/true, working_directory: ./nowhere}", "'working_directory' of node 'homeless'", "fix: make the folder");

    [Fact]
    [Fault(FaultGroup.Starting, "A node hangs before it is ready", "`startup_timeout` ends the start and names the node")]
    public async Task Fault_29_a_node_that_hangs_in_its_start_is_named_and_ends_the_start()
    {
        await using DataflowRun run = new();
        run.Start($"{Good}\n- {{id: sleepy, path: {DataflowRun.Program}, args: hangs_in_init, startup_timeout: 8s}}");

        var report = await run.End();

        Assert.Equal(Failed, report.ExitCode);
        Assert.Equal(new NodeReport(true, "not ready after 8 s (startup_timeout)", 0), report.Node("sleepy"));
        AssertFirstFailure(report, "sleepy");
        Assert.DoesNotContain("dataflow running", report.Log, StringComparison.Ordinal);
    }

    [Fact]
    [Fault(FaultGroup.Starting, "A node ends before it is ready", "The start ends, names the node and how it ended")]
    public async Task Fault_30_a_node_that_ends_before_it_connects_ends_the_start()
    {
        await using DataflowRun run = new();
        run.Start($"{Good}\n- {{id: early, path: {DataflowRun.Program}, args: exits_before_connect --code 7}}");

        var report = await run.End();

        Assert.Equal(Failed, report.ExitCode);
        Assert.Equal(new NodeReport(true, "exit code 7", 0), report.Node("early"));
        AssertFirstFailure(report, "early");
        Assert.Contains("the start failed because of 'early'", report.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("dataflow running", report.Log, StringComparison.Ordinal);
    }

    [Fact]
    [Fault(FaultGroup.Starting, "Too few file descriptors are allowed", "The start ends with the limit and what to raise")]
    public async Task Fault_22_too_few_descriptors_end_the_start_with_the_limit_and_what_to_raise()
    {
        await using DataflowRun run = new() { Wrapper = ["prlimit", "--nofile=64"] };
        var many = Enumerable.Range(0, 24).Select(i => Good.Replace("id: good", $"id: good{i}", StringComparison.Ordinal));
        run.Start(string.Join('\n', many));

        var report = await run.End();

        Assert.Equal(Failed, report.ExitCode);
        Assert.Contains("(limit 64; raise 'ulimit -n')", report.Log, StringComparison.Ordinal);
        AssertNoStackTrace(report.Log);
    }

    [Fact]
    [Fault(FaultGroup.Starting, "Twenty dataflows run at the same time", "They do not meet")]
    public async Task Fault_27_twenty_runs_at_the_same_time_do_not_meet()
    {
        const int Runs = 20;
        const int Messages = 20;
        var runs = Enumerable.Range(0, Runs).Select(_ => new DataflowRun()).ToArray();
        try
        {
            foreach (var run in runs)
            {
                run.Start($$"""
                    - id: source
                      path: {{DataflowRun.Program}}
                      args: source --count {{Messages}} --linger 1
                      outputs: [data]
                    - id: sink
                      path: {{DataflowRun.Program}}
                      args: sink {{run.ResultOf("sink")}}
                      inputs:
                        data: {source: source/data, queue_size: {{Messages}}}
                    """);
            }

            // All run before the first is stopped.
            await Task.WhenAll(runs.Select(run => run.Running()));
            await Task.WhenAll(runs.Select(run => run.Wrote("sink", "received", received => received > 0)));
            foreach (var run in runs)
                run.Stop();
            var reports = await Task.WhenAll(runs.Select(run => run.End())); // each checks that nothing of it remains

            Assert.All(reports, report => Assert.True(report.ExitCode == Interrupted, report.Log));
            Assert.All(runs, run => Assert.Equal(0, run.Number("sink", "problems")));
            Assert.All(runs, run => Assert.Equal(1, run.Number("sink", "senders"))); // its own source, no other's
        }
        finally
        {
            foreach (var run in runs)
                await run.DisposeAsync();
        }
    }

    [Fact]
    [Fault(FaultGroup.Starting, "One file is run several times at the same time", "The runs do not meet")]
    public async Task Fault_27_runs_of_one_file_at_the_same_time_share_its_folder_in_peace()
    {
        var folder = Directory.CreateTempSubdirectory("dora-fault-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "d.yml"), $"""
                allow_outside: true
                nodes:
                - id: source
                  path: {DataflowRun.Program}
                  args: source --count 20
                  outputs: [data]
                - id: sink
                  path: {DataflowRun.Program}
                  args: sink --count 20
                  inputs:
                    data: source/data
                """);

            var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => DoraRun.ToEnd(folder.FullName, "run", "d.yml")));

            Assert.All(runs, run => Assert.True(run.ExitCode == 0, run.Error));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task IsRefused(string node, string cause, string fix)
    {
        await using DataflowRun run = new();
        File.WriteAllText(Path.Combine(run.Folder, "plain"), "text");
        run.Start($"{Good}\n{node}");

        var report = await run.End();

        Assert.Equal(InvalidDescriptor, report.ExitCode);
        Assert.Single(report.Log.Split('\n'), line => line.Contains(cause, StringComparison.Ordinal));
        Assert.Contains(fix, report.Log, StringComparison.Ordinal);
        AssertNoStackTrace(report.Log);
        Assert.DoesNotContain("started: process", report.Log, StringComparison.Ordinal);
    }

    private static void AssertNoStackTrace(string log) => Assert.DoesNotContain("   at Dora.", log, StringComparison.Ordinal);

    private static void AssertFirstFailure(DataflowReport report, string node) =>
        Assert.Equal(node, report.Json!.Value.GetProperty("firstFailure").GetProperty("node").GetString());
}
