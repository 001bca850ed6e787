// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon.Core;
using Dora.Daemon.Launching;

namespace Dora.UnitTests.Launching;

public sealed class OomWatchTests
{
    private static readonly ExitStatus Killed = new(0, 9);
    private long? _group = 3;
    private long? _machine = 70;

    [Fact]
    public void Each_kill_for_memory_explains_one_death()
    {
        var watch = Create();
        Assert.Equal("killed (SIGKILL), not by dora", watch.Explain(Killed).ToString());

        _group = 5;

        Assert.Equal("killed by the kernel: out of memory (no limit but the machine's)", watch.Explain(Killed).ToString());
        Assert.NotNull(watch.Explain(Killed).OutOfMemory);
        Assert.Equal("killed (SIGKILL), not by dora", watch.Explain(Killed).ToString());
    }

    [Fact]
    public void The_machines_count_alone_can_only_rule_memory_out()
    {
        _group = null;
        var watch = Create();
        Assert.Equal("killed (SIGKILL), not by dora", watch.Explain(Killed).ToString());

        _machine++;

        Assert.Equal("killed (SIGKILL), not by dora; perhaps out of memory", watch.Explain(Killed).ToString());
    }

    [Fact]
    public void Where_nobody_counts_nothing_is_claimed()
    {
        _group = _machine = null;
        Assert.Equal("killed (SIGKILL), not by dora; perhaps out of memory", Create().Explain(Killed).ToString());
    }

    private OomWatch Create() => new(() => _group, () => _machine);
}
