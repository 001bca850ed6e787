// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon.Core;
using Dora.Daemon.Shell;
using Dora.Dataflows.Graph;
using Dora.Protocol;
using Dora.SharedMemory;
using Microsoft.Win32.SafeHandles;

namespace Dora.Daemon.Edges;

/// <summary>One edge: its ends, its memory.</summary>
/// <param name="id">Never used twice.</param>
/// <param name="publisher">Null: the daemon itself.</param>
/// <param name="subscriber">Who reads.</param>
/// <param name="input">The subscriber's input.</param>
/// <param name="memory">Owned by the board.</param>
internal sealed class Edge(EdgeId id, LiveNode? publisher, LiveNode subscriber, GraphInput input, SafeFileHandle memory)
{
    private EdgeCounters _counters;

    public EdgeId Id { get; } = id;
    public LiveNode? Publisher { get; } = publisher;
    public LiveNode Subscriber { get; } = subscriber;
    public GraphInput Input { get; } = input;
    public SafeFileHandle Memory { get; } = memory;
    public InputId Target { get; } = new(subscriber.Who.Node, input.Id);

    /// <summary>The publisher's output; null for timers and logs.</summary>
    public OutputId? Output { get; } = input.Source is InputSource.Node(var output) ? output : null;

    /// <summary>The sending end, when it is the daemon.</summary>
    public LocalEdge? Local { get; set; }

    /// <summary>Both ends were told; the subscriber may still be draining it.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Counters now; those of a hostile end may be nonsense. The last ones that could be read, if an end has overwritten the memory.</summary>
    public EdgeCounters Counters()
    {
        try
        {
            _counters = EdgeMemory.ReadCounters(Memory);
        }
        catch (SharedMemoryFormatException)
        {
            // An end that does this to itself must not end the dataflow.
        }

        if (Local is null)
            return _counters;
        var (full, pool) = (Local.RefusedFull, Local.RefusedPool);
        return _counters with
        {
            Sent = _counters.Sent + full + pool,
            DroppedFull = _counters.DroppedFull + full,
            DroppedPool = _counters.DroppedPool + pool,
        };
    }
}
