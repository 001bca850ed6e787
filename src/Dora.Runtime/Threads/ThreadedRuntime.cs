// SPDX-License-Identifier: Apache-2.0

using System.Runtime.ExceptionServices;
using Dora.Protocol.Messages;
using Dora.Runtime.Port;
using Dora.Runtime.Scheduling;

namespace Dora.Runtime.Threads;

/// <summary>Runs the operators of a node on several threads: a loop for each thread that the descriptor names, one for all other operators.</summary>
/// <remarks>
/// <para>The calling thread is the pump: it receives for the node and hands each event to the loop of the operator that it is for. It runs no
/// operator, so that a message for an urgent thread never waits for another's turn.</para>
/// <para>Start: each loop's thread takes its policy and makes its operators; if one cannot, none runs. Stop: the pump tells every loop; a loop whose
/// operators have ended goes on taking, and giving back, what others still hand over; once all have ended they return.</para>
/// </remarks>
internal sealed class ThreadedRuntime : IDisposable
{
    private readonly INodePort _node;
    private readonly RuntimeWiring _wiring;
    private readonly LoopGroup _group;
    private readonly List<Loop> _loops = [];
    private bool _isFinishing;

    private ThreadedRuntime(INodePort node, RuntimeWiring wiring)
    {
        _node = node;
        _wiring = wiring;
        _group = new LoopGroup(node);
        foreach (var cells in wiring.Cells.GroupBy(cell => cell.Thread))
        {
            var port = new LoopPort(_group, node, _loops.Count);
            _loops.Add(new Loop(cells.Key, port, new OperatorScheduler(port, wiring.CreateReadyQueue(), wiring, [.. cells])));
            foreach (var cell in cells)
            {
                cell.Loop = port;
            }
        }

        foreach (var input in wiring.Cells.SelectMany(cell => cell.Inputs).Where(i => i.Producer is { } producer && producer.Loop != i.Owner.Loop))
        {
            input.Share();
        }
    }

    /// <summary>Runs until every operator has ended.</summary>
    /// <exception cref="OperatorLoadException">An operator could not be made, or a thread could not get what the descriptor requires for it.</exception>
    public static RuntimeResult Run(INodePort node, RuntimeWiring wiring)
    {
        using var runtime = new ThreadedRuntime(node, wiring);
        return runtime.Run();
    }

    public void Dispose()
    {
        _loops.ForEach(loop => loop.Port.Dispose());
        _group.Dispose();
    }

    private RuntimeResult Run()
    {
        _group.Begin(_loops.Count);
        using var made = new CountdownEvent(_loops.Count);
        using var go = new ManualResetEventSlim();
        foreach (var loop in _loops)
        {
            loop.Thread = new Thread(() => RunLoop(loop, made, go)) { IsBackground = true, Name = loop.Name.Length == 0 ? "dora-operators" : $"dora-{loop.Name}" };
            loop.Thread.Start();
        }

        made.Wait();
        var problem = FirstProblem() ?? PumpProblem();
        _loops.ForEach(loop => loop.MayRun = problem is null);
        go.Set();
        if (problem is null)
        {
            Pump();
        }

        foreach (var loop in _loops)
        {
            loop.Thread!.Join();
        }

        if ((problem ?? FirstProblem()) is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return new RuntimeResult([.. _loops.SelectMany(loop => loop.Result!.FailedOperators)], _loops.Sum(loop => loop.Result!.Restarts));
    }

    private Exception? FirstProblem() => _loops.Select(loop => loop.Problem).FirstOrDefault(p => p is not null);

    // After the loops' threads were started, which would inherit it.
    private OperatorLoadException? PumpProblem()
    {
        try
        {
            TakePolicy(StrongestPolicy());
            return null;
        }
        catch (OperatorLoadException e)
        {
            return e;
        }
    }

    private void RunLoop(Loop loop, CountdownEvent made, ManualResetEventSlim go)
    {
        try
        {
            if (ConfigOf(loop.Name) is { } config)
            {
                TakePolicy(config);
            }

            loop.Scheduler.Start();
        }
        catch (Exception e)
        {
            loop.Problem = e;
        }

        made.Signal();
        go.Wait();
        if (!loop.MayRun)
        {
            if (loop.Problem is null)
            {
                loop.Scheduler.Abandon();
            }

            return;
        }

        try
        {
            loop.Result = loop.Scheduler.RunLoop(_group);
        }
        catch (Exception e) // a bug of ours: the pump must not wait for this loop for ever
        {
            loop.Problem = e;
            Tell(new PortEvent(PortEventKind.Stop, Reason: $"thread '{loop.Name}' of the runtime failed"));
            _group.NoteLoopEnded();
            loop.Scheduler.AllEnded.Set();
        }
    }

    private void Pump()
    {
        var hasFinished = false;
        while (!_group.HaveAllEnded)
        {
            while (_group.TryTakeResumed(out var inputId))
            {
                _node.SetPaused(inputId, false);
            }

            if (_isFinishing && !hasFinished && _group.IsQuiet)
            {
                hasFinished = true;
                Tell(new PortEvent(PortEventKind.Finish));
            }

            Route(_node.Receive(Timeout.InfiniteTimeSpan));
        }

        _loops.ForEach(loop => loop.Port.Wake());
    }

    private void Route(in PortEvent e)
    {
        switch (e.Kind)
        {
            case PortEventKind.None:
                break;
            case PortEventKind.Finish:
                _isFinishing = true; // told once nothing goes on any more: what is in the queues is all there will be
                _group.BeginFinish();
                break;
            case PortEventKind.Input:
                _node.SetPaused(e.Id, true);
                ToOwner(e);
                break;
            case PortEventKind.InputClosed or PortEventKind.InputLate or PortEventKind.InputRecovered:
                ToOwner(e);
                break;
            case PortEventKind.Ended:
                End(e);
                break;
            default:
                Tell(e);
                break;
        }
    }

    // Nothing will come from the node any more, and it would say so again and again.
    private void End(in PortEvent ended)
    {
        if (_isFinishing)
        {
            _group.WaitUntilQuiet();
            Tell(new PortEvent(PortEventKind.Finish));
        }
        else
        {
            Tell(ended);
        }

        foreach (var loop in _loops)
        {
            loop.Scheduler.AllEnded.Wait();
        }
    }

    private void ToOwner(in PortEvent e)
    {
        if (_wiring.NodeInputs.TryGetValue(e.Id, out var input))
        {
            input.Owner.Loop!.Post(e);
        }
        else
        {
            e.Sample?.Release();
        }
    }

    private void Tell(in PortEvent e)
    {
        foreach (var loop in _loops)
        {
            loop.Port.Post(e);
        }
    }

    private ThreadConfig? ConfigOf(string name) => _node.Config.Threads.FirstOrDefault(t => t.Name == name);

    // The pump stands before the most urgent thread in each message's way.
    private ThreadConfig? StrongestPolicy()
    {
        var realTime = _node.Config.Threads.Where(t => t.Policy is SchedulingPolicy.Fifo or SchedulingPolicy.Rr or SchedulingPolicy.Deadline).ToArray();
        return realTime.Length == 0
            ? null
            : new ThreadConfig { Name = "", Policy = SchedulingPolicy.Fifo, RtPriority = Math.Max(1, realTime.Max(t => t.RtPriority)) };
    }

    private void TakePolicy(ThreadConfig? config)
    {
        if (config is null || ThreadSettings.TryApply(config, out var problem))
        {
            return;
        }

        var who = config.Name.Length == 0 ? "the thread that receives messages" : $"thread '{config.Name}'";
        if (_node.Config.RealtimeRequired)
        {
            throw new OperatorLoadException(
                _wiring.Cells.FirstOrDefault(cell => cell.Thread == config.Name)?.Id ?? "", $"{who} cannot be scheduled as 'realtime: require' demands: {problem}");
        }

        _node.Log(LogLevel.Warn, "", $"{who} runs without its scheduling: {problem}; 'realtime: require' would make this an error");
    }

    private sealed class Loop(string name, LoopPort port, OperatorScheduler scheduler)
    {
        public string Name => name;
        public LoopPort Port => port;
        public OperatorScheduler Scheduler => scheduler;
        public Thread? Thread { get; set; }
        public Exception? Problem { get; set; }
        public bool MayRun { get; set; }
        public RuntimeResult? Result { get; set; }
    }
}
