// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.Platform;
using Dora.Platform.Files;
using Dora.Platform.Processes;
using Microsoft.Win32.SafeHandles;

namespace Dora.UnitTests.Platform.Processes;

public sealed class ProcessSpawnerTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    public void The_exit_code_is_exact(int code)
    {
        var exit = ChildProcesses.Reap(Shell($"exit {code}"));
        Assert.Equal(code, exit.ExitCode);
        Assert.Equal(0, exit.Signal);
        Assert.True(exit.MaxRssBytes > 100_000);
    }

    [Fact]
    public void A_signal_is_told_from_an_exit_code()
    {
        var exit = ChildProcesses.Reap(Shell("kill -9 $$"));
        Assert.Equal(Signal.SIGKILL, exit.Signal);
        Assert.Equal(0, exit.ExitCode);
    }

    [Fact]
    public void The_child_sees_exactly_the_descriptors_that_were_given()
    {
        // 3 is the folder that ls reads: a leaked descriptor would have taken that number.
        Assert.Equal("/dev/null\n0\n1\n2\n3", Run("readlink /proc/self/fd/0; exec ls /proc/self/fd"));
    }

    [Fact]
    public void Descriptors_that_trade_places_do_not_overwrite_each_other()
    {
        var first = FileDescriptors.CreatePipe();
        var second = FileDescriptors.CreatePipe();
        var pid = ProcessSpawner.Spawn(new SpawnRequest
        {
            Path = "/bin/sh",
            Arguments = ["sh", "-c", "echo one >&3; echo two >&4"],
            Descriptors = [(4, second.WriteEnd), (3, first.WriteEnd)],
        });
        first.WriteEnd.Dispose();
        second.WriteEnd.Dispose();
        Assert.Equal("one", ReadToEnd(first.ReadEnd));
        Assert.Equal("two", ReadToEnd(second.ReadEnd));
        ChildProcesses.Reap(pid);
    }

    [Fact]
    public void Environment_folder_and_session_are_as_asked()
    {
        var output = Run("pwd; printenv ONLY; printenv HOME; cut -d' ' -f1,5,6 /proc/$$/stat", request => request with
        {
            Environment = [new("ONLY", "thîs one"), new("PATH", "/usr/bin:/bin")],
            WorkingDirectory = "/usr",
            NewSession = true,
        });
        var lines = output.Split('\n');
        Assert.Equal(["/usr", "thîs one"], lines[..2]);
        var ids = lines[2].Split(' ');
        Assert.Equal([ids[0], ids[0]], ids[1..]); // leads its group and its session
    }

    [Fact]
    public void A_group_of_its_own_is_named_by_its_pid()
    {
        var ids = Run("cut -d' ' -f1,5 /proc/$$/stat", request => request with { NewProcessGroup = true }).Split(' ');
        Assert.Equal(ids[0], ids[1]);
    }

    [Fact]
    public void No_signal_is_blocked_or_ignored()
    {
        // cat, since a shell sets its own: it is a child of the shell, which passes on what it got
        foreach (var line in Run("cat /proc/self/status | grep -E '^Sig(Blk|Ign)'").Split('\n'))
        {
            // glibc's posix_spawn leaves the two signals of its own thread library, 32 and 33, ignored
            var signals = Convert.ToUInt64(line.Split('\t')[1], 16) & ~0x1_8000_0000UL;
            Assert.Equal(0UL, signals);
        }
    }

    [Theory]
    [InlineData("/nowhere/at/all", Errno.ENOENT)]
    [InlineData("/etc/passwd", Errno.EACCES)]
    [InlineData("/usr", Errno.EACCES)]
    public void A_program_that_cannot_start_is_an_error_here_and_leaves_no_child(string path, int errno)
    {
        var e = Assert.Throws<PlatformException>(() => ProcessSpawner.Spawn(new SpawnRequest { Path = path, Arguments = [path] }));
        Assert.Equal(errno, e.Errno);
    }

    [Fact]
    public void A_pidfd_outlives_its_process()
    {
        var pid = Shell("exit 0");
        using var pidFd = PidFd.TryOpen(pid);
        Assert.NotNull(pidFd);
        ChildProcesses.Reap(pid);
        Assert.False(PidFd.Send(pidFd, Signal.SIGKILL));
    }

    [Fact]
    public void Ended_children_keep_their_pid_until_they_are_reaped()
    {
        var pid = Shell("exit 3");
        Assert.True(SpinWait.SpinUntil(() => ProcessStat.TryRead(pid) is { HasEnded: true }, TimeSpan.FromSeconds(30)));
        Assert.Equal(3, ChildProcesses.TryReap(pid)?.ExitCode);
        Assert.Null(ProcessStat.TryRead(pid));
    }

    [Theory]
    [InlineData("12 (a b) c) S 1 12 12 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 777 1 1", 12, 'S', 777UL)]
    [InlineData("7 () Z 3 7 7 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 5 1 1", 7, 'Z', 5UL)]
    public void Names_with_parentheses_do_not_confuse(string line, int pid, char state, ulong start)
    {
        var stat = ProcessStat.Parse(line);
        Assert.Equal((pid, state, start), (stat!.Value.Pid, stat.Value.State, stat.Value.StartTimeTicks));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1 (x")]
    [InlineData("1 (x)")]
    [InlineData("1 (x) S 1")]
    [InlineData("x (x) S 1 12 12 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 777 1 1")]
    public void A_torn_line_is_no_process(string line) => Assert.Null(ProcessStat.Parse(line));

    [Fact]
    public void Signals_cannot_be_sent_to_everybody_by_mistake()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Signal.Send(0, Signal.SIGKILL));
        Assert.Throws<ArgumentOutOfRangeException>(() => Signal.Send(-1, Signal.SIGKILL));
        Assert.Throws<ArgumentOutOfRangeException>(() => Signal.SendToGroup(1, Signal.SIGKILL));
    }

    [Fact]
    public void Limits_have_names()
    {
        Assert.True(ResourceLimits.Get("nofile").Soft > 0);
        Assert.Equal(Errno.EINVAL, Assert.Throws<PlatformException>(() => ResourceLimits.Get("nofiles")).Errno);
    }

    private static int Shell(string script) =>
        ProcessSpawner.Spawn(new SpawnRequest { Path = "/bin/sh", Arguments = ["sh", "-c", script] });

    private static string Run(string script, Func<SpawnRequest, SpawnRequest>? adjust = null)
    {
        var pipe = FileDescriptors.CreatePipe();
        var request = new SpawnRequest
        {
            Path = "/bin/sh",
            Arguments = ["sh", "-c", script],
            Descriptors = [(1, pipe.WriteEnd)],
            Environment = [new("PATH", "/usr/bin:/bin")],
        };
        var pid = ProcessSpawner.Spawn(adjust?.Invoke(request) ?? request);
        pipe.WriteEnd.Dispose();
        var output = ReadToEnd(pipe.ReadEnd);
        ChildProcesses.Reap(pid);
        return output;
    }

    private static string ReadToEnd(SafeFileHandle pipe)
    {
        using var stream = new FileStream(pipe, FileAccess.Read, 1);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().TrimEnd();
    }
}
