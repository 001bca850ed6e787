// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon.Core;
using Dora.Daemon.Launching;
using Dora.Daemon.Logs;
using Dora.Dataflows.Graph;
using Dora.Platform.Sockets;
using Dora.Protocol;
using Dora.Protocol.Messages;

namespace Dora.Daemon.Shell;

// What nodes, their processes and their logs tell.
internal sealed partial class DataflowShell
{
    LiveNode? INodeRegistry.Expect(NodeId node, out string refusal)
    {
        if (_core.ExpectedIncarnation(node, out refusal) is not { } who)
            return null;
        if (_live.TryGetValue(node, out var live) && live.Who == who)
            return live;
        return Renew(who); // a dynamic node: it comes to life by connecting
    }

    IFrameHandler INodeRegistry.Welcome(LiveNode node)
    {
        var welcome = new Welcome
        {
            Version = ProtocolVersions.Current(),
            Config = NodeConfigs.Of(node, _graph, _id, _stateFolders),
            Fds = 1,
        };
        node.Send(new DaemonToNode { Welcome = welcome }, [node.Doorbell]);
        Apply(new DaemonEvent.NodeConnected(node.Who));
        return new NodeFrames(this, node);
    }

    void ILogSink.OnEntry(LogEntry entry, ReadOnlySpan<byte> json)
    {
        foreach (var line in entry.ToLines())
            _observer.LogLine(line);
        _logTopics.Publish(entry, json);
    }

    void ILogSink.PublishOutput(NodeId node, DataId output, ReadOnlySpan<byte> utf8) =>
        _logTopics.Publish(new OutputId(node, output), utf8);

    private void OnFrame(LiveNode node, NodeToDaemon message)
    {
        if (_rules.WhyBroken(node, message) is { } broken)
        {
            EndSession(node, broken);
            return;
        }

        if (!FrameRules.Counts(node, message))
            return;
        switch (message.BodyCase)
        {
            case NodeToDaemon.BodyOneofCase.Ready:
                node.IsReady = true;
                Apply(new DaemonEvent.NodeReady(node.Who));
                break;
            case NodeToDaemon.BodyOneofCase.RequestSegment:
                _segments.Request(node, message.RequestSegment);
                break;
            case NodeToDaemon.BodyOneofCase.SegmentMapped:
                _segments.Mapped(node, message.SegmentMapped.SegmentId);
                break;
            case NodeToDaemon.BodyOneofCase.RetireSegment:
                _segments.Retire(node, message.RetireSegment.SegmentId);
                break;
            case NodeToDaemon.BodyOneofCase.CloseOutputs:
                Apply(new DaemonEvent.OutputsClosed(node.Who, [.. message.CloseOutputs.OutputIds.Select(id => new DataId(id))]));
                break;
            case NodeToDaemon.BodyOneofCase.Log:
                _nodeLogs[node.Who.Node].Log(message.Log);
                break;
            case NodeToDaemon.BodyOneofCase.PeerFault:
                Apply(new DaemonEvent.EdgeFaulted(new EdgeId(message.PeerFault.EdgeId), node.Who.Node, FrameRules.Text(message.PeerFault.Reason)));
                break;
            case NodeToDaemon.BodyOneofCase.Goodbye:
                node.SaidGoodbye = true;
                Apply(new DaemonEvent.Goodbye(node.Who));
                break;
            case NodeToDaemon.BodyOneofCase.Heartbeat:
                Apply(new DaemonEvent.Heartbeat(node.Who));
                break;
            case NodeToDaemon.BodyOneofCase.JoinReport:
                _edges.Joins.Set(node.Who.Node, node.Who.Number, message.JoinReport);
                break;
            case NodeToDaemon.BodyOneofCase.OperatorReport:
                var report = message.OperatorReport;
                _edges.CountSiblings(node, report);
                if (report.Timing is { } timing)
                    _timings.Set(node.Who.Node, new OperatorId(report.OperatorId), node.Who.Number, timing);
                Apply(new DaemonEvent.OperatorReported(
                    node.Who, new OperatorId(report.OperatorId), report.State, FrameRules.Text(report.Message), (int)report.Restarts));
                break;
        }
    }

    /// <summary>The node broke a rule: it is cut off, and what becomes of its process is the core's to decide.</summary>
    private void EndSession(LiveNode node, string broken)
    {
        node.BrokenRule = broken;
        Warn($"node '{node.Who.Node}' {broken}; its session is ended");
        node.Connection?.Close();
    }

    private void OnProcessGone(Incarnation who, DaemonEvent last)
    {
        if (_processes.Remove(who, out var process))
            process.Dispose();
        if (Find(who) is { } node)
        {
            node.Connection?.ReceiveRest(); // last words: log records, reports, counts
            node.IsGone = true;
            node.Connection?.Close();
        }

        Apply(last);
        if (_live.TryGetValue(who.Node, out var gone) && gone.Who == who)
        {
            _edges.Forget(gone);
            _segments.Forget(gone);
        }
    }

    /// <summary>Hears a node's connection.</summary>
    private sealed class NodeFrames(DataflowShell shell, LiveNode node) : IFrameHandler
    {
        public void OnFrame(FrameConnection connection, ReadOnlySpan<byte> frame)
        {
            if (node.BrokenRule is not null)
                return; // was under way already
            try
            {
                shell.OnFrame(node, MessageDecoder.DecodeNodeToDaemon(frame));
            }
            catch (ProtocolException e)
            {
                shell.EndSession(node, $"sent what is no message: {FrameRules.Text(e.Message)}");
            }
        }

        public void OnEnd(FrameConnection connection, FrameException? fault)
        {
            if (fault?.Fault is FrameFault.TooLong or FrameFault.TooManyDescriptors)
                shell.EndSession(node, $"broke the framing: {fault.Message}");
            else if (fault is not null && !node.IsGone && fault.Fault != FrameFault.PeerGone)
                shell.Warn($"the connection of node '{node.Who.Node}' was closed: {fault.Message}");
            var end = new DaemonEvent.NodeDisconnected(node.Who) { BrokenRule = node.BrokenRule };
            if (node.Spec.Kind == NodeKind.Dynamic)
                shell.OnProcessGone(node.Who, end);
            else
                shell.Apply(end);
        }
    }

    /// <summary>Hears the launcher of one incarnation.</summary>
    private sealed class ProcessEvents(DataflowShell shell, Incarnation who) : INodeProcessListener
    {
        public void Launched(NodeProcess process, int pid) => shell.Apply(new DaemonEvent.NodeLaunched(who, pid));

        public void LaunchFailed(NodeProcess process, int errno, string message) =>
            shell.OnProcessGone(who, new DaemonEvent.NodeLaunchFailed(who, message));

        public void Exited(NodeProcess process, ExitStatus status, int orphansKilled)
        {
            var log = shell._nodeLogs[who.Node];
            log.Drain(); // its last words are evidence
            if (status.Signal == Core.Signals.Kill && !process.WasKilled)
                status = shell._oom.Explain(status);
            if (status.Signal != 0 && shell.Find(who) is { } dead)
                status = status with { RunningOperator = dead.RunningOperator() };
            shell.OnProcessGone(who, new DaemonEvent.NodeExited(who, status, log.ErrorTail));
        }

        public void LauncherLost(NodeProcess process, string message)
        {
            shell._nodeLogs[who.Node].Drain();
            shell.OnProcessGone(who, new DaemonEvent.LauncherLost(who));
        }
    }
}
