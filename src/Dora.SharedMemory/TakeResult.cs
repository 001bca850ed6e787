// SPDX-License-Identifier: Apache-2.0

namespace Dora.SharedMemory;

/// <summary>What became of an attempt to take a message from an edge.</summary>
internal enum TakeResult
{
    Taken,

    /// <summary>Nothing there.</summary>
    Empty,

    /// <summary>The oldest message lies in a segment that was not added yet. It stays in the queue.</summary>
    MissingSegment,

    /// <summary>The publisher broke the rules; for good.</summary>
    Fault,
}
