// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;
using Dora.Protocol.Messages;
using NodeConfig = Dora.Protocol.Messages.NodeConfig;
using StopCause = Dora.Nodes.StopCause;

namespace Dora.Runtime.Port;

/// <summary>The real thing: a node that is connected to its daemon. The node stays its creator's to dispose.</summary>
internal sealed class NodePort(DoraNode node) : INodePort, IDisposable
{
    private readonly NodeSamplePool _samples = new();
    private CancellationTokenSource _wake = new(); // replaced by the scheduler after it was cancelled; those have no timer and need no Dispose

    public NodeConfig Config => node.Config.Wire;

    public PortEvent Receive(TimeSpan timeout)
    {
        var wake = _wake;
        var e = node.Recv(timeout, wake.Token);
        if (wake.IsCancellationRequested)
        {
            Volatile.Write(ref _wake, new CancellationTokenSource()); // who still cancels the old one has posted already, and is seen next
        }

        return e switch
        {
            null => new PortEvent(node.HasEnded ? PortEventKind.Ended : PortEventKind.None),
            InputEvent input => new PortEvent(PortEventKind.Input, input.Id, _samples.Rent(input.Retain())),
            InputClosedEvent closed => new PortEvent(closed.IsTimeout ? PortEventKind.InputLate : PortEventKind.InputClosed, closed.Id, Reason: closed.Reason),
            InputRecoveredEvent recovered => new PortEvent(PortEventKind.InputRecovered, recovered.Id),
            NodeRestartedEvent restarted => new PortEvent(PortEventKind.NodeRestarted, restarted.NodeId),
            NodeFailedEvent failed => new PortEvent(PortEventKind.NodeFailed, failed.SourceNodeId, null, failed.Error, failed.AffectedInputIds),
            StopEvent { Cause: StopCause.AllInputsClosed } => new PortEvent(PortEventKind.Finish),
            StopEvent stop => new PortEvent(PortEventKind.Stop, Reason: stop.Cause == StopCause.DaemonLost ? "the daemon is gone" : "the dataflow was stopped"),
            ReloadEvent reload => new PortEvent(PortEventKind.Reload, reload.OperatorId ?? "", Reason: reload.Source ?? ""),
            ErrorEvent error => Logged(error),
            _ => new PortEvent(PortEventKind.None),
        };
    }

    public void Wake()
    {
        Volatile.Read(ref _wake).Cancel();
        node.Wake();
    }

    public void SetPaused(string inputId, bool isPaused) => node.SetPaused(inputId, isPaused);

    public IPortOutput GetOutput(string outputId) => new NodePortOutput(node.GetOutput(outputId));

    public void Report(OperatorReport report) => node.Report(report);

    public void ReportJoin(JoinReport report) => node.Report(report);

    public void NoteRunning(int number, int thread) => node.NoteRunning(number, thread);

    public void Log(LogLevel level, string operatorId, string message) => node.Log(
        level switch
        {
            LogLevel.Error => NodeLogLevel.Error,
            LogLevel.Warn => NodeLogLevel.Warn,
            LogLevel.Debug => NodeLogLevel.Debug,
            LogLevel.Trace => NodeLogLevel.Trace,
            _ => NodeLogLevel.Info,
        },
        message,
        operatorId);

    public void Dispose() => _wake.Dispose();

    public ulong NowNs() => node.Timestamp();

    private PortEvent Logged(ErrorEvent error)
    {
        node.LogWarn(error.Message);
        return new PortEvent(PortEventKind.None);
    }
}
