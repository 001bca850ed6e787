// SPDX-License-Identifier: Apache-2.0

namespace Dora.Storage;

/// <summary>How a store is opened.</summary>
public sealed record StoreOptions
{
    /// <summary>Bound on the file, bytes. A change is written beside what it replaces, and what anybody still reads is kept, so
    /// allow for three times what is stored at least, and for all that is written while a reader waits for a processor.</summary>
    public long FileBytesMax { get; init; } = 256L << 20;

    /// <summary>What a commit withstands.</summary>
    public StoreDurability Durability { get; init; } = StoreDurability.Machine;

    /// <summary>Whether the store is opened to read what another process writes. The file must exist.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Processes and threads that may read at the same time.</summary>
    public int ReadersMax { get; init; } = 126;
}

/// <summary>What a committed change survives.</summary>
public enum StoreDurability
{
    /// <summary>The death of the process, however it dies. A crash of the machine may damage the whole file: for what ends with the machine anyway.</summary>
    Process,

    /// <summary>A crash of the machine too: a commit waits for the disk.</summary>
    Machine,
}
