// SPDX-License-Identifier: Apache-2.0

namespace Dora.SharedMemory;

/// <summary>One segment of a publisher's pool: its memory and its book.</summary>
/// <remarks>Threading: under the publisher's lock, except that a loan's holder writes into its slot.</remarks>
internal sealed class PoolSegment(WritableSegment memory, int edgeCapacity)
{
    internal WritableSegment Memory { get; } = memory;

    internal SlotBook Book { get; } = new(memory.SlotCount, edgeCapacity);

    /// <summary>Whether a slot was lent since the pool last looked for idle segments.</summary>
    internal bool WasUsed { get; set; } = true;

    internal bool IsIdle => Book.FreeCount == Book.SlotCount;
}
