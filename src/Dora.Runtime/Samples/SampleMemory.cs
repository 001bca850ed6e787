// SPDX-License-Identifier: Apache-2.0

using System.Buffers;

namespace Dora.Runtime.Samples;

/// <summary>The payload of a sibling's message as memory that notices when the message was given back: what its Arrow arrays are made of.</summary>
internal sealed class SampleMemory(OwnedSample owner, uint generation) : MemoryManager<byte>
{
    /// <summary>The payload, for reading only: Apache.Arrow's buffers hand out nothing else.</summary>
    public override Span<byte> GetSpan() => owner.Use(generation);

    /// <summary>Keeps the payload in place; not watched while it is pinned.</summary>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        owner.Use(generation);
        return owner.Data[elementIndex..].Pin();
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
