// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using Dora.Operators;
using Dora.Protocol.Messages;
using Dora.Runtime.Mailbox;
using Dora.Runtime.Port;
using Dora.Runtime.Samples;
using Dora.Runtime.Threads;
using Dora.Runtime.Timing;

namespace Dora.Runtime.Scheduling;

/// <summary>Runs the operators of one runtime node: one thread, one event at a time, everybody in turn.</summary>
/// <remarks>
/// <para>Where operators name threads there is one of these for each thread, and <see cref="ThreadedRuntime"/> around them.</para>
/// <para>Order of work: continuations that arrived, what the node received, one turn of the operator that has waited longest. When nobody
/// is ready: messages that found no room, a circle of operators that wait for each other, the end, and then a wait.</para>
/// <para>Back pressure never blocks this thread. An operator with a full lossless receiver is held back while all others go on.</para>
/// <para>Start: all programs loaded, all instances made, wired. Stop: each operator gets Stop, is disposed, its outputs close.</para>
/// <para>Threads: everything here belongs to the thread in <see cref="Run"/>, except <see cref="Post"/>.</para>
/// </remarks>
internal sealed partial class OperatorScheduler
{
    /// <summary>Turns between two looks at what the node received: looking costs more than a short turn, yet stop must be seen soon.</summary>
    private const int TurnsPerPoll = 16;

    /// <summary>The same where operators have priorities or deadlines, in time: a message for the most urgent waits for one turn, or for that long.</summary>
    private const long OrderedPollNs = 50_000;

    /// <summary>Events taken from the node at a time, so that a flood of them does not keep operators from running.</summary>
    private const int EventsPerPoll = 64;

    /// <summary>How soon a message that found no room in another process is tried again: nothing announces room there.</summary>
    private static readonly TimeSpan RetryUnsent = TimeSpan.FromMilliseconds(1);

    private readonly INodePort _port;
    private readonly IReadyQueue _ready;
    private readonly HeldBackOperators _heldBack = new();
    private readonly List<OperatorCell> _cells;
    private readonly Dictionary<string, OperatorInput> _nodeInputs; // by "operator/input"
    private readonly List<OperatorCell> _unsent = [];               // cells whose outbox is not empty
    private readonly List<OperatorCell> _closing = [];              // ended, but with messages still to be sent
    private readonly List<string> _failed = [];
    private readonly ConcurrentQueue<PostedCallback> _posted = new(); // any thread adds
    private readonly Lock _wakeLock = new(); // held while the port is woken, so that it cannot end meanwhile; guards _hasEnded
    private readonly RuntimeClock _clock;
    private readonly WatchSlot _watched = new();
    private BudgetWatchdog? _watchdog; // null: no operator has a budget
    private bool _hasEnded;
    private int _threadId;
    private Incarnation? _inTurn;
    private int _alive;
    private int _turnsSincePoll;
    private long _lastPollNs; // of an order only
    private bool _hasResumed; // since the last poll a message of another node was taken: the next one may be there, and be more urgent than all others
    private bool _isFinishing; // the node's inputs are over: what is in the queues is all there will be
    private bool _isStopping;  // no restarts any more
    private bool _portEnded;

    public OperatorScheduler(INodePort port, IReadyQueue ready, RuntimeWiring wiring)
        : this(port, ready, wiring, [.. wiring.Cells])
    {
    }

    /// <summary>For some of the operators, whose events alone come from the port.</summary>
    public OperatorScheduler(INodePort port, IReadyQueue ready, RuntimeWiring wiring, List<OperatorCell> cells)
    {
        _port = port;
        _ready = ready;
        _cells = cells;
        _nodeInputs = cells.SelectMany(c => c.Inputs).Where(i => i.NodeInputId is not null).ToDictionary(i => i.NodeInputId!);
        _clock = wiring.Clock;
        _timedJoins = [.. _cells.Where(c => c.Join is { IsTimed: true })];
        Samples = new SamplePool(port.NowNs);
    }

    /// <summary>Memory for what operators send each other.</summary>
    public SamplePool Samples { get; }

    /// <summary>Set when every operator of a loop has ended.</summary>
    public ManualResetEventSlim AllEnded { get; } = new();

    /// <summary>Runs until every operator has ended.</summary>
    /// <exception cref="OperatorLoadException">An operator's first instance could not be made; those made before were disposed.</exception>
    public RuntimeResult Run()
    {
        Start();
        return RunStarted(null);
    }

    /// <summary>The same as one loop of several, after <see cref="Start"/> on the same thread: returns when the operators of all have ended.</summary>
    public RuntimeResult RunLoop(LoopGroup group) => RunStarted(group);

    private RuntimeResult RunStarted(LoopGroup? group)
    {
        try
        {
            _watchdog = BudgetWatchdog.Start(_port, _clock, _cells.Select(c => c.Timing), [_watched]);
            RunUntilAllEnded();
            if (group is not null)
            {
                group.NoteLoopEnded();
                AllEnded.Set();
                GiveBackUntilAllEnded(group);
            }
        }
        finally
        {
            _watchdog?.Dispose();
            lock (_wakeLock)
            {
                _hasEnded = true;
            }
        }

        return new RuntimeResult(_failed, _cells.Sum(c => c.Restarts));
    }

    // Other loops may still hand messages to operators that have ended: a lossless sender must not wait for ever, and memory goes back.
    private void GiveBackUntilAllEnded(LoopGroup group)
    {
        while (!group.HaveAllEnded)
        {
            Dispatch(_port.Receive(Timeout.InfiniteTimeSpan));
        }

        while (_port.Receive(TimeSpan.Zero) is { Kind: not PortEventKind.None } rest)
        {
            Dispatch(rest);
        }
    }

    public ulong NowNs() => _port.NowNs();

    /// <summary>Writes what an operator logs. Threads: any.</summary>
    public void Log(OperatorCell cell, LogLevel level, string message) => _port.Log(level, cell.Id, message);

    /// <summary>Whether the calling code runs as a turn of this instance. Any thread may ask.</summary>
    public bool IsInTurnOf(Incarnation incarnation) =>
        Environment.CurrentManagedThreadId == _threadId && ReferenceEquals(_inTurn, incarnation) && incarnation.IsCurrent;

    /// <summary>Takes the rest of an asynchronous method. Any thread.</summary>
    public void Post(in PostedCallback callback)
    {
        _posted.Enqueue(callback);
        if (Environment.CurrentManagedThreadId == _threadId)
        {
            return; // the loop looks before it waits
        }

        lock (_wakeLock)
        {
            if (!_hasEnded)
            {
                _port.Wake();
            }
        }
    }

    /// <summary>Gives a message, with one reference to it, to a sibling.</summary>
    public void Deliver(OperatorInput input, OperatorSample sample)
    {
        if (input.IsShared)
        {
            HandOver(input, sample);
            return;
        }

        var wasFull = input.IsFull;
        input.Owner.AddMessage(input, sample);
        if (!wasFull && input.IsFull)
        {
            input.Producer!.FullOutputs++;
            input.HoldsSender = input.JoinPlace >= 0;
        }

        Schedule(input.Owner);
    }

    private static void HandOver(OperatorInput input, OperatorSample sample)
    {
        var isNew = input.HandOver(sample, out var hasFilled);
        if (hasFilled)
        {
            input.Producer!.FullOutputs++;
        }

        if (isNew)
        {
            input.Owner.Loop!.Post(new PortEvent(PortEventKind.Handed, Sibling: input));
        }
    }

    /// <summary>Remembers to send what is about to be put in the outbox of <paramref name="cell"/>.</summary>
    public void NoteUnsent(OperatorCell cell)
    {
        if (cell.Outbox.IsEmpty)
        {
            _unsent.Add(cell);
        }
    }

    private void RunUntilAllEnded()
    {
        while (_alive > 0 || _closing.Count > 0)
        {
            TakePosted();
            if (_ready.IsEmpty || ++_turnsSincePoll >= TurnsPerPoll || (_ready.HasOrder && IsPollDue()))
            {
                _turnsSincePoll = 0;
                TickJoins();
                FlushUnsent();
                Poll();
            }

            if (_ready.TryDequeue(out var cell))
            {
                cell.IsQueued = false;
                RunTurn(cell, inSpiteOfBackPressure: false);
            }
            else if (_heldBack.TryTakeFromCycle(out cell))
            {
                RunTurn(cell, inSpiteOfBackPressure: true);
            }
            else
            {
                FinishOrWait();
            }
        }
    }

    // Where somebody who comes later may go first, a long turn is followed by a look, and so are many short ones.
    private bool IsPollDue()
    {
        var now = _clock.NowNs();
        if (now - _lastPollNs < OrderedPollNs && !_hasResumed)
        {
            return false;
        }

        (_lastPollNs, _hasResumed) = (now, false);
        return true;
    }

    /// <summary>Makes every operator's first instance. The thread that calls is the one that runs them.</summary>
    /// <exception cref="OperatorLoadException">One could not be made; those made before were disposed.</exception>
    public void Start()
    {
        _threadId = Environment.CurrentManagedThreadId;
        var starting = "";
        try
        {
            foreach (var cell in _cells)
            {
                starting = cell.Id;
                cell.Current = NewIncarnation(cell, null);
                _alive++;
                Report(cell, OperatorState.Started, "");
            }

            StartWithState(ref starting);
        }
        catch (Exception e)
        {
            Abandon();
            throw new OperatorLoadException(starting, $"cannot be started: {e.Message}", e);
        }
    }

    /// <summary>Disposes what <see cref="Start"/> has made, which will not run.</summary>
    public void Abandon()
    {
        foreach (var started in _cells.Where(c => c.Current is not null))
        {
            DisposeInstance(started);
        }
    }

    // Makes an operator ready if it has something to do and nothing holds it back.
    private void Schedule(OperatorCell cell)
    {
        if (cell.HasEnded || cell.IsQueued || !cell.HasWork)
        {
            return;
        }

        if (cell.IsHeldBack && !cell.HasUrgentWork)
        {
            _heldBack.Add(cell);
            return;
        }

        _heldBack.Remove(cell);
        cell.IsQueued = true;
        _ready.Enqueue(cell);
    }

    // An input has one message less: its sender may go on.
    private void NoteRoom(OperatorInput input, bool wasFull)
    {
        if (wasFull && !input.IsShared && !input.IsFull && input.Producer is { } producer)
        {
            producer.FullOutputs--;
            Schedule(producer);
        }
    }

    private void TakePosted()
    {
        while (_posted.TryDequeue(out var callback))
        {
            var cell = callback.Incarnation.Cell;
            if (callback.Incarnation.IsCurrent)
            {
                cell.AddPosted(callback);
                Schedule(cell);
            }
            else
            {
                RunLeftover(callback);
            }
        }
    }

    private void FlushUnsent()
    {
        for (var i = _unsent.Count - 1; i >= 0; i--)
        {
            var cell = _unsent[i];
            cell.Outbox.Flush();
            if (!cell.Outbox.IsEmpty)
            {
                continue;
            }

            _unsent.RemoveAt(i);
            if (_closing.Remove(cell))
            {
                CloseOutputs(cell);
            }

            Schedule(cell);
        }
    }

    private void FinishOrWait()
    {
        // The node ends as soon as its inputs are over. What operators have received by then they still handle, and what they send still goes out.
        if (_portEnded ? !_isFinishing || _unsent.Count == 0 : _isFinishing && _unsent.Count == 0 && _posted.IsEmpty)
        {
            EndAll(_isFinishing ? "all inputs are closed" : "the node's connection is gone");
            return;
        }

        if (_portEnded)
        {
            Thread.Sleep(RetryUnsent); // nothing comes from there any more, and it would not wait
            return;
        }

        // A join's time-out is nothing that an end waits for, a message that found no room is.
        Dispatch(_unsent.Count > 0 ? _port.Receive(UntilJoin(RetryUnsent)) : _port.ReceiveIdle(UntilJoin(Timeout.InfiniteTimeSpan)));
    }
}
