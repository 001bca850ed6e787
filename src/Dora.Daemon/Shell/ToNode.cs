// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon.Core;
using Dora.Protocol;
using Dora.Protocol.Messages;

namespace Dora.Daemon.Shell;

/// <summary>Effects as messages.</summary>
internal static class ToNode
{
    public static DaemonToNode Start() => new() { Start = new Start() };

    public static DaemonToNode WiringDone() => new() { WiringDone = new WiringDone() };

    public static DaemonToNode InputClosed(DataId input, string reason) =>
        new() { InputClosed = new InputClosed { InputId = input.Value, Reason = reason } };

    public static DaemonToNode InputRecovered(DataId input) => new() { InputRecovered = new InputRecovered { InputId = input.Value } };

    public static DaemonToNode Stop(StopCause cause, TimeSpan? grace) =>
        new() { Stop = new Stop { Cause = cause, GraceMs = (uint)Math.Clamp(grace?.TotalMilliseconds ?? 0, 0, uint.MaxValue) } };

    public static DaemonToNode Reload(OperatorId op, string source) => new() { Reload = new Reload { OperatorId = op.Value, Source = source } };

    public static DaemonToNode NodeRestarted(NodeId node) => new() { NodeRestarted = new NodeRestarted { NodeId = node.Value } };

    public static DaemonToNode NodeFailed(Effect.SendNodeFailed failed)
    {
        var message = new NodeFailed { Error = failed.Error, SourceNodeId = failed.Source.Value };
        message.AffectedInputIds.AddRange(failed.AffectedInputs.Select(i => i.Value));
        return new DaemonToNode { NodeFailed = message };
    }
}
