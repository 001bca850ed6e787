// SPDX-License-Identifier: Apache-2.0

namespace Dora.Daemon.Core;

/// <summary>Why a node may need attention at a certain time.</summary>
internal enum Deadline
{
    /// <summary>It is not ready in time.</summary>
    Startup,

    /// <summary>Its event loop gave no sign of life.</summary>
    Health,

    /// <summary>All its inputs are closed and it lives on.</summary>
    Finish,

    /// <summary>The delay before its restart is over.</summary>
    Restart,

    /// <summary>The next stage of its <see cref="StopSequence"/>.</summary>
    Stop,
}

/// <summary>The deadlines of one node, at most one of each kind.</summary>
internal sealed class Deadlines
{
    private static readonly int Kinds = Enum.GetValues<Deadline>().Length;
    private readonly long[] _atNs = new long[Kinds];

    public Deadlines() => ClearAll();

    public long this[Deadline kind] => _atNs[(int)kind];

    public bool IsArmed(Deadline kind) => this[kind] != Durations.Never;

    public void Arm(Deadline kind, long atNs) => _atNs[(int)kind] = atNs;

    public void Clear(Deadline kind) => _atNs[(int)kind] = Durations.Never;

    public void ClearAll() => Array.Fill(_atNs, Durations.Never);

    public void ClearAllBut(Deadline kind)
    {
        var atNs = this[kind];
        ClearAll();
        Arm(kind, atNs);
    }

    /// <summary>The earliest one; its time is <see cref="Durations.Never"/> if none is armed.</summary>
    public (long AtNs, Deadline Kind) Next()
    {
        var kind = 0;
        for (var i = 1; i < Kinds; i++)
        {
            if (_atNs[i] < _atNs[kind])
                kind = i;
        }
        return (_atNs[kind], (Deadline)kind);
    }
}
