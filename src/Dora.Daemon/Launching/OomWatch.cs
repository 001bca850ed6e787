// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Dora.Daemon.Core;
using Dora.Platform.Processes;

namespace Dora.Daemon.Launching;

/// <summary>Finds out whether it was the kernel's want of memory that killed a node. Threading: the daemon's thread.</summary>
/// <remarks>
/// <para>Nodes live in the daemon's control group, which counts the kernel's kills for memory but not whom they hit. So this is circumstantial: a node
/// died of a SIGKILL that dora did not send, and the count went up by one that no other node's death has explained. A process of the group that is no
/// node and was killed for memory before can be mistaken for it. A node that moves itself to another group is not seen.</para>
/// <para>Where the group has no count, the machine's only tells when it was <em>not</em> memory.</para>
/// </remarks>
internal sealed class OomWatch
{
    private readonly ControlGroup? _group;
    private readonly Func<long?> _groupKills;
    private readonly Func<long?> _machineKills;
    private long? _explainedInGroup;
    private readonly long? _machineKillsAtStart;

    public OomWatch()
        : this(ControlGroup.TryFindMemory())
    {
    }

    private OomWatch(ControlGroup? group)
        : this(() => group?.OomKills(), ControlGroup.OomKillsOfMachine) => _group = group;

    internal OomWatch(Func<long?> groupKills, Func<long?> machineKills)
    {
        _groupKills = groupKills;
        _machineKills = machineKills;
        _explainedInGroup = groupKills();
        _machineKillsAtStart = machineKills();
    }

    /// <summary>Adds what is known to the status of a node that died of a SIGKILL that dora did not send.</summary>
    public ExitStatus Explain(ExitStatus status)
    {
        if (_groupKills() is { } kills && _explainedInGroup is { } explained)
        {
            if (kills <= explained)
                return status with { ForeignKill = ForeignKill.NotForMemory };
            _explainedInGroup = explained + 1;
            return status with { OutOfMemory = Limit() };
        }

        var isSame = _machineKills() is { } now && now == _machineKillsAtStart;
        return status with { ForeignKill = isSame ? ForeignKill.NotForMemory : ForeignKill.PerhapsForMemory };
    }

    private string Limit() => _group?.LimitBytes() is { } bytes
        ? string.Create(CultureInfo.InvariantCulture, $"limit {bytes / (double)(1 << 20):0.#} MiB")
        : "no limit but the machine's";
}
