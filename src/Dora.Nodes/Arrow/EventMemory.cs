// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Runtime.InteropServices;

namespace Dora.Nodes.Arrow;

/// <summary>The payload of one event as memory that notices when the event was given back: what the buffers of its Arrow arrays are made of.</summary>
/// <remarks>
/// An <c>ArrowBuffer</c> over memory does not own it, and nobody disposes arrays reliably; so arrays live as long as their event, and
/// reading one afterwards throws instead of showing another message's bytes.
/// </remarks>
internal sealed class EventMemory(InputEvent owner, uint generation) : MemoryManager<byte>
{
    /// <summary>The payload, for reading only: Apache.Arrow's buffers hand out nothing else.</summary>
    public override Span<byte> GetSpan()
    {
        var payload = owner.Use(generation).Payload;
        return MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(payload), payload.Length);
    }

    /// <summary>The address, for Arrow's C export: shared memory does not move.</summary>
    public override MemoryHandle Pin(int elementIndex = 0) => owner.Use(generation).PayloadMemory[elementIndex..].Pin();

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
