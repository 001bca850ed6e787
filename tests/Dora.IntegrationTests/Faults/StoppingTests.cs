// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using Dora.Platform.Processes;

namespace Dora.IntegrationTests.Faults;

/// <summary>Faults 23, 24 and 25: whichever way a run is ended, nothing of it remains.</summary>
[Collection(FaultCollection.Name)]
public sealed class StoppingTests
{
    private const int Interrupted = 130;

    private static readonly string TwoNodes = $"{Node("one", "sleeps_per_message --ms 0")}\n{Node("two", "sleeps_per_message --ms 0")}";

    private static readonly string Deaf = Node("deaf", "ignores_sigterm");

    [Theory]
    [InlineData(Signals.Interrupt)]
    [InlineData(Signals.Terminate)]
    [InlineData(Signals.HangUp)]
    [Fault(FaultGroup.Stopping, "Ctrl-C, SIGTERM, or the terminal is closed", "All nodes stop in good order; exit code 130")]
    public async Task Fault_24_a_signal_stops_the_run_gracefully(int signal)
    {
        await using DataflowRun run = new();
        run.Start(TwoNodes);
        await run.Running();

        Signal.Send(run.ProcessId, signal);
        var report = await run.End();

        Assert.Equal(Interrupted, report.ExitCode);
        Assert.Equal(new NodeReport(false, "exit code 0", 0), report.Node("one"));
        Assert.Equal(new NodeReport(false, "exit code 0", 0), report.Node("two"));
    }

    [Fact]
    [Fault(FaultGroup.Stopping, "Ctrl-C a second time", "What has not ended is killed at once")]
    public async Task Fault_24_a_second_interrupt_ends_a_deaf_node_at_once()
    {
        await using DataflowRun run = new();
        run.Start(Deaf, "--grace", "1h");
        await run.Running();

        run.Stop();
        await run.Saw("stopping: interrupted");
        run.Stop();
        var report = await run.End(); // waits much less than the grace

        Assert.Equal(Interrupted, report.ExitCode);
        Assert.Contains("killed", report.Node("deaf").Exit, StringComparison.Ordinal);
    }

    [Fact]
    [Fault(FaultGroup.Stopping, "A node ends neither on Stop nor on SIGTERM", "It is killed after its grace, and the report says so")]
    public async Task Fault_23_a_node_deaf_to_stop_and_sigterm_is_killed()
    {
        await using DataflowRun run = new();
        run.Start(Deaf, "--grace", "100ms");
        await run.Running();

        run.Stop();
        var report = await run.End();

        Assert.Equal(Interrupted, report.ExitCode);
        Assert.Equal(new NodeReport(true, "killed: it ended neither on Stop nor on SIGTERM", 0), report.Node("deaf"));
    }

    [Fact]
    [Fault(FaultGroup.Stopping, "A node leaves processes behind, in sessions of their own", "They are ended with it")]
    public async Task Fault_23_an_orphan_in_a_session_of_its_own_goes_with_its_node()
    {
        await using DataflowRun run = new();
        run.Start(Node("parent", "double_forks --marker 3600.5 --stay 1"));
        await run.Running();
        await Until(() => run.Processes().Any(IsOrphan), "the orphan is there");

        run.Stop();
        var report = await run.End(); // checks that no process remains

        Assert.Equal(Interrupted, report.ExitCode);

        static bool IsOrphan(int pid) => TryRead($"/proc/{pid}/cmdline").Contains("3600.5", StringComparison.Ordinal)
            && TryRead($"/proc/{pid}/comm") == "sleep\n";
    }

    [Fact]
    [Fault(FaultGroup.Stopping, "dora itself is killed", "Its nodes end; no process and no file remains")]
    public async Task Fault_24_when_dora_is_killed_its_nodes_launchers_and_folder_go()
    {
        await using DataflowRun run = new();
        run.Start($"{TwoNodes}\n{Deaf}");
        await run.Running();
        Assert.Equal(7, run.Processes().Count); // dora, three launchers, three nodes

        Signal.Send(run.ProcessId, Signals.Kill);
        await Until(() => run.Processes().Count == 0, "no process remains");
        var report = await run.End(); // checks the folder

        Assert.Equal(128 + Signals.Kill, report.ExitCode);
    }

    [Fact]
    [Fault(FaultGroup.Stopping, "dora is killed so that nobody can tidy up", "The next run removes what was left")]
    public async Task Fault_25_what_a_killed_run_left_is_swept_by_the_next()
    {
        await using DataflowRun run = new();
        run.Start(TwoNodes);
        await run.Running();
        foreach (var pid in run.Processes().Where(pid => pid != run.ProcessId))
            Signal.Send(pid, Signals.Stop); // launchers that stand still can't tidy up
        Signal.Send(run.ProcessId, Signals.Kill);
        foreach (var pid in run.Processes())
            Signal.Send(pid, Signals.Kill);
        await Until(() => run.Processes().Count == 0, "no process remains");
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(run.Folder, "run"), "*", SearchOption.AllDirectories));

        run.Start($"- {{id: one, path: {DataflowRun.Program}, args: prints_environment}}");

        (await run.End()).Succeeded(); // checks the folder
    }

    [Fact]
    public async Task Fault_25_an_orphan_whose_dora_and_launcher_were_killed_together_goes_with_the_next_run()
    {
        await using DataflowRun run = new();
        run.Start(Node("parent", "double_forks --marker 3600.25 --stay 1"));
        await run.Running();
        await Until(() => run.Processes().Any(IsOrphan), "the orphan is there");
        Signal.Send(run.ProcessId, Signals.Stop); // dora can't tidy up after its launcher
        foreach (var pid in run.Processes().Where(pid => pid != run.ProcessId && !IsOrphan(pid)))
            Signal.Send(pid, Signals.Kill);
        Signal.Send(run.ProcessId, Signals.Kill);
        await Until(() => run.Processes().All(IsOrphan), "only the orphan remains"); // it left the node's group, and nobody was there to kill it

        run.Start($"- {{id: one, path: {DataflowRun.Program}, args: prints_environment}}");

        (await run.End()).Succeeded(); // checks that no process remains

        static bool IsOrphan(int pid) => TryRead($"/proc/{pid}/comm") == "sleep\n";
    }

    private static string Node(string id, string arguments) =>
        $"- {{id: {id}, path: {DataflowRun.Program}, args: {arguments}, inputs: {{tick: dora/timer/millis/50}}}}";

    private static string TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static async Task Until(Func<bool> holds, string what)
    {
        var waited = Stopwatch.StartNew();
        using PeriodicTimer looks = new(TimeSpan.FromMilliseconds(20));
        while (!holds())
        {
            Assert.True(waited.Elapsed < DataflowRun.Patience, $"not in {DataflowRun.Patience}: {what}");
            await looks.WaitForNextTickAsync();
        }
    }
}
