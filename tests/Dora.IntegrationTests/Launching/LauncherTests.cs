// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Dora.IntegrationTests.Faults;
using Dora.Platform.Files;
using Dora.Platform.Processes;
using Dora.Protocol.Messages;
using Google.Protobuf;

namespace Dora.IntegrationTests.Launching;

/// <summary>Nodes that end, and nodes that do not want to.</summary>
public sealed class LauncherTests : IDisposable
{
    private readonly EventPoll _poll = new("test poll");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dora-test-");

    public void Dispose()
    {
        _poll.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(42)]
    [InlineData(255)]
    public async Task The_exit_code_is_exact_and_all_output_arrives(int code)
    {
        var run = NodeRun.Shell(_poll, $"echo out; echo err >&2; exit {code}");

        var end = await run.End();

        Assert.Equal(("exited", code, 0), (end.Kind, end.Status?.Code, end.Status?.Signal));
        Assert.Equal("out\n", await run.Output.WaitAsync(NodeRun.Patience));
        Assert.Equal("err\n", await run.Error.WaitAsync(NodeRun.Patience));
        Assert.True(end.Status!.MaxRssBytes > 100_000);
        Assert.False(NodeRun.IsAlive(await run.Launched()));
        Assert.Null(ProcessStat.TryRead(run.Process.LauncherPid)); // reaped
    }

    [Theory]
    [InlineData("HUP", 1)]
    [InlineData("ABRT", 6)]
    [InlineData("FPE", 8)]
    [InlineData("KILL", 9)]
    [InlineData("SEGV", 11)]
    [InlineData("PIPE", 13)]
    [InlineData("TERM", 15)]
    public async Task A_signal_is_named_and_no_core_is_left(string name, int number)
    {
        var run = NodeRun.Shell(_poll, $"kill -{name} $$", spec => spec.WorkingDirectory = _folder.FullName);

        var end = await run.End();

        Assert.Equal(("exited", 0, number), (end.Kind, end.Status?.Code, end.Status?.Signal));
        Assert.False(end.Status!.CoreDumped);
        Assert.Empty(_folder.GetFiles());
    }

    [Fact]
    public async Task A_signal_from_the_daemon_reaches_the_whole_group()
    {
        var run = NodeRun.Shell(_poll, "trap 'exit 7' TERM; (trap 'echo child; exit 0' TERM; echo ready; while :; do sleep 0.02; done) & echo ready; while :; do sleep 0.02; done");
        await run.Launched();
        // both shells run the same loop; sending again is how a test avoids guessing when their traps are set
        await NodeRun.Until(
            () =>
            {
                run.Process.Signal(Signal.SIGTERM);
                return run.End().IsCompleted;
            },
            "the end");
        Assert.Equal("exited", (await run.End()).Kind);
    }

    [Fact]
    public async Task Fault_23_orphans_that_left_the_session_are_killed_before_the_exit_is_reported()
    {
        var pidFile = Path.Combine(_folder.FullName, "orphan");
        // two forks and a session of its own, as daemons do it; ignores what can be ignored
        var run = NodeRun.Shell(_poll, $$"""
            (setsid sh -c 'trap "" TERM HUP INT; echo $$ > {{pidFile}}; while :; do sleep 60; done' > /dev/null 2>&1 &)
            while [ ! -s {{pidFile}} ]; do sleep 0.01; done
            exit 5
            """);

        var end = await run.End();

        Assert.Equal(5, end.Status?.Code);
        Assert.True(end.OrphansKilled >= 1);
        Assert.False(NodeRun.IsAlive(await NodeRun.ReadPid(pidFile)));
    }

    [Fact]
    public async Task Fault_23_a_node_that_ignores_sigterm_is_killed_with_all_its_descendants()
    {
        var pidFile = Path.Combine(_folder.FullName, "child");
        var run = NodeRun.Shell(_poll, $$"""
            trap '' TERM
            setsid sh -c 'echo $$ > {{pidFile}}; while :; do sleep 60; done' &
            while :; do sleep 60 & wait; done
            """);
        var child = await NodeRun.ReadPid(pidFile);
        run.Process.Signal(Signal.SIGTERM);
        Assert.True(NodeRun.IsAlive(await run.Launched()));

        run.Process.KillAll();

        var end = await run.End();
        Assert.Equal(("exited", Signal.SIGKILL), (end.Kind, end.Status?.Signal));
        Assert.False(NodeRun.IsAlive(child));
        Assert.False(NodeRun.IsAlive(await run.Launched()));
    }

    [Fact]
    [Fault(FaultGroup.Nodes, "The launcher of a node is killed", "The node goes too, with all that it started")]
    public async Task A_killed_launcher_takes_its_node_and_what_escaped_along()
    {
        var pidFile = Path.Combine(_folder.FullName, "escaped");
        var run = NodeRun.Shell(_poll, $$"""
            (setsid sh -c 'echo $$ > {{pidFile}}; while :; do sleep 60; done' > /dev/null 2>&1 &)
            while :; do sleep 60; done
            """);
        var node = await run.Launched();
        var escaped = await NodeRun.ReadPid(pidFile);

        Signal.Send(run.Process.LauncherPid, Signal.SIGKILL);

        var end = await run.End();
        Assert.Equal("lost", end.Kind);
        Assert.Contains("SIGKILL", end.Message, StringComparison.Ordinal);
        Assert.False(NodeRun.IsAlive(node));
        Assert.False(NodeRun.IsAlive(escaped));
        Assert.Null(ProcessStat.TryRead(run.Process.LauncherPid));
    }

    [Fact]
    public async Task A_launcher_that_is_told_to_terminate_stays_with_its_node()
    {
        var run = NodeRun.Shell(_poll, "trap 'exit 3' TERM; echo; while :; do sleep 0.02; done");
        await run.Launched();

        Signal.Send(run.Process.LauncherPid, Signal.SIGTERM);
        Signal.Send(run.Process.LauncherPid, Signal.SIGHUP);
        await NodeRun.Until(
            () =>
            {
                run.Process.Signal(Signal.SIGTERM);
                return run.End().IsCompleted;
            },
            "the end");

        Assert.Equal("exited", (await run.End()).Kind);
    }

    [Fact]
    public async Task Fault_7_a_killed_daemon_leaves_no_process_and_no_file()
    {
        var pidFile = Path.Combine(_folder.FullName, "escaped");
        var runtimeFolder = _folder.CreateSubdirectory("runtime");
        File.WriteAllText(Path.Combine(runtimeFolder.FullName, "daemon.sock"), "");
        var (daemon, output) = HelperProcess.Start("daemon", $"trap '' TERM HUP; setsid sh -c 'echo $$ > {pidFile}; exec sleep 1000' & exec sleep 1000", runtimeFolder.FullName);
        var pids = (await output.ReadLineAsync().WaitAsync(NodeRun.Patience))!.Split(' ').Select(int.Parse).Append(await NodeRun.ReadPid(pidFile)).ToArray();
        Assert.All(pids, pid => Assert.True(NodeRun.IsAlive(pid)));

        Signal.Send(daemon, Signal.SIGKILL);
        ChildProcesses.Reap(daemon);

        await NodeRun.Until(() => !pids.Any(NodeRun.IsAlive), "the end of launcher, node and escaped child");
        Assert.False(runtimeFolder.Exists && Directory.Exists(runtimeFolder.FullName));
        output.Dispose();
    }

    [Fact]
    public async Task Fault_7_a_daemon_and_a_launcher_that_are_killed_together_leave_nothing_of_the_nodes_group()
    {
        var pidFile = Path.Combine(_folder.FullName, "child");
        var (daemon, output) = HelperProcess.Start(
            "daemon", $"trap '' TERM HUP; sh -c 'echo $$ > {pidFile}; exec sleep 1000' & exec sleep 1000", _folder.CreateSubdirectory("runtime").FullName);
        var pids = (await output.ReadLineAsync().WaitAsync(NodeRun.Patience))!.Split(' ').Select(int.Parse).Append(await NodeRun.ReadPid(pidFile)).ToArray();
        Assert.All(pids, pid => Assert.True(NodeRun.IsAlive(pid)));

        Signal.Send(daemon, Signal.SIGSTOP); // so that it can't do the launcher's work
        Signal.Send(pids[0], Signal.SIGKILL);
        await NodeRun.Until(() => !pids.Skip(1).Any(NodeRun.IsAlive), "the end of node and child, by the kernel alone");
        Signal.Send(daemon, Signal.SIGKILL);
        ChildProcesses.Reap(daemon);

        output.Dispose();
    }

    [Fact]
    public async Task A_node_that_is_killed_while_it_is_being_launched_never_comes_to_life()
    {
        var runs = new List<NodeRun>();
        for (var i = 0; i < 10; i++)
        {
            var run = NodeRun.Shell(_poll, "while :; do sleep 60; done");
            run.Process.KillAll();
            runs.Add(run);
        }
        foreach (var run in runs)
        {
            var end = await run.End();
            Assert.True(end.Kind is "exited" or "lost", $"{end}");
            Assert.Equal(1, run.FinalEvents);
            Assert.Null(ProcessStat.TryRead(run.Process.LauncherPid));
        }
        Assert.DoesNotContain(ProcessStat.ReadAll(), p => runs.Any(run => p.SessionId == run.Process.LauncherPid) && !p.HasEnded);
    }

    [Fact]
    public async Task The_node_sees_its_attributes_and_nothing_by_accident()
    {
        var secret = Enumerable.Range(1, 32).Select(i => (byte)i).ToArray();
        var run = NodeRun.Shell(
            _poll,
            """
            cat /proc/self/status; cat /proc/self/limits; echo; echo "ids $(cut -d' ' -f1,4,5,6 /proc/$$/stat)"
            echo "stdin $(readlink /proc/$$/fd/0)"; echo "secret $(head -c 32 <&3 | od -An -tx1 | tr -d ' \n')"; echo "cwd $(pwd)"
            ls /proc/self/fd | sed 's/^/fd /'; env | sed 's/^/env /'
            """,
            spec =>
            {
                spec.Secret = ByteString.CopyFrom(secret);
                spec.CpuAffinity.Add(0);
                spec.WorkingDirectory = _folder.FullName;
                spec.Limits.Add(new ResourceLimit { Name = "nofile", Soft = 77, Hard = 99 });
                spec.Limits.Add(new ResourceLimit { Name = "as", Soft = 1 << 30, Hard = 1 << 30 });
            });
        var end = await run.End();
        Assert.Equal("", await run.Error.WaitAsync(NodeRun.Patience));
        Assert.Equal("exited", end.Kind);
        var lines = (await run.Output.WaitAsync(NodeRun.Patience)).Split('\n').Select(line => string.Join(' ', line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))).ToList();

        Assert.Contains("NoNewPrivs: 1", lines);
        Assert.Contains("Cpus_allowed_list: 0", lines);
        Assert.Contains("Max open files 77 99 files", lines);
        Assert.Contains($"Max address space {1 << 30} {1 << 30} bytes", lines);
        Assert.Contains("Max core file size 0 0 bytes", lines);
        Assert.Contains("stdin /dev/null", lines);
        Assert.Contains($"secret {Convert.ToHexStringLower(secret)}", lines);
        Assert.Contains($"cwd {_folder.FullName}", lines);
        foreach (var mask in lines.Where(line => line.StartsWith("SigBlk:", StringComparison.Ordinal) || line.StartsWith("SigIgn:", StringComparison.Ordinal)))
            Assert.Equal(0UL, ulong.Parse(mask.Split(' ')[1], NumberStyles.HexNumber) & ~0x1_8000_0000UL); // 32, 33: glibc's own

        var node = await run.Launched();
        Assert.Contains($"ids {node} {run.Process.LauncherPid} {node} {run.Process.LauncherPid}", lines); // pid, parent, group, session
        Assert.Equal(["fd 0", "fd 1", "fd 2", "fd 3", "fd 4", "fd 5"], lines.Where(line => line.StartsWith("fd ", StringComparison.Ordinal))); // 4: the lifeline, 5: ls reading
        Assert.DoesNotContain(lines, line => line.StartsWith("env ", StringComparison.Ordinal)
            && !line.StartsWith("env PATH=", StringComparison.Ordinal) && !line.StartsWith("env DORA_", StringComparison.Ordinal)
            && !line.StartsWith("env PWD=", StringComparison.Ordinal) && !line.StartsWith("env _=", StringComparison.Ordinal)
            && !line.StartsWith("env OLDPWD=", StringComparison.Ordinal) && !line.StartsWith("env SHLVL=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_hundred_launches_leave_no_descriptor_and_no_zombie()
    {
        await NodeRun.Shell(_poll, "exit 0").End(); // whatever is opened once is open now
        var before = await CountDescriptors();

        for (var i = 0; i < 100; i += 4)
        {
            var runs = Enumerable.Range(0, 4).Select(n => NodeRun.Shell(_poll, $"echo {n}; exit {n}")).ToArray();
            for (var n = 0; n < runs.Length; n++)
            {
                Assert.Equal(n, (await runs[n].End()).Status?.Code);
                Assert.Equal($"{n}\n", await runs[n].Output.WaitAsync(NodeRun.Patience));
                await runs[n].Error.WaitAsync(NodeRun.Patience);
                Assert.Null(ProcessStat.TryRead(runs[n].Process.LauncherPid));
            }
        }

        // other tests of this process come and go meanwhile: what must not be there is a trend
        await NodeRun.Until(() => CountDescriptors().Result <= before + 20, "descriptors to return");
    }

    private static Task<int> CountDescriptors() => Task.FromResult(Directory.GetFileSystemEntries("/proc/self/fd").Length);
}
