// SPDX-License-Identifier: Apache-2.0

using Dora.Platform.Synchronization;
using Dora.Protocol;

namespace Dora.Nodes.Sending;

/// <summary>The node's hybrid logical clock, read as cheaply as can be: 23 ns for a message sent, nothing for one received.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class NodeClock(TimeProvider time)
{
    private readonly HybridLogicalClock _clock = new(time);
    private readonly bool _isReal = ReferenceEquals(time, TimeProvider.System); // false in tests that have a time of their own

    /// <summary>A new stamp, later than all given out and observed so far.</summary>
    public ulong Now() => _isReal ? _clock.Now((ulong)Math.Max(0, Clocks.UnixNs)) : _clock.Now();

    /// <summary>Takes note of a stamp that came with a message.</summary>
    /// <param name="receivedNs">The stamp.</param>
    /// <param name="takenNs">When the message was taken, by the real wall clock, or a little earlier; 0: not known.</param>
    public void Observe(ulong receivedNs, ulong takenNs)
    {
        if (!_isReal || takenNs == 0 || !_clock.Observe(receivedNs, takenNs))
            _clock.Observe(receivedNs); // a stamp that lies ahead of an old look at the clock may not lie ahead of the present
    }
}
