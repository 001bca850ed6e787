// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;

namespace Dora.Nodes.Sending;

/// <summary>What all outputs of a node share.</summary>
internal sealed class SendContext(HybridLogicalClock clock, Action<string> reportClosed)
{
    private volatile bool _stopping; // set by the control thread

    /// <summary>Stamps messages.</summary>
    public HybridLogicalClock Clock { get; } = clock;

    /// <summary>Whether senders shall no longer wait for full queues.</summary>
    public bool IsStopping => _stopping;

    /// <summary>Tells the daemon that an output ends.</summary>
    public void ReportClosed(string outputId) => reportClosed(outputId);

    /// <summary>Ends all waiting.</summary>
    public void Stop() => _stopping = true;
}
