// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Dora.Platform.Processes;

namespace Dora.IntegrationTests.Faults;

/// <summary>Nodes that die of a SIGKILL which dora did not send: the report says what is known of it.</summary>
[Collection(FaultCollection.Name)]
public sealed class MemoryKillTests
{
    private const long LimitBytes = 400L << 20;

    [Fact]
    public async Task A_node_that_the_kernel_kills_for_memory_is_reported_so_and_the_others_go_on()
    {
        await using var group = TestGroup.TryCreate(LimitBytes);
        Assert.SkipWhen(group is null, "no memory control group of version 1 can be made here");
        await using DataflowRun run = new() { Wrapper = ["/bin/sh", "-c", $"echo $$ > {group.TasksFile}; exec \"$@\"", "sh"] };
        run.Start($$"""
            - {id: hungry, path: {{DataflowRun.Program}}, args: eats_memory}
            - {id: other, path: {{DataflowRun.Program}}, args: sleeps_per_message --ms 0, inputs: {tick: dora/timer/millis/50} }
            """);
        await run.Saw("killed by the kernel");

        run.Stop();
        var report = await run.End();

        Assert.Equal("killed by the kernel: out of memory (limit 400 MiB)", report.Node("hungry").Exit);
        Assert.True(report.Node("hungry").Failed);
        Assert.Equal(new NodeReport(false, "exit code 0", 0), report.Node("other"));
    }

    [Fact]
    public async Task A_node_that_somebody_kills_is_not_said_to_have_been_out_of_memory()
    {
        await using DataflowRun run = new();
        run.Start($"- {{id: victim, path: {DataflowRun.Program}, args: sleeps_per_message --ms 0, inputs: {{tick: dora/timer/millis/50}}}}");
        var victim = await run.Started("victim");
        await run.Running();

        Signal.Send(victim, Signals.Kill);
        var report = await run.End();

        Assert.StartsWith("killed (SIGKILL), not by dora", report.Node("victim").Exit, StringComparison.Ordinal);
        Assert.True(report.Node("victim").Failed);
    }

    /// <summary>A control group with a limit on memory, for the time of one test.</summary>
    private sealed class TestGroup(string folder) : IAsyncDisposable
    {
        public string TasksFile => Path.Combine(folder, "cgroup.procs");

        public static TestGroup? TryCreate(long limitBytes)
        {
            var folder = $"/sys/fs/cgroup/memory/dora-test-{Guid.NewGuid():N}";
            try
            {
                if (!Directory.Exists(Path.GetDirectoryName(folder)))
                    return null;
                Directory.CreateDirectory(folder);
                File.WriteAllText(Path.Combine(folder, "memory.limit_in_bytes"), limitBytes.ToString(CultureInfo.InvariantCulture));
                return new TestGroup(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }

        public async ValueTask DisposeAsync()
        {
            using PeriodicTimer looks = new(TimeSpan.FromMilliseconds(50));
            while (File.ReadAllText(TasksFile).Length > 0) // those that are being reaped
                await looks.WaitForNextTickAsync();
            Directory.Delete(folder);
        }
    }
}
