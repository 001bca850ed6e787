// SPDX-License-Identifier: Apache-2.0

namespace Dora.Platform.Memory;

/// <summary>What can no longer be done to a memfd, by anybody (fcntl(2), F_ADD_SEALS).</summary>
[Flags]
public enum MemFdSeals
{
    None = 0,

    /// <summary>No further seals.</summary>
    Seal = 0x1,

    /// <summary>It keeps at least its length: no SIGBUS through truncation.</summary>
    Shrink = 0x2,

    /// <summary>It keeps at most its length: a peer can't eat memory through it.</summary>
    Grow = 0x4,

    /// <summary>Nobody writes, and no writable mapping exists.</summary>
    Write = 0x8,

    /// <summary>No new writable mapping; those that exist go on writing.</summary>
    FutureWrite = 0x10,

    /// <summary>It can't be made executable.</summary>
    Exec = 0x20,
}
