// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using Dora.Platform.Synchronization;
using Dora.Protocol.Messages;
using Dora.Runtime.Port;

namespace Dora.Runtime.Threads;

/// <summary>The node as one of several loops sees it: what the pump received for its operators, and what operators of other loops hand over.</summary>
/// <remarks>
/// <para>Bounded by what it carries: one message a node input, one event a message in a sibling's queue, and control events.</para>
/// <para>Threads: <see cref="Post"/> and <see cref="Wake"/> any; what says so in <see cref="INodePort"/> too; all else the loop's.</para>
/// </remarks>
internal sealed class LoopPort(LoopGroup group, INodePort node, int index) : INodePort, IDisposable
{
    private readonly ConcurrentQueue<PortEvent> _inbox = new(); // of each sender in its order
    private readonly WakeEvent _news = new();
    private int _isWoken; // set by Wake, taken by Receive

    public NodeConfig Config => node.Config;

    /// <summary>Gives the loop an event, with everything that belongs to it.</summary>
    public void Post(in PortEvent e)
    {
        group.NoteBegun(); // before it can be taken
        _inbox.Enqueue(e);
        _news.Set();
    }

    public PortEvent Receive(TimeSpan timeout)
    {
        if (TryTake(out var e) || timeout == TimeSpan.Zero)
        {
            return e;
        }

        if (timeout > TimeSpan.Zero)
        {
            _news.Wait(timeout); // has something to do then, so it is not idle
            TryTake(out e);
            return e;
        }

        return ReceiveIdle(timeout);
    }

    public PortEvent ReceiveIdle(TimeSpan timeout)
    {
        if (TryTake(out var e) || timeout == TimeSpan.Zero)
        {
            return e;
        }

        group.NoteEnded(); // this loop's own
        while (_inbox.IsEmpty && Volatile.Read(ref _isWoken) == 0)
        {
            _news.Wait(timeout);
            if (timeout > TimeSpan.Zero)
            {
                break;
            }
        }

        group.NoteBegun();
        Volatile.Write(ref _isWoken, 0);
        TryTake(out e);
        return e;
    }

    public void Wake()
    {
        Volatile.Write(ref _isWoken, 1);
        _news.Set();
    }

    public void SetPaused(string inputId, bool isPaused)
    {
        if (!isPaused) // the pump has paused it when it took the message
        {
            group.Resume(inputId);
        }
    }

    public IPortOutput GetOutput(string outputId) => throw new InvalidOperationException("Outputs are connected before there are loops.");

    public void Report(OperatorReport report) => node.Report(report);

    public void ReportJoin(JoinReport report) => node.ReportJoin(report);

    public void NoteRunning(int number, int thread = 0) => node.NoteRunning(number, index);

    public void Log(LogLevel level, string operatorId, string message) => node.Log(level, operatorId, message);

    public ulong NowNs() => node.NowNs();

    public void Dispose() => _news.Dispose();

    private bool TryTake(out PortEvent e)
    {
        if (!_inbox.TryDequeue(out e))
        {
            return false;
        }

        group.NoteEnded(); // the event's; the loop itself counts as long as it handles it
        return true;
    }
}
