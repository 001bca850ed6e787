// SPDX-License-Identifier: Apache-2.0

using Dora.SharedMemory;

namespace Dora.SimulationTests.Rings;

/// <summary>What a thread does to shared memory in one step.</summary>
internal enum AccessKind
{
    Read,
    Write,
    Exchange,
    Increment,
    Or,
    Clear,
    Fence,
    Sleep,
    Wake,
    Lock,
    Unlock,
}

/// <summary>One step of a thread: announced first, done when the explorer says so.</summary>
/// <param name="Kind">What.</param>
/// <param name="Place">Where: a number that the model gives to an address; -1 for a fence.</param>
/// <param name="Value">What is stored, or what a sleeper expects to find.</param>
/// <param name="Expected">What an exchange replaces.</param>
/// <param name="IsOrdered">Whether a load acquires or a store releases.</param>
/// <param name="Cell">The whole cell of which a store writes a part.</param>
internal readonly record struct Access(AccessKind Kind, int Place, ulong Value = 0, ulong Expected = 0, bool IsOrdered = true, StoredCell? Cell = null)
{
    internal bool IsWrite => Kind is not (AccessKind.Read or AccessKind.Fence);

    /// <summary>Whether it takes part in the one order of all full fences.</summary>
    internal bool IsFence => Kind is AccessKind.Fence or AccessKind.Exchange or AccessKind.Increment or AccessKind.Or or AccessKind.Clear or AccessKind.Sleep or AccessKind.Wake;

    /// <summary>Whether the order of the two can matter.</summary>
    /// <param name="other">The other, of another thread.</param>
    /// <param name="fencesMatter">Whether fences do anything in this memory.</param>
    internal bool DependsOn(in Access other, bool fencesMatter) =>
        (fencesMatter && IsFence && other.IsFence)
        || (Place >= 0 && Place == other.Place && (Kind, other.Kind) switch
        {
            (AccessKind.Read, AccessKind.Read) or (AccessKind.Wake, AccessKind.Wake) => false,
            (AccessKind.Wake, _) => other.Kind == AccessKind.Sleep,
            (_, AccessKind.Wake) => Kind == AccessKind.Sleep,
            _ => true,
        });
}

/// <summary>A cell as it was stored; a torn read takes parts of two of them.</summary>
internal sealed record StoredCell(EdgeCell Cell);
