// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Graph;
using Dora.Protocol;

namespace Dora.Daemon.Core;

/// <summary>One input of one node: open (has an edge), waiting (may get one) or closed.</summary>
internal sealed class InputState(NodeState subscriber, GraphInput spec, NodeState? publisher)
{
    public NodeState Subscriber => subscriber;
    public GraphInput Spec => spec;
    public DataId Id => spec.Id;

    /// <summary>Null: the daemon itself (timers, logs).</summary>
    public NodeState? Publisher => publisher;

    public bool IsTimer => spec.Source is InputSource.Timer;
    public bool IsLogs => spec.Source is InputSource.Logs;

    /// <summary>
    /// It reads what a node prints or logs (send_stdout_as, send_logs_as): the daemon sends it, for all incarnations of the node.
    /// </summary>
    public bool IsRelayed { get; } = publisher is not null && spec.Source is InputSource.Node(var read)
        && (publisher.Spec.Logs.SendStdoutAs == read.Output || publisher.Spec.Logs.SendLogsAs == read.Output);

    /// <summary>Whose process sends on the edge.</summary>
    public Incarnation Sender => IsRelayed || publisher is null ? Incarnation.Dora : publisher.Who;

    /// <summary>The output that it reads; null for timers and logs.</summary>
    public DataId? Output => (spec.Source as InputSource.Node)?.Output.Output;

    /// <summary>Set while open.</summary>
    public EdgeId? Edge { get; set; }

    public bool IsClosed => CloseReason is not null;

    /// <summary>Why it is closed; null: it is not.</summary>
    public string? CloseReason { get; set; }

    /// <summary>Whether this incarnation of the subscriber was told.</summary>
    public bool ToldClosed { get; set; }

    /// <summary>For a fresh subscriber: closed only if nothing can come any more.</summary>
    public void Reset()
    {
        ToldClosed = false;
        if (publisher is null)
            return; // timers never close for good; logs once they did, did so for everybody
        CloseReason = publisher.IsOver ? $"'{publisher.Id}' has ended"
            : !IsRelayed && Output is { } output && publisher.HasClosed(output) ? $"'{publisher.Id}' closed its output '{output}'"
            : null;
    }
}
