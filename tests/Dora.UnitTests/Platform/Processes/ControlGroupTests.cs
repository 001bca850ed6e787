// SPDX-License-Identifier: Apache-2.0

using Dora.Platform.Processes;

namespace Dora.UnitTests.Platform.Processes;

public sealed class ControlGroupTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("dora-test-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Version_2_counts_kills_and_the_tightest_limit_above_holds()
    {
        Write("proc/self/cgroup", "0::/user.slice/run.scope\n");
        Write("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n");
        Write("sys/fs/cgroup/user.slice/memory.max", "536870912\n");
        Write("sys/fs/cgroup/user.slice/run.scope/memory.max", "max\n");
        Write("sys/fs/cgroup/user.slice/run.scope/memory.events", "low 0\nhigh 0\nmax 12\noom 2\noom_kill 1\noom_group_kill 0\n");

        var group = ControlGroup.TryFind("memory", _root.FullName)!;

        Assert.Equal(1, group.OomKills());
        Assert.Equal(512 << 20, group.LimitBytes());
    }

    [Fact]
    public void Version_1_is_preferred_where_it_has_the_controller()
    {
        Write("proc/self/cgroup", "8:pids:/\n4:cpu,memory:/process/one\n0::/\n");
        Write("proc/self/mountinfo", "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,cpu,memory\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        Write("sys/fs/cgroup/memory/process/one/memory.limit_in_bytes", "268435456\n");
        Write("sys/fs/cgroup/memory/process/one/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 7\n");

        var group = ControlGroup.TryFind("memory", _root.FullName)!;

        Assert.Equal(7, group.OomKills());
        Assert.Equal(256 << 20, group.LimitBytes());
    }

    [Fact]
    public void Processes_are_bounded_by_a_group_of_their_own()
    {
        Write("proc/self/cgroup", "8:pids:/a\n0::/\n");
        Write("proc/self/mountinfo", "39 31 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n");
        Write("sys/fs/cgroup/pids/a/pids.max", "max\n");
        Assert.Null(ControlGroup.TryFind("pids", _root.FullName)!.LimitTasks());

        Write("sys/fs/cgroup/pids/a/pids.max", "500\n");
        Assert.Equal(500, ControlGroup.TryFind("pids", _root.FullName)!.LimitTasks());
    }

    [Fact]
    public void In_a_container_the_mount_point_is_the_group()
    {
        Write("proc/self/cgroup", "4:memory:/docker/0123\n");
        Write("proc/self/mountinfo", "35 31 0:32 /docker/0123 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
        Write("sys/fs/cgroup/memory/memory.oom_control", "oom_kill 2\n");
        Assert.Equal(2, ControlGroup.TryFind("memory", _root.FullName)!.OomKills());

        Write("proc/self/mountinfo", "35 31 0:32 / /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"); // the host's path is not visible
        Assert.Equal(2, ControlGroup.TryFind("memory", _root.FullName)!.OomKills());
    }

    [Fact]
    public void What_is_not_there_is_not_known()
    {
        Assert.Null(ControlGroup.TryFind("memory", _root.FullName));
        Write("proc/self/cgroup", "0::/\n");
        Write("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\nnonsense\n");
        Directory.CreateDirectory(Path.Combine(_root.FullName, "sys/fs/cgroup"));

        var group = ControlGroup.TryFind("memory", _root.FullName)!;

        Assert.Null(group.OomKills());
        Assert.Null(group.LimitBytes());
    }

    private void Write(string file, string text)
    {
        var path = Path.Combine(_root.FullName, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
