// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Runtime.Outputs;
using Dora.Runtime.Scheduling;
using Dora.Runtime.State;
using Dora.Runtime.Threads;
using Dora.Runtime.Timing;

namespace Dora.Runtime.Mailbox;

/// <summary>An operator's place in the runtime, which its instances come and go in: what it is to be told, and what it waits for.</summary>
/// <remarks>Scheduler thread only; continuations that arrive on other threads pass through the scheduler first.</remarks>
internal sealed class OperatorCell(string id, IOperatorFactory factory, RestartBudget budget)
{
    private readonly Queue<ControlEvent> _control = new();
    private readonly Queue<PostedCallback> _posted = new();
    private readonly Queue<OperatorInput> _arrivals = new(); // one entry per queued message: inputs in the order of arrival
    private readonly List<OperatorInput> _closing = [];      // closed, and the operator does not know yet

    public string Id { get; } = id;

    /// <summary>Its place in the node's configuration, from 1.</summary>
    public int Number { get; init; }

    public IOperatorFactory Factory { get; } = factory;
    public RestartBudget Budget { get; } = budget;

    /// <summary>0 to 99, the highest first.</summary>
    public int Priority { get; init; }

    /// <summary>How many operators of the runtime a message passes after this one, at most.</summary>
    public int DistanceToSink { get; set; }

    /// <summary>Name of the thread that it runs on; empty: the one of all that name none.</summary>
    public string Thread { get; init; } = "";

    /// <summary>Its thread's loop; null where all operators share one.</summary>
    public LoopPort? Loop { get; set; }

    /// <summary>Null for an operator with neither deadline nor budget.</summary>
    public OperatorTiming? Timing { get; init; }

    /// <summary>Null for an operator that gets its inputs singly.</summary>
    public OperatorJoin? Join { get; init; }

    /// <summary>Whether the last message that it handled was a set, so that a single one comes next.</summary>
    public bool WasSetLast { get; set; }

    public List<OperatorInput> Inputs { get; } = [];
    public Dictionary<string, OutputRoute> Outputs { get; } = [];

    /// <summary>What it keeps beyond its instances; null: nothing.</summary>
    public CellState? State { get; init; }

    /// <summary>Messages to other nodes that found no room yet.</summary>
    public Outbox Outbox { get; } = new();

    /// <summary>The instance that gets events; null before the start and after the end.</summary>
    public Incarnation? Current { get; set; }

    public int Restarts { get; set; }

    /// <summary>Whether it has ended: gets no more events, takes no more messages.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Whether it is in the ready queue.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Its place among those that wait for room; null when it doesn't.</summary>
    public LinkedListNode<OperatorCell>? Waiting { get; set; }

    /// <summary>Lossless queues of siblings that it filled.</summary>
    public int FullOutputs { get; set; }

    /// <summary>Whether back pressure keeps it from handling messages. Control events and continuations still come through.</summary>
    public bool IsHeldBack => FullOutputs > 0 || !Outbox.IsEmpty;

    /// <summary>Whether there is something that back pressure does not hold.</summary>
    public bool HasUrgentWork => _control.Count > 0 || _posted.Count > 0;

    /// <summary>Whether there is anything to do at all.</summary>
    public bool HasWork => HasUrgentWork || _arrivals.Count > 0 || HasCloseDue || Join is { MayHaveSet: true } || State is { Redelivery: not null };

    private bool HasCloseDue
    {
        get
        {
            foreach (var input in _closing)
            {
                if (input.IsCloseDue)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Whether every input is over and the operator knows it. Never so for one without inputs.</summary>
    public bool AreAllInputsClosed => Inputs.Count > 0 && Inputs.TrueForAll(input => input.IsCloseDelivered);

    public void AddControl(OperatorEventKind kind, string id = "", string reason = "") => _control.Enqueue(new(kind, id, reason));

    public void AddPosted(in PostedCallback callback) => _posted.Enqueue(callback);

    /// <summary>Takes over one reference to <paramref name="sample"/>.</summary>
    public void AddMessage(OperatorInput input, OperatorSample sample)
    {
        if (input.Enqueue(sample))
        {
            _arrivals.Enqueue(input);
        }
    }

    /// <summary>A message that an operator of another loop has put in the queue of one of its inputs.</summary>
    public void AddArrival(OperatorInput input) => _arrivals.Enqueue(input);

    public void AddClose(OperatorInput input, string reason)
    {
        input.Close(reason);
        if (!input.IsCloseDelivered && !_closing.Contains(input))
        {
            _closing.Add(input);
        }
    }

    public bool TryTakePosted(out PostedCallback callback) => _posted.TryDequeue(out callback);

    public bool TryTakeControl(out ControlEvent control) => _control.TryDequeue(out control);

    /// <summary>Where the message that arrived first lies; null: there is none.</summary>
    public OperatorInput? PeekInput() => _arrivals.TryPeek(out var input) ? input : null;

    /// <summary>The message that arrived first, with its reference; whether the operator gets it is for the caller to decide, and to note on the input.</summary>
    public bool TryTakeMessage(out OperatorInput input, out QueuedSample message)
    {
        while (_arrivals.TryDequeue(out input!))
        {
            if (input.TryDequeue(out message)) // not so where a queue was emptied between two loops' turns
            {
                return true;
            }
        }

        message = default;
        return false;
    }

    /// <summary>What decides about its turn, as things stand.</summary>
    public Urgency Urgency() => new(
        Priority,
        Timing is { HasDeadline: true } timing ? Math.Min(MessageDeadline(timing), SetDeadline(timing)) : long.MaxValue,
        DistanceToSink);

    private long MessageDeadline(OperatorTiming timing) => PeekInput() is { } next ? timing.DeadlineOf(next.OldestStartNs) : long.MaxValue;

    private long SetDeadline(OperatorTiming timing) => Join is { MayHaveSet: true } join ? timing.DeadlineOf(join.NewsSinceNs) : long.MaxValue;

    /// <summary>An input that is over and drained, to be told once.</summary>
    public bool TryTakeClose(out OperatorInput input)
    {
        var index = _closing.FindIndex(candidate => candidate.IsCloseDue);
        input = index < 0 ? null! : _closing[index];
        if (index < 0)
        {
            return false;
        }

        _closing.RemoveAt(index);
        input.IsCloseDelivered = true;
        return true;
    }

    /// <summary>Forgets everything that it was still to be told.</summary>
    public void ClearWork()
    {
        _control.Clear();
        _posted.Clear();
        _arrivals.Clear();
        _closing.Clear();
        Join?.Clear();
        foreach (var input in Inputs)
        {
            input.Clear();
        }
    }
}
