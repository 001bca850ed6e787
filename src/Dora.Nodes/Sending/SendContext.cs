// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes.Receiving;

namespace Dora.Nodes.Sending;

/// <summary>What all outputs of a node share.</summary>
internal sealed class SendContext(NodeClock clock, TimeProvider time, NodeConfig config, Action<string> reportClosed)
{
    private volatile bool _stopping; // set by the control thread

    /// <summary>Stamps messages.</summary>
    public NodeClock Clock { get; } = clock;

    /// <summary>Tells how long somebody waits.</summary>
    public MonotonicClock Monotonic { get; } = new(time);

    /// <summary>Id of the node, for messages to people.</summary>
    public string NodeId => config.Wire.NodeId;

    /// <summary>Bound on the memory of all outputs together.</summary>
    public long PoolBytesMax => config.PoolBytesMax;

    /// <summary>Writes a warning to the node's log; set before anything is sent.</summary>
    public Action<string>? Warn { get; set; }

    /// <summary>Whether senders shall no longer wait for full queues.</summary>
    public bool IsStopping => _stopping;

    /// <summary>Tells the daemon that an output ends.</summary>
    public void ReportClosed(string outputId) => reportClosed(outputId);

    /// <summary>Ends all waiting.</summary>
    public void Stop() => _stopping = true;
}
