// SPDX-License-Identifier: Apache-2.0

using Dora.Platform.Memory;

namespace Dora.UnitTests.Platform.Memory;

public sealed class AvailableMemoryTests
{
    [Fact]
    public void This_machine_has_some() => Assert.InRange(AvailableMemory.Bytes, 1 << 20, 1L << 50);

    [Fact]
    public void The_machines_memory_is_read_from_its_line()
    {
        Assert.Equal(23115248L * 1024, AvailableMemory.ParseMemInfo("MemTotal: 24684084 kB\nMemAvailable:   23115248 kB\n"));
        Assert.Equal(long.MaxValue, AvailableMemory.ParseMemInfo(""));
        Assert.Equal(long.MaxValue, AvailableMemory.ParseMemInfo("MemAvailable: much kB"));
    }

    [Fact]
    public void Groups_of_both_versions_are_found()
    {
        var files = AvailableMemory.GroupFiles("4:memory:/a/b\n1:cpu,cpuacct:/c\n0::/d\n7:name=systemd:/\nnonsense\n").ToArray();
        Assert.Equal(
        [
            ("/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "/sys/fs/cgroup/memory/a/b/memory.usage_in_bytes",
                "/sys/fs/cgroup/memory/a/b/memory.stat"),
            ("/sys/fs/cgroup/d/memory.max", "/sys/fs/cgroup/d/memory.current", "/sys/fs/cgroup/d/memory.stat"),
        ], files);
    }

    [Fact]
    public void File_cache_does_not_count_as_used() =>
        Assert.Equal(30, AvailableMemory.ParseFileCache("anon 5\nfile 9\ninactive_file 10\nactive_file 20\nshmem 3\n"));
}
